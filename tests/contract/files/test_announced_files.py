"""The contract of `FileTable` for announced files, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.records.merge import Stamp
from weft.server.storage.metadata import Announced, FileRow, MetadataStore, NewRun, RunRow

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = MetadataStore(url)
    yield store
    store.close()


def make_run(store: MetadataStore, run: str, project: str = "mnist") -> RunRow:
    with store.write() as tx:
        project_id = store.projects.make(tx, "local", project, 1)
        new = NewRun(run, "calm-river-1", "running", 10, 10, 10, color=1, host="box")
        return store.runs.create(tx, "local", project, project_id, [new])[run]


def awaited(path: str, sha256: str, micros: int = 1, writer: str = "w", at: int = 0) -> FileRow:
    return FileRow(path, sha256, 5, "image/png", 7, Stamp(micros, writer, at), "awaited")


def announce(store: MetadataStore, run: RunRow, rows: Sequence[FileRow]) -> Announced:
    with store.write() as tx:
        store.runs.get_by_id(tx, run.row_id, for_update=True)
        return store.files.announce(tx, run.project_id, run.row_id, rows, is_new=False)


def states(store: MetadataStore, run: RunRow) -> dict[str, tuple[str, str]]:
    with store.read() as tx:
        return {
            row.path: (row.state, row.sha256)
            for row in store.files.page(tx, run.row_id, "", None, 100)
        }


def store_content(store: MetadataStore, run: RunRow, sha256: str) -> list[tuple[str, str]]:
    with store.write() as tx:
        files = store.contents.awaited(tx, run.project_id, [sha256])
        store.contents.note_stored(tx, files, 9)
    return [(file.run, file.path) for file in files]


def test_a_path_of_a_file_and_of_a_folder_is_found(store: MetadataStore) -> None:
    run, other = make_run(store, "run1"), make_run(store, "run2")
    announce(store, other, [awaited("a/b", A)])
    for paths, clash in [
        (["a", "a-b", "ab/c", "media/x", "media/x/y"], None),
        (["é/é/x", "é/é/y"], None),
        (["é/é"], "é/é"),
        (["a/b"], "a"),
    ]:
        announce(store, run, [awaited(path, A) for path in paths])
        with store.read() as tx:
            assert store.files.file_and_folder(tx, run.row_id) == clash


def test_files_of_several_runs_are_found_at_once(store: MetadataStore) -> None:
    run1, run2, other = (
        make_run(store, "run1"), make_run(store, "run2"), make_run(store, "run1", "cifar"),
    )  # fmt: skip
    for run in (run1, run2, other):
        announce(store, run, [awaited("x", A), awaited("é 1", B)])
    store_content(store, run1, A)
    paths = {run1.row_id: ["x", "é 1"], run2.row_id: ["x", "never"], 10**6: ["x"]}
    with store.read() as tx:
        rows = store.files.find_file(tx, paths)
        assert store.files.find_file(tx, {run1.row_id: []}) == []
    assert {(run, row.path): row.state for run, row in rows} == {
        (run1.row_id, "x"): "stored",
        (run1.row_id, "é 1"): "awaited",
        (run2.row_id, "x"): "stored",
    }


def test_an_announced_file_is_awaited_until_its_content_is_stored(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    assert announce(store, run, [awaited("x", A), awaited("y", A), awaited("z", B)]) == Announced(
        [], 3
    )
    with store.read() as tx:
        assert store.contents.n_lacking(tx, run.row_id, "w") == 3
        assert store.contents.n_lacking(tx, run.row_id, "other") == 0
        first = store.contents.lacking(tx, run.row_id, "w", None, 2)
        assert [row.path for row in first] == ["x", "y"]
        assert [row.path for row in store.contents.lacking(tx, run.row_id, "w", "y", 2)] == ["z"]
        assert store.contents.wanted(tx, [A, B]) == set()
        assert store.files.bytes_of_run(tx, run.row_id) == 0
    assert store_content(store, run, A) == [("run1", "x"), ("run1", "y")]
    assert states(store, run) == {"x": ("stored", A), "y": ("stored", A), "z": ("awaited", B)}
    with store.read() as tx:
        assert store.contents.n_lacking(tx, run.row_id, "w") == 1
        assert store.contents.wanted(tx, [A, B]) == {A}
        assert list(store.contents.all_blobs(tx)) == [(A, 5)]
        # the content of both files counts once
        assert store.files.bytes_of_runs(tx, run.project_id) == {run.row_id: 5}
        row = store.files.get(tx, run.row_id, "x")
    assert row is not None
    assert row.created_micros == 9
    assert store_content(store, run, A) == []


def test_a_content_of_the_project_is_stored_at_once_and_one_of_another_project_is_not(
    store: MetadataStore,
) -> None:
    run, sibling = make_run(store, "run1"), make_run(store, "run2")
    stranger = make_run(store, "run1", "secret")
    for target, sha256 in ((run, A), (stranger, B)):
        announce(store, target, [awaited("x", sha256)])
        store_content(store, target, sha256)
    assert announce(store, sibling, [awaited("p", A), awaited("q", B)]).n_awaited == 1
    assert states(store, sibling) == {"p": ("stored", A), "q": ("awaited", B)}
    with store.read() as tx:
        assert store.contents.awaited(tx, stranger.project_id, [B]) == []


def test_a_replaced_file_is_named_so_that_its_content_can_be_removed(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    announce(store, run, [awaited("x", A)])
    store_content(store, run, A)
    changed = announce(store, run, [awaited("x", B, micros=2)])
    assert [(row.path, row.sha256, row.state) for row in changed.replaced] == [("x", A, "stored")]
    with store.read() as tx:
        assert store.contents.wanted(tx, [A]) == set()


def test_an_older_announcement_does_not_bring_back_a_deleted_file(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    announce(store, run, [awaited("x", A)])
    with store.write() as tx:
        gone = FileRow("x", "", 0, "image/png", 7, Stamp(5, "web", 0), "deleted")
        store.files.put(tx, run.row_id, [gone])
    announce(store, run, [awaited("x", A, micros=4)])
    with store.read() as tx:
        assert store.files.count(tx, run.row_id, "") == 0
        assert store.files.page(tx, run.row_id, "", None, 9) == []
        assert store.contents.n_lacking(tx, run.row_id, "w") == 0
    announce(store, run, [awaited("x", A, micros=6)])
    assert states(store, run) == {"x": ("awaited", A)}


def test_a_failed_file_has_no_content_and_lacks_none(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    failed = FileRow("x", "", 0, "image/png", 7, Stamp(1, "w", 3), "failed", "no such file")
    assert announce(store, run, [failed]).n_awaited == 0
    with store.read() as tx:
        assert store.files.get(tx, run.row_id, "x") == failed
        assert store.contents.n_lacking(tx, run.row_id, "w") == 0
        assert list(store.contents.all_blobs(tx)) == []


ANNOUNCED = st.builds(
    awaited,
    st.sampled_from(["x", "y"]),
    st.sampled_from([A, B, C]),
    st.integers(1, 3),
    st.sampled_from(["v", "w", "_", "É"]),
    st.integers(0, 2),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ANNOUNCED, max_size=8, unique_by=lambda row: row.stamp), data=st.data())
def test_the_greatest_stamp_wins_in_whatever_order_announcements_arrive(
    store: MetadataStore, rows: list[FileRow], data: st.DataObject
) -> None:
    with store.write() as tx:
        for run_row in store.runs.get_many(tx, "local", "mnist", ["run1"]).values():
            for path in ("x", "y"):
                tx.connection.exec_driver_sql(
                    f"DELETE FROM run_file WHERE run_id = {run_row.row_id} AND path = '{path}'"
                )
    with store.read() as tx:
        run = store.runs.get(tx, "local", "mnist", "run1")
    run = run or make_run(store, "run1")
    for row in data.draw(st.permutations(rows)):
        announce(store, run, [row])
        announce(store, run, [row])
    winners = {row.path: row for row in sorted(rows, key=lambda row: row.stamp)}
    assert states(store, run) == {path: ("awaited", row.sha256) for path, row in winners.items()}
