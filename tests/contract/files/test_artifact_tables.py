"""The contract of the tables of artifacts, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from weft.records.files.artifacts import ArtifactPath
from weft.server.storage.metadata import (
    ArtifactChunkRow,
    ArtifactFileRow,
    AssemblyRow,
    Change,
    MetadataStore,
    NewRun,
    RunRow,
)

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = MetadataStore(url)
    yield store
    store.close()


def make_run(store: MetadataStore, run: str) -> RunRow:
    with store.write() as tx:
        project_id = store.projects.make(tx, "local", "mnist", 1)
        new = NewRun(run, "calm-river-1", "running", 10, 10, 10, color=1, host="box")
        return store.runs.create(tx, "local", "mnist", project_id, [new])[run]


def begin(store: MetadataStore, run: RunRow, folder: str) -> int:
    """Announce a version of `data` and add its files: two with contents, one kept elsewhere."""
    with store.write() as tx:
        data = store.collections.make(tx, run.project_id, "data", "dataset", 5)
        for _ in range(2):  # a log that is sent again announces it again
            store.artifacts.begin(tx, data.row_id, run.row_id, "w", folder, ["best"], 7)
        row = store.artifacts.by_folder(tx, run.row_id, folder)
        assert row is not None
        assert [
            artifact.row_id for artifact in store.artifacts.announced(tx, run.row_id, "w")
        ] == [row.row_id]
        assert store.contents.n_lacking(tx, run.row_id, "w") == 1
        rows = [
            ArtifactFileRow("é/x", A, 5, None, None, "awaited"),
            ArtifactFileRow("y", B, 6, None, None, "awaited"),
            ArtifactFileRow("z", "", 0, "s3://bucket/z", "etag", "reference"),
        ]
        store.artifact_files.add_files(tx, row.row_id, rows)
        store.artifacts.open(
            tx, row.row_id, digest=folder, description="", metadata="{}", tags=["t"],
            n_files=3, n_bytes=11, expires_micros=50,
        )  # fmt: skip
    return row.row_id


def finish(store: MetadataStore, run: RunRow, artifact_id: int) -> int:
    """Store the contents and the version; its number."""
    with store.write() as tx:
        awaited = store.contents.awaited(tx, run.project_id, [A, B])
        assert {file.artifact_id for file in awaited} == {artifact_id}
        store.contents.note_stored(tx, awaited, 9)
        assert not store.artifact_files.lacks_contents(tx, artifact_id)
        row = store.artifacts.by_id(tx, artifact_id, for_update=True)
        assert row is not None
        data = store.collections.get(tx, row.collection_id, for_update=True)
        version = store.collections.take_number(tx, data)
        store.artifacts.store(tx, artifact_id, version)
        store.collections.put_alias(tx, data.row_id, "latest", artifact_id)
        store.artifact_uses.note(tx, run.row_id, artifact_id, "log", 9)
        return version


def test_a_version_goes_from_its_announcement_to_its_deletion(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    first = begin(store, run, "artifacts/1")
    with store.read() as tx:
        lacked = store.contents.lacking(tx, run.row_id, "w", None, 10)
        assert [file.path for file in lacked] == ["artifacts/1/y", "artifacts/1/é/x"]
        rest = store.contents.lacking(tx, run.row_id, "w", ("artifacts/1/y", 0), 10)
        assert [file.path for file in rest] == ["artifacts/1/é/x"]
        assert store.contents.n_lacking(tx, run.row_id, "w") == 2
        assert store.contents.wanted(tx, [A, B]) == set()
    assert finish(store, run, first) == 0
    second = begin(store, run, "artifacts/2")
    assert finish(store, run, second) == 1
    with store.read() as tx:
        assert store.contents.n_lacking(tx, run.row_id, "w") == 0
        assert store.contents.wanted(tx, [A, B]) == {A, B}
        assert list(store.contents.all_blobs(tx)) == [(A, 5), (B, 6)]
        owners = store.contents.owners(tx, A)
        assert [(owner.name, owner.path) for owner in owners] == [
            ("data:v0", "é/x"),
            ("data:v1", "é/x"),
        ]
        assert store.contents.stored_in(tx, run.project_id, [A, "c" * 64]) == {A}
        data = store.collections.find_collection(tx, run.project_id, "data")
        assert data is not None
        newest = store.artifacts.newest(tx, data.row_id)
        assert newest is not None
        assert (newest.version, newest.aliases, newest.tags) == (1, ["latest"], ["t"])
        assert store.collections.aliases(tx, data.row_id) == {"latest": 1}
        version = store.artifacts.find_version(tx, "local", "mnist", "data", "v0")
        assert version is not None
        assert version.row_id == first
        files = store.artifact_files.directly_in(tx, first, "", None, 10)
        assert [file.path for file in files] == ["y", "z"]
        assert store.artifact_files.folders(tx, first, "", 10) == [("é", 1, 5)]
        assert store.artifacts.expired(tx, 60, 10) == [first, second]
        assert len(store.artifact_uses.of_runs(tx, [run.row_id])) == 2
        assert {node.version for node in store.artifact_uses.artifact_nodes(tx, [first])} == {0}
    with store.write() as tx:
        assert store.artifact_files.clear(tx, first) == {A, B}
        store.artifacts.note_deleted(tx, first)
        assert store.artifacts.counts(tx, [data.row_id]) == {data.row_id: 1}
        assert store.artifacts.by_version(tx, data.row_id, 0) is None
        assert store.contents.wanted(tx, [A, B]) == {A, B}
        assert store.collections.delete(tx, data.row_id) == {A, B}
        assert store.contents.wanted(tx, [A, B]) == set()


def test_the_chunks_of_a_file_are_awaited_stored_read_and_freed(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    artifact_id = begin(store, run, "artifacts/1")
    big = [
        ArtifactChunkRow("m", 0, C, 10, "awaited"),
        ArtifactChunkRow("m", 10, D, 4, "awaited"),
        ArtifactChunkRow("m", 14, C, 10, "awaited"),
    ]
    with store.write() as tx:
        files = [ArtifactFileRow("m", "e" * 64, 24, None, None, "chunked")]
        store.artifact_files.add_files(tx, artifact_id, files)
        for _ in range(2):  # a manifest is read again after a kill
            store.artifact_chunks.add_chunks(tx, artifact_id, big)
    with store.read() as tx:
        assert store.contents.n_lacking(tx, run.row_id, "w") == 5
        assert store.artifact_files.lacks_contents(tx, artifact_id)
        page = store.contents.lacking(tx, run.row_id, "w", None, 2)
        assert [chunk[:3] for chunk in page] == [("artifacts/1/m", 0, C), ("artifacts/1/m", 10, D)]
        page = store.contents.lacking(tx, run.row_id, "w", page[-1][:2], 2)
        assert [chunk[:2] for chunk in page] == [("artifacts/1/m", 14), ("artifacts/1/y", 0)]
    with store.write() as tx:
        awaited = store.contents.awaited(tx, run.project_id, [C])
        assert [(file.path, file.start, file.artifact_id) for file in awaited] == [
            ("m", 0, artifact_id),
            ("m", 14, artifact_id),
        ]
        store.contents.note_stored(tx, awaited, 9)
    with store.read() as tx:
        assert store.contents.n_lacking(tx, run.row_id, "w") == 3
        assert store.artifact_files.lacks_contents(tx, artifact_id)
        assert store.contents.stored_in(tx, run.project_id, [C, D, "e" * 64]) == {C}
        assert store.contents.wanted(tx, [C, D]) == {C}
        assert list(store.contents.all_blobs(tx)) == [(C, 10)]
        assert [owner.path for owner in store.contents.owners(tx, C)] == ["m"]
        parts = store.artifact_chunks.of_file(tx, artifact_id, "m", 10, 14)
        assert [part.start for part in parts] == [10]
        parts = store.artifact_chunks.of_file(tx, artifact_id, "m", 9, 15)
        assert [part.start for part in parts] == [0, 10, 14]
    with store.write() as tx:
        assert store.artifact_files.clear(tx, artifact_id) == {C}
        assert store.artifact_chunks.of_file(tx, artifact_id, "m") == []
        assert store.contents.wanted(tx, [C]) == set()


def test_what_a_run_has_begun_goes_with_it(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    begin(store, run, "artifacts/1")
    with store.write() as tx:
        store.contents.note_stored(tx, store.contents.awaited(tx, run.project_id, [A]), 9)
        assert store.artifacts.drop_begun(tx, [run.row_id]) == {A}
        assert store.artifacts.begun(tx, run.row_id) == []
        assert store.contents.n_lacking(tx, run.row_id, "w") == 0


def test_versions_of_parts_and_awaited_uses(store: MetadataStore) -> None:
    run = make_run(store, "run1")
    part, whole = (begin_plain(store, run, f"artifacts/{n}") for n in "12")
    with store.write() as tx:
        data = store.collections.find_collection(tx, run.project_id, "data")
        assert data is not None
        assemblies, collection = store.artifact_assemblies, data.row_id
        assert assemblies.of(tx, part) == AssemblyRow()
        for _ in range(2):
            assemblies.put(tx, part, collection, AssemblyRow("night", is_part=True))
        assemblies.put(tx, whole, collection, AssemblyRow("night", is_incremental=True))
        assert assemblies.of(tx, whole) == AssemblyRow("night", is_incremental=True)
        assert assemblies.parts(tx, collection, "night") == [part]
        assert assemblies.parts(tx, collection, "day") == []
        assert assemblies.waiting(tx, collection, "night") == [whole]
        store.artifacts.note_part(tx, part)
        assert assemblies.parts(tx, collection, "night") == [part]
        assert store.contents.n_lacking(tx, run.row_id, "w") == 0
        store.artifacts.resize(tx, whole, digest="d", n_files=7, n_bytes=8)
        row = store.artifacts.by_id(tx, whole)
        assert row is not None
        assert (row.digest, row.n_files, row.n_bytes) == ("d", 7, 8)
        assemblies.forget(tx, part)
        assert assemblies.parts(tx, collection, "night") == []
        version = store.artifacts.announced_at(tx, "local", "mnist", "data", "artifacts/2")
        assert version is not None
        assert version.row_id == whole
        assert store.artifacts.announced_at(tx, "local", "mnist", "data", "artifacts/3") is None
        path = ArtifactPath("local", "mnist", "data", "best")
        for folder in ("", "", "artifacts/2"):
            store.artifact_uses.await_version(tx, run.row_id, path, folder, 5)
        awaited = store.artifact_uses.awaited(tx, "local", "mnist", "data")
        assert {file.folder for file in awaited} == {"", "artifacts/2"}
        store.artifact_uses.note_found(tx, path, awaited[0])
        assert store.artifact_uses.awaited(tx, "local", "mnist", "data") == awaited[1:]


def begin_plain(store: MetadataStore, run: RunRow, folder: str) -> int:
    """Announce a version of `data` without files, and read its manifest."""
    with store.write() as tx:
        data = store.collections.make(tx, run.project_id, "data", "dataset", 5)
        store.artifacts.begin(tx, data.row_id, run.row_id, "w", folder, [], 7)
        row = store.artifacts.by_folder(tx, run.row_id, folder)
        assert row is not None
        store.artifacts.open(
            tx, row.row_id, digest=folder, description="", metadata="{}", tags=[],
            n_files=0, n_bytes=0, expires_micros=None,
        )  # fmt: skip
        return row.row_id


def test_names_of_what_runs_logged_and_used(store: MetadataStore) -> None:
    run, other = make_run(store, "run1"), make_run(store, "run2")
    artifact = begin(store, run, "artifacts/1")
    finish(store, run, artifact)
    with store.write() as tx:
        away = store.projects.make(tx, "local", "mnist two", 1)
        far = store.projects.make(tx, "lab", "mnist", 1)
        store.artifact_uses.note(tx, other.row_id, artifact, "use", 10)
        for project_id, version in ((away, 3), (far, 4)):
            data = store.collections.make(tx, project_id, "é", "dataset", 5)
            folder = f"artifacts/{version}"
            store.artifacts.begin(tx, data.row_id, run.row_id, "w", folder, [], 7)
            row = store.artifacts.by_folder(tx, run.row_id, folder)
            assert row is not None
            store.artifacts.store(tx, row.row_id, version)
            store.artifact_uses.note(tx, other.row_id, row.row_id, "use", 11)
        store.artifacts.begin(tx, data.row_id, run.row_id, "w", "artifacts/5", [], 7)
        assert ("artifacts", other.row_id) in tx.touched
    with store.read() as tx:
        uses, project_id = store.artifact_uses, run.project_id
        assert names(uses.versions_of_runs(tx, project_id, "log", None)) == [
            (run.row_id, "data:v0")
        ]
        used = uses.versions_of_runs(tx, project_id, "use", [run.row_id, other.row_id])
        assert sorted(names(used)) == [
            (other.row_id, "data:v0"),
            (other.row_id, "lab/mnist/é:v4"),
            (other.row_id, "mnist two/é:v3"),
        ]
        assert uses.versions_of_runs(tx, project_id, "use", [run.row_id]) == []
        announcing = store.artifacts.announcing(tx)
        assert announcing == [("local", "mnist", "run1", "w")]
    with store.write() as tx:
        store.collections.delete(tx, data.row_id)
        assert ("artifacts", other.row_id) in tx.touched
        store.artifacts.drop_logged(tx, [run.row_id])
        assert store.collections.find_collection(tx, run.project_id, "data") is None
        assert uses.versions_of_runs(tx, project_id, "use", None) == []


def names(versions: Iterable[Any]) -> list[tuple[int, str]]:
    return [(version.run_row_id, version.name) for version in versions]


def test_two_versions_are_compared_by_path(store: MetadataStore) -> None:
    run = make_run(store, "run1")

    def version(folder: str, rows: dict[str, tuple[str, str | None]]) -> int:
        with store.write() as tx:
            data = store.collections.make(tx, run.project_id, "data", "dataset", 5)
            store.artifacts.begin(tx, data.row_id, run.row_id, "w", folder, [], 7)
            row = store.artifacts.by_folder(tx, run.row_id, folder)
            assert row is not None
            files = [
                ArtifactFileRow(path, sha256, 1, f"s3://{path}" if tag else None, tag, "stored")
                for path, (sha256, tag) in rows.items()
            ]
            store.artifact_files.add_files(tx, row.row_id, files)
            return row.row_id

    older = version("1", {"a": (A, None), "B": (A, None), "é/x": ("", "t1"), "gone": (A, None)})
    two = version("2", {"a": (A, None), "B": (B, None), "é/x": ("", "t2"), "new%": (B, None)})
    table = store.artifact_files
    every: tuple[Change, ...] = ("added", "removed", "changed", "same")
    with store.read() as tx:

        def found(*changes: Change, search: str = "", after: str | None = None, limit: int = 9):
            rows = table.changes(
                tx, older, two, changes or every, search=search, after=after, limit=limit
            )
            return [(row.path, row.change) for row in rows]

        whole = [
            ("B", "changed"),
            ("a", "same"),
            ("gone", "removed"),
            ("new%", "added"),
            ("é/x", "changed"),
        ]
        assert found() == whole
        assert found(limit=2) == whole[:2]
        assert found(after="a", limit=2) == whole[2:4]
        assert found("changed", "removed") == [whole[0], whole[2], whole[4]]
        assert found(search="%") == [whole[3]]
        assert found("same", search="É") == []
        assert table.n_changes(tx, older, two, search="") == {
            "added": 1, "removed": 1, "changed": 2, "same": 1,
        }  # fmt: skip
        assert table.n_changes(tx, older, two, search="e")["removed"] == 1
        assert table.n_changes(tx, two, two, search="")["same"] == 4
        (row,) = table.changes(tx, older, two, ["removed"], search="", after=None, limit=9)
        assert (row.before and row.before.sha256, row.after) == (A, None)
