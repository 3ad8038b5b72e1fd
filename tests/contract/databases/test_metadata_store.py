"""The contract of `MetadataStore` (MD1 to MD13), on SQLite and on a real PostgreSQL.

`test_leases_on_databases` has MD14, `test_column_saves_on_databases` MD15.
"""

from __future__ import annotations

import math
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from server_forks import fork_module
from weft.errors import ConfigError, Gone, Unavailable
from weft.records.merge import Stamp
from weft.records.record import MetricDefinition
from weft.server.storage.contract import Source
from weft.server.storage.metadata import (
    PARTS,
    REMOVE,
    FieldChange,
    FileRow,
    KeptRecord,
    LoggedPut,
    MetadataStore,
    MetadataUnavailable,
    NewRun,
    Part,
    PendingMetrics,
    ProjectRow,
    Transaction,
    WriterRow,
)
from weft.server.storage.metadata.database import shared_changes


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'metadata.db'}"


@pytest.fixture
def store(url: str) -> Iterator[MetadataStore]:
    store = MetadataStore(url)
    yield store
    store.close()


def make_run(store: MetadataStore, run: str = "ab12cd34", project: str = "mnist") -> int:
    with store.write() as tx:
        project_id = store.projects.make(tx, "local", project, 1)
        new = NewRun(run, "calm-river-1", "running", 10, 10, 10, color=1, host="box")
        return store.runs.create(tx, "local", project, project_id, [new])[run].row_id


def put(store: MetadataStore, row_id: int, changes: dict[str, FieldChange]) -> bool:
    with store.write() as tx:
        store.runs.get_by_id(tx, row_id, for_update=True)
        return store.fields.put(tx, row_id, "config", changes)


def config(store: MetadataStore, row_id: int) -> dict[str, Any]:
    with store.read() as tx:
        return store.fields.read(tx, [row_id])[row_id]["config"]


def test_reopening_finds_everything(url: str) -> None:
    store = MetadataStore(url)
    make_run(store)
    store.close()
    again = MetadataStore(url)
    with again.read() as tx:
        assert again.runs.get(tx, "local", "mnist", "ab12cd34") is not None
    again.close()


@pytest.mark.parametrize("url", ["bogus", "sqlite://host:port/x", ""])
def test_what_is_no_address_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="must be an address"):
        MetadataStore(url)


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(ConfigError, match="mysql"):
        MetadataStore("mysql://localhost/weft")


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        MetadataStore(f"sqlite:///{tmp_path / 'missing' / 'metadata.db'}")


def test_MD1_nothing_is_seen_of_a_block_that_failed(store: MetadataStore) -> None:
    row_id = make_run(store)

    def fail() -> None:
        with store.write() as tx:
            store.fields.put(tx, row_id, "config", {"lr": FieldChange(0.1, Stamp(1, "w", 0))})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert config(store, row_id) == {}
    # The path's number was drawn in the block that failed and must not be remembered.
    assert put(store, row_id, {"lr": FieldChange(0.2, Stamp(1, "w", 0))})
    assert config(store, row_id) == {"lr": 0.2}


def test_MD1_a_commit_survives_a_kill_and_the_block_that_was_killed_does_not(
    url: str, tmp_path: Path
) -> None:
    script = tmp_path / "commits.py"
    script.write_text("""
import os, signal, sys
from weft.server.storage.metadata import MetadataStore, NewRun
store = MetadataStore(sys.argv[1])
for name in ("kept", "lost"):
    with store.write() as tx:
        project_id = store.projects.make(tx, "local", "p", 1)
        new = NewRun(name, name, "running", 1, 1, 1, color=1)
        store.runs.create(tx, "local", "p", project_id, [new])
        if name == "lost":
            os.kill(os.getpid(), signal.SIGKILL)
""")
    assert fork_module(script, url).wait(120) == -signal.SIGKILL
    store = MetadataStore(url)
    with store.read() as tx:
        assert store.runs.get_many(tx, "local", "p", ["kept", "lost"]).keys() == {"kept"}
    with store.write() as tx:
        # For a loss of power: the disk is waited for.
        if tx.dialect == "sqlite":
            assert tx.connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        else:
            assert tx.connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    store.close()


def test_MD2_writers_of_one_run_take_turns(store: MetadataStore) -> None:
    row_id = make_run(store)
    n_threads, n_rounds = 4, 15

    def count() -> None:
        for _ in range(n_rounds):
            with store.write() as tx:
                store.runs.get_by_id(tx, row_id, for_update=True)
                fields = store.fields.read(tx, [row_id])[row_id]["config"]
                value = fields.get("n", 0) + 1
                store.fields.put(
                    tx, row_id, "config", {"n": FieldChange(value, Stamp(value, "w", 0))}
                )

    threads = [threading.Thread(target=count) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert config(store, row_id) == {"n": n_threads * n_rounds}


def test_MD3_the_later_change_stays_in_any_order(store: MetadataStore) -> None:
    row_id = make_run(store)
    early, late = Stamp(1, "b", 7), Stamp(2, "a", 3)
    assert put(store, row_id, {"lr": FieldChange("late", late)})
    assert not put(store, row_id, {"lr": FieldChange("early", early)})
    assert not put(store, row_id, {"lr": FieldChange("late", late)})
    assert config(store, row_id) == {"lr": "late"}


def test_MD12_of_changes_at_one_time_the_writer_decides_by_code_point(
    store: MetadataStore,
) -> None:
    row_id = make_run(store)
    writers = ["a", "B", "Z", "_", "b", "é"]
    for writer in writers:
        change = FieldChange(writer, Stamp(1, writer, 0))
        put(store, row_id, {"lr": change})
        with store.write() as tx:
            store.fields.put_logged(tx, [LoggedPut(row_id, {"loss": change})])
    with store.read() as tx:
        fields = store.fields.read(tx, [row_id])[row_id]
    assert fields["config"] == {"lr": max(writers)}
    assert fields["logged"] == {"loss": max(writers)}


def test_MD12_pages_of_files_continue_by_code_point(store: MetadataStore) -> None:
    row_id = make_run(store)
    paths = ["a", "B", "_", "a b", "a-b", "aé", "é", "Z/1", "z"]
    with store.write() as tx:
        stamp = Stamp(1, "web", 0)
        rows = [FileRow(path, "0" * 64, 1, "text/plain", 1, stamp) for path in paths]
        store.files.put(tx, row_id, rows)
    pages: list[str] = []
    with store.read() as tx:
        while files := store.files.page(tx, row_id, "", pages[-1] if pages else None, 2):
            pages += [file.path for file in files]
    assert pages == sorted(paths)


def test_folders_have_what_is_below_them(store: MetadataStore) -> None:
    row_id, other = make_run(store), make_run(store, "ef56gh78")
    sizes = {"a": 1, "a/x": 2, "a/b/c": 4, "a/b/É d": 8, "a/%": 16, "ab/c": 32, "é/a/é": 64}
    with store.write() as tx:
        stamp = Stamp(1, "web", 0)
        rows = [FileRow(path, "0" * 64, size, "", 1, stamp) for path, size in sizes.items()]
        store.files.put(tx, row_id, [*rows, FileRow("gone/a", "", 0, "", 1, stamp, "deleted")])
        store.files.put(tx, other, [FileRow("a/other", "0" * 64, 1, "", 1, stamp)])
    with store.read() as tx:

        def below(folder: str) -> list[tuple[str, int, int]]:
            folders = store.files.folders(tx, row_id, folder, 10)
            return [(child.name, child.n_files, child.n_bytes) for child in folders]

        def directly(folder: str, after: str | None = None, limit: int = 10) -> list[str]:
            files = store.files.directly_in(tx, row_id, folder, after, limit)
            return [file.path for file in files]

        assert below("") == [("a", 4, 30), ("ab", 1, 32), ("é", 1, 64)]
        assert below("a/") == [("b", 2, 12)]
        assert below("é/") == [("a", 1, 64)]
        assert below("a/b/") == below("no/") == []
        assert store.files.totals(tx, row_id, "a/") == (4, 30)
        assert store.files.totals(tx, row_id, "no/") == (0, 0)
        assert store.files.folders(tx, row_id, "", 1)[0].name == "a"
        assert directly("") == ["a"]
        assert directly("a/") == ["a/%", "a/x"]
        assert directly("a/", after="a/%") == ["a/x"]
        assert directly("a/", limit=1) == ["a/%"]
        assert directly("a/b/") == ["a/b/c", "a/b/É d"]
        folders = store.files.page(tx, row_id, "a", None, 10, search="A/%")
        assert [file.path for file in folders] == ["a/%"]
        assert store.files.count(tx, row_id, "", "B/") == 3


PATHS = st.sampled_from(["a", "a.b", "a.b.c", "a.d", "e"])
CHANGES = st.lists(st.tuples(PATHS, st.booleans()), min_size=1, max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, data=st.data())
def test_MD3_the_order_of_arrival_does_not_matter(
    store: MetadataStore, changes: list[tuple[str, bool]], data: st.DataObject
) -> None:
    stamped = [
        (path, FieldChange(REMOVE if removed else f"{path}@{moment}", Stamp(moment, "w", 0)))
        for moment, (path, removed) in enumerate(changes)
    ]
    shuffled = data.draw(st.permutations(stamped))
    results: list[dict[str, Any]] = []
    for order in (stamped, shuffled):
        row_id = make_run(store, f"run{data.draw(st.uuids())}")
        for path, change in order:
            put(store, row_id, {path: change})
        results.append(config(store, row_id))
    assert results[0] == results[1]


def test_MD3_name_and_tags_keep_the_later_change(store: MetadataStore) -> None:
    row_id = make_run(store)
    for values, stamp in (
        ({"name": "by hand", "tags": ["x"]}, Stamp(20, "web", 0)),
        ({"name": "by script", "notes": "n"}, Stamp(10, "w", 5)),
    ):
        with store.write() as tx:
            row = store.runs.get_by_id(tx, row_id, for_update=True)
            assert row is not None
            store.runs.change(tx, row, values, stamp, editor="ada")
    with store.read() as tx:
        row = store.runs.get_by_id(tx, row_id, for_update=False)
    assert row is not None
    assert (row.name, row.notes, row.tags) == ("by hand", "n", ["x"])


VALUES = [
    0, 5, -1, 2**53 + 1, -(2**70), {"_type": "int", "value": str(2**80)},
    5.0, 1e300, -0.0, 5e-324, 1.7976931348623157e308,
    True, False, None, "", "text", "nul\0inside", "ünïcödé 🎉", "x" * 100_000,
    [1, "two", None], [], {}, {"_type": "histogram", "values": [1, 2]},
    [0.5, math.inf, -math.inf, "NaN", "Infinity", -0.0], [[math.inf], {"a": [-math.inf]}],
    math.inf, -math.inf,
]  # fmt: skip


def test_MD4_every_value_comes_back(store: MetadataStore) -> None:
    row_id = make_run(store)
    put(
        store,
        row_id,
        {f"k{i}": FieldChange(value, Stamp(1, "w", i)) for i, value in enumerate(VALUES)}
        | {"nan": FieldChange(math.nan, Stamp(1, "w", 0))}
        | {"nans": FieldChange([math.nan, "NaN"], Stamp(1, "w", 0))},
    )
    values = config(store, row_id)
    assert math.isnan(values.pop("nan"))
    assert repr(values.pop("nans")) == "[nan, 'NaN']"
    for i, value in enumerate(VALUES):
        expected = 2**80 if isinstance(value, dict) and value.get("_type") == "int" else value
        assert repr(values[f"k{i}"]) == repr(expected)  # -0.0 equals 0.0
        assert type(values[f"k{i}"]) is type(expected)


def test_MD13_two_makers_of_one_run_make_one(store: MetadataStore) -> None:
    barrier = threading.Barrier(4)
    row_ids: list[int] = []

    def make() -> None:
        barrier.wait()
        row_ids.append(make_run(store))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(row_ids)) == 1
    assert len(row_ids) == 4


def test_MD5_what_a_commit_changed_is_known_once_it_is_durable(store: MetadataStore) -> None:
    change = FieldChange(1, Stamp(1, "w", 0))
    marks: dict[Part, int] = {part: store.changes.mark(part) for part in PARTS}
    row_id = make_run(store)

    def undo() -> None:
        with store.write() as tx:
            store.fields.put(tx, row_id, "config", {"undone": change})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undo()
    assert {part: store.changes.since(part, marks[part]) for part in PARTS} == {
        "run": {row_id}, "config": set(), "summary": set(), "writers": set(),
        "artifacts": set(),
    }  # fmt: skip
    with store.write() as tx:
        store.fields.put(tx, row_id, "config", {"lr": change})
        store.fields.put(tx, row_id, "set", {"best": change})
        store.writers.put(tx, row_id, WriterRow("w1"))
    mark = store.changes.mark("run")
    changed = {part: store.changes.since(part, marks[part]) for part in PARTS}
    assert changed == {part: {row_id} for part in PARTS} | {"artifacts": set()}
    with store.write() as tx:
        store.runs.delete(tx, row_id)
    assert store.changes.since("run", mark) == {row_id}


def test_MD5_changes_of_another_process_are_read_once_and_in_any_order_of_commits(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = MetadataStore(postgres_url), MetadataStore(postgres_url)
    try:
        early, late = make_run(store, "early"), make_run(store, "late")
        assert set(other.read_changes().touched) == {("run", early), ("run", late)}
        mark = other.changes.mark("run")
        with store.write() as first:
            store.runs.request_stop(first, early, "ada")
            # A transaction that began later, and ends sooner.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_edit, store, late).result()
            assert set(other.read_changes().touched) == {("run", late)}
            assert set(other.read_changes().touched) == set()
        assert set(other.read_changes().touched) == {("run", early)}
        assert set(other.read_changes().touched) == set(store.read_changes().touched) == set()
        assert other.changes.since("run", mark) == {early, late}
        _edit(other, late)
        assert set(store.read_changes().touched) == {("run", late)}
        # Paused for so long that rows may have been deleted: any run may have changed.
        monkeypatch.setattr(shared_changes, "KEPT_SECS", 0)
        mark = other.changes.mark("run")
        assert set(other.read_changes().touched) == set()
        assert other.changes.since("run", mark) is None
        assert other.changes.since("run", other.changes.mark("run")) == set()
    finally:
        store.close()
        other.close()


def _edit(store: MetadataStore, row_id: int) -> None:
    with store.write() as tx:
        store.runs.request_stop(tx, row_id, "bob")


def test_writers_come_back_and_beat(store: MetadataStore) -> None:
    row_id = make_run(store)
    labels = {"rank": "1", "node\0": "x" * 1000}
    writer = WriterRow(
        "w1", host="box", anchor_micros=5, offset_micros=-7, record_position=99, labels=labels
    )
    with store.write() as tx:
        store.writers.put(tx, row_id, WriterRow("w1"))
        store.writers.put(tx, row_id, writer)
        store.writers.set_heartbeats(tx, {(row_id, "w1"): 123})
        store.runs.set_heartbeats(tx, {row_id: 123})
    with store.read() as tx:
        (stored_writer,) = store.writers.of_run(tx, row_id)
        assert (
            stored_writer.offset_micros,
            stored_writer.heartbeat_micros,
            stored_writer.record_position,
        ) == (
            -7,
            123,
            99,
        )
        assert stored_writer.labels == {"rank": "1", "node\ufffd": "x" * 128}
        row = store.runs.get_by_id(tx, row_id, for_update=False)
        assert row is not None
        assert row.heartbeat_micros == 123


def test_definitions_and_kept_records(store: MetadataStore) -> None:
    row_id = make_run(store)
    late = MetricDefinition("loss", summary=["min"])
    with store.write() as tx:
        assert store.definitions.put(tx, row_id, late, Stamp(2, "w", 0))
        older = MetricDefinition("loss")
        assert not store.definitions.put(tx, row_id, older, Stamp(1, "w", 0))
        assert not store.definitions.put(tx, row_id, late, Stamp(3, "w", 0))
        for _ in range(2):
            store.kept_records.add_record(tx, row_id, KeptRecord("w", 5, "Alert", b"\x01"))
    with store.read() as tx:
        assert store.definitions.of_run(tx, row_id) == [late]
        records = store.kept_records.of_runs(tx, [row_id], ("Alert", "Gap"))
        assert records == {row_id: [KeptRecord("w", 5, "Alert", b"\x01")]}


def test_tombstones_outlive_run_and_project(store: MetadataStore) -> None:
    row_id = make_run(store)
    with store.write() as tx:
        project_id = store.projects.find_project(tx, "local", "mnist")
        assert project_id is not None
        store.tombstones.add_metrics(tx, row_id, ["loss", "acc"], now_micros=1)
    with store.read() as tx:
        (pending,) = store.tombstones.pending_metrics(tx)
    assert pending == PendingMetrics(project_id, row_id, "ab12cd34", ["acc", "loss"])
    with store.write() as tx:
        store.tombstones.set_metrics_purged(tx, row_id, pending.keys)
        assert store.tombstones.pending_metrics(tx) == []
        store.tombstones.add_runs(
            tx, "local", "mnist", ["ab12cd34"], now_micros=1, purge_project_id=project_id
        )
        store.projects.delete(tx, project_id)
    with store.read() as tx:
        assert store.runs.get(tx, "local", "mnist", "ab12cd34") is None
        assert store.tombstones.has_run(tx, "local", "mnist", "ab12cd34")
        assert not store.tombstones.has_run(tx, "local", "other", "ab12cd34")
        assert store.tombstones.projects_to_purge(tx) == [project_id]
        assert store.tombstones.pending_runs(tx, project_id) == ["ab12cd34"]
    with store.write() as tx:
        store.tombstones.set_purged(tx, project_id, ["ab12cd34"])
        assert store.tombstones.projects_to_purge(tx) == []
        # The number of a project names its metric file, so it is never given again.
        assert store.projects.make(tx, "local", "mnist", 2) > project_id


def test_projects_count_their_runs(store: MetadataStore) -> None:
    make_run(store, "r1", "old")
    make_run(store, "r2", "new")
    row_id = make_run(store, "r3", "new")
    with store.write() as tx:
        store.runs.set_state(tx, row_id, state="failed", ended_micros=5, exit_code=1, reason=None)
        new = store.projects.find_project(tx, "local", "new")
        assert new is not None
        store.projects.set_active(tx, {new: 50})
        store.projects.set_active(tx, {new: 20})
    with store.read() as tx:
        listed = store.projects.list(tx, ProjectRow)
        assert store.projects.path(tx, new) == ("local", "new")
    assert [(row.project, row.n_runs, row.n_running) for row in listed] == [
        ("new", 2, 1),
        ("old", 1, 1),
    ]
    assert listed[0].active_micros == 50


def test_MD3_flat_and_nested_paths_of_a_summary_hide_each_other(store: MetadataStore) -> None:
    row_id = make_run(store)

    def summary(micros: int, **values: Any) -> bool:
        changes = {
            path.replace("__", "."): FieldChange(value, Stamp(micros, "w", 0))
            for path, value in values.items()
        }
        with store.write() as tx:
            return store.fields.put(tx, row_id, "set", changes)

    def shown() -> dict[str, Any]:
        with store.read() as tx:
            return store.fields.read(tx, [row_id])[row_id]["set"]

    assert summary(5, loss=1, acc=2)
    assert not summary(4, loss=0)
    assert not summary(5, loss=0)
    assert summary(6, loss=3)
    assert shown() == {"loss": 3, "acc": 2}
    assert summary(7, loss__min=0)
    assert shown() == {"loss.min": 0, "acc": 2}
    assert summary(8, loss=4, acc=REMOVE)
    assert shown() == {"loss": 4}
    assert summary(9, **{"a\\.b": 1, "c\\\\": 2})
    assert shown() == {"loss": 4, "a\\.b": 1, "c\\\\": 2}


def test_what_a_script_set_shows_whatever_is_logged_and_whenever_it_comes(
    store: MetadataStore,
) -> None:
    logged = [
        {"loss": (5, 1), "loss.min": (5, 0), "val\\.top": (5, 1)},
        {"loss": (7, 2), "acc": (7, 3), "val\\.acc": (7, 3), "val\\.top.min": (7, 1)},
    ]
    own_writes = [
        {"loss": (6, REMOVE)},
        {"acc": (2, "best"), "val.acc": (2, 4)},
        {"acc": (1, "older")},
    ]
    writes = [("logged", write) for write in logged] + [("set", write) for write in own_writes]
    orders = {
        make_run(store, f"run{nth}"): order
        for nth, order in enumerate([*permutations(writes)][::5])
    }
    # One transaction for the nth write of every run: hundreds of them would cost seconds.
    for nth in range(len(writes)):
        with store.write() as tx:
            for row_id, order in orders.items():
                scope, values = order[nth]
                changes = {
                    path: FieldChange(value, Stamp(micros, "w", 0))
                    for path, (micros, value) in values.items()
                }
                if scope == "set":
                    store.fields.put(tx, row_id, "set", changes)
                else:
                    store.fields.put_logged(tx, [LoggedPut(row_id, changes)])
    with store.read() as tx:
        fields_of = store.fields.read(tx, [*orders])
        assert store.fields.set_values(tx, [*orders, -1]).keys() == orders.keys()
    shown = {"loss": 2, "val\\.top": 1, "val\\.top.min": 1}
    for row_id, order in orders.items():
        fields = fields_of[row_id]
        assert (fields["logged"], fields["set"]) == (shown, {"acc": "best", "val.acc": 4}), order


def test_all_logged_values_can_be_replaced(store: MetadataStore) -> None:
    row_id = make_run(store)

    def put(micros: int, *, replace: bool = False, **values: Any) -> None:
        changes = {k: FieldChange(v, Stamp(micros, "w", 0)) for k, v in values.items()}
        with store.write() as tx:
            store.fields.put_logged(tx, [LoggedPut(row_id, changes, replace)])

    def shown() -> dict[str, Any]:
        with store.read() as tx:
            return store.fields.read(tx, [row_id])[row_id]["logged"]

    put(9, loss=1, acc=2)
    put(8, loss=0)
    put(9, acc=3)
    assert shown() == {"loss": 1, "acc": 3}
    put(4, loss=5, replace=True)
    assert shown() == {"loss": 5}
    with store.write() as tx:
        store.fields.delete_metric(tx, row_id, "loss")
    assert shown() == {}


def test_MD3_a_logged_value_costs_the_same_whatever_else_the_run_has(store: MetadataStore) -> None:
    row_id = make_run(store)
    statements: list[str] = []
    with store.write() as tx:
        many = {f"k{i}": FieldChange(i, Stamp(1, "w", 0)) for i in range(3000)}
        assert store.fields.put_logged(tx, [LoggedPut(row_id, many)])
    with store.write() as tx:
        event.listen(
            tx.connection, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        change = {
            "k1": FieldChange(5, Stamp(2, "w", 1)),
            "k2": FieldChange(5, Stamp(2, "w", 1)),
        }
        assert store.fields.put_logged(tx, [LoggedPut(row_id, change)])
    assert [" ".join(statement.split()[:3]) for statement in statements] == [
        "INSERT INTO field",
        "DELETE FROM run_path_set",
        "INSERT INTO run_change",
    ]


def put_sources(store: MetadataStore, tx: Transaction, row_id: int, sources: list[Source]) -> bool:
    row = store.runs.get_by_id(tx, row_id, for_update=True)
    assert row is not None
    return store.sources.put(tx, row, sources)


def test_RL43_of_a_source_named_twice_the_smaller_step_holds(store: MetadataStore) -> None:
    row_id = make_run(store)
    steps: list[int | float] = [9, 2**60 + 1, float(2**60), 7.5, 8]
    for step in steps[1:]:
        with store.write() as tx:
            put_sources(store, tx, row_id, [Source("other", "w", step)])
        with store.read() as tx:
            (read,) = store.sources.of_project(tx, project_of(store))["ab12cd34"]
        assert read.last_step == min(steps[1 : steps.index(step) + 1])
        assert type(read.last_step) is type(min(steps[1 : steps.index(step) + 1]))
    with store.write() as tx:
        assert not put_sources(
            store, tx, row_id, [Source("other", "w", 8), Source("o" * 129, "w", 1)]
        )


def test_RL43_a_child_of_a_cut_writer_is_cut_at_the_same_step(store: MetadataStore) -> None:
    row_id = make_run(store)
    project_id = project_of(store)
    with store.write() as tx:
        put_sources(store, tx, row_id, [Source("ab12cd34", "w", 5), Source("other", "p", 3)])
    for writer, parent in (("child", "w"), ("grandchild", "child"), ("other", None), ("x", "p")):
        with store.read() as tx:
            store.sources.of_project(tx, project_id)
        with store.write() as tx:
            store.writers.put(tx, row_id, WriterRow(writer, parent))
            store.sources.note_writer(tx, project_id, "ab12cd34")
    with store.read() as tx:
        sources = store.sources.of_project(tx, project_id)
    assert {(source.writer, source.last_step) for source in sources["ab12cd34"]} == {
        ("w", 5),
        ("p", 3),
        ("child", 5),
        ("grandchild", 5),
    }
    assert store.sources.peek(project_id) is sources


def test_runs_whose_rows_others_show_are_found(store: MetadataStore) -> None:
    parent, child = make_run(store), make_run(store, "child")
    elsewhere = make_run(store, "child", project="p2")
    with store.write() as tx:
        put_sources(store, tx, parent, [Source("ab12cd34", "w", 1)])
        put_sources(store, tx, child, [Source("ab12cd34", "w", 1), Source("ab12cd34", "v", 1)])
        put_sources(store, tx, elsewhere, [Source("ab12cd34", "w", 1)])
    with store.write() as tx:
        project_id, names = project_of(store), ["ab12cd34", "child"]
        assert store.sources.shown_elsewhere(tx, project_id, names) == {"ab12cd34"}
        store.runs.delete(tx, child)
        assert not store.sources.shown_elsewhere(tx, project_id, names)


def project_of(store: MetadataStore) -> int:
    with store.read() as tx:
        project = store.projects.find_project(tx, "local", "mnist")
    assert project is not None
    return project


def test_sources_in_memory_are_those_of_the_database_whatever_changes_at_once(
    store: MetadataStore,
) -> None:
    row_ids = [make_run(store, f"r{nth}") for nth in range(4)]
    project_id = project_of(store)
    errors: list[BaseException] = []

    def change(row_id: int) -> None:
        try:
            for step in range(20, 0, -1):
                with store.write() as tx:
                    put_sources(store, tx, row_id, [Source("x", f"w{step % 3}", step)])
                with store.read() as tx:
                    sources = store.sources.of_project(tx, project_id)
                assert (
                    min(source.last_step for source in sources[f"r{row_ids.index(row_id)}"])
                    == step
                )
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=change, args=(row_id,)) for row_id in row_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with store.read() as tx:
        sources = store.sources.of_project(tx, project_id)
    assert sources == {
        f"r{nth}": tuple(Source("x", f"w{step % 3}", step) for step in (3, 1, 2))
        for nth in range(4)
    }
    assert store.sources.peek(project_id) is sources


def test_MD9_a_job_that_fails_keeps_no_other_from_being_written(store: MetadataStore) -> None:
    def make(name: str, tx: Transaction) -> int:
        project_id = store.projects.make(tx, "local", name, 1)
        if name == "bad":
            raise Gone("run was deleted")
        return project_id

    outcomes = store.write_together([partial(make, name) for name in ("a", "bad", "b")])
    assert isinstance(outcomes[1], Gone)
    with store.read() as tx:
        projects = [store.projects.find_project(tx, "local", name) for name in ("a", "b")]
    assert projects == [outcomes[0], outcomes[2]]


def test_changes_written_together_share_a_transaction(store: MetadataStore) -> None:
    first, second = store.write_together([lambda tx: tx, lambda tx: tx])
    assert first is second


def test_MD7_a_block_sees_what_was_committed_before_it_and_a_snapshot_nothing_later(
    store: MetadataStore,
) -> None:
    def names(tx: Transaction) -> set[str]:
        return {project.project for project in store.projects.list(tx, ProjectRow)}

    make_run(store, project="before")
    with store.snapshot() as tx:
        make_run(store, project="after")
        assert names(tx) == {"before"}
    for begin in (store.read, store.snapshot, store.write):
        with begin() as tx:
            assert names(tx) == {"before", "after"}


def test_MD8_calls_after_a_commit_run_in_order_once_it_is_durable(store: MetadataStore) -> None:
    row_id = make_run(store)
    seen: list[tuple[int, dict[str, Any]]] = []

    def put_lr(value: int, *, fail: bool) -> None:
        with store.write() as tx:
            for nth in (1, 2):
                tx.after_commit(lambda nth=nth: seen.append((nth, config(store, row_id))))
            store.fields.put(
                tx, row_id, "config", {"lr": FieldChange(value, Stamp(value, "w", 0))}
            )
            if fail:
                raise ZeroDivisionError

    put_lr(1, fail=False)
    with pytest.raises(ZeroDivisionError):
        put_lr(2, fail=True)
    assert seen == [(1, {"lr": 1}), (2, {"lr": 1})]


def test_MD10_row_ids_are_not_given_again(store: MetadataStore) -> None:
    row_id = make_run(store)
    project_id = project_of(store)
    with store.write() as tx:
        store.runs.delete(tx, row_id)
        store.projects.delete(tx, project_id)
    assert make_run(store) > row_id
    assert project_of(store) > project_id


def test_MD11_a_block_whose_database_fails_changes_nothing_and_the_next_one_works(
    store: MetadataStore,
) -> None:
    row_id = make_run(store)

    def fail() -> None:
        with store.write() as tx:
            change = FieldChange("x" * 100_000, Stamp(1, "w", 0))
            if tx.dialect == "sqlite":  # the disk is full
                tx.connection.exec_driver_sql("PRAGMA max_page_count = 1")
            store.fields.put(tx, row_id, "config", {"lr": change})
            if tx.dialect == "postgresql":  # the connection is lost
                tx.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(MetadataUnavailable):
        fail()
    assert config(store, row_id) == {}
    with store.write() as tx:
        if tx.dialect == "sqlite":
            tx.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert put(store, row_id, {"lr": FieldChange(0.1, Stamp(1, "w", 0))})
    assert config(store, row_id) == {"lr": 0.1}


def test_each_rule_has_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py"))
    rules = re.findall(r"^ +(MD\d+) ", MetadataStore.__doc__ or "", re.MULTILINE)
    assert len(rules) == 15
    assert set(rules) == set(re.findall(r"^def test_(MD\d+)_", tests, re.MULTILINE))
