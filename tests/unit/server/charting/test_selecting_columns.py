"""Columns of runs in memory: bounded, as new as the database, right whatever happens to runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from at_length import at_length
from weft.errors import FilterError
from weft.queries.filter_text import parse_filter
from weft.queries.orders import order_from_text
from weft.records.merge import Stamp
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS
from weft.server.services.access.actors import LOCAL
from weft.server.services.columns.cache import ColumnCache
from weft.server.services.columns.typed_column import MISSING
from weft.server.services.selecting import patterns
from weft.server.services.selecting.evaluate import columns_of
from weft.server.services.selecting.ordering import sorted_runs
from weft.server.services.selecting.pages import slots_of
from weft.server.storage.metadata import (
    FieldChange,
    LoggedPut,
    MetadataStore,
    NewRun,
    Scope,
    WriterRow,
)
from weft.server.storage.metadata.database import changes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MetadataStore]:
    store = MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}")
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)
        store.projects.make(tx, "local", "q", 1)
    yield store
    store.close()


def make(store: MetadataStore, run: str, project: int = 1, **config: Any) -> int:
    with store.write() as tx:
        new = NewRun(run, run, "running", 1, 1, 1, color=1)
        row = store.runs.create(tx, "local", "pq"[project - 1], project, [new])[run]
        put(store, tx, row.row_id, "config", config)
        return row.row_id


def put(
    store: MetadataStore, tx: Any, row_id: int, scope: Scope, values: dict[str, Any], at: int = 1
) -> None:
    stamped = {path: FieldChange(value, Stamp(at, "w", 0)) for path, value in values.items()}
    if scope == "logged":
        store.fields.put_logged(tx, [LoggedPut(row_id, stamped)])
    else:
        store.fields.put(tx, row_id, "config" if scope == "config" else "set", stamped)


def found(cache: ColumnCache, filter_text: str, project: int = 1) -> list[str]:
    tree = parse_filter(filter_text)
    view = cache.view(LOCAL, project, columns_of(tree))
    return sorted(view.runs.ids_of(slots_of(view, tree)))


def test_columns_that_one_run_changed_are_read_together(store: MetadataStore) -> None:
    rows = [make(store, f"r{i}", lr=i) for i in range(7)]
    metrics = [f"layers/{i}" for i in range(200)]
    names = ["config.lr", *(f"summary.{metric}" for metric in metrics)]
    with store.write() as tx:
        for row in rows:
            put(store, tx, row, "logged", dict.fromkeys(metrics, 0.5))
    cache = ColumnCache(store, lambda: 0)
    cache.values(LOCAL, 1, names, rows)
    with store.write() as tx:
        put(store, tx, rows[3], "logged", dict.fromkeys(metrics, 0.25), at=2)
        put(store, tx, rows[4], "set", {metrics[0]: 0.75}, at=2)
    statements: list[str] = []
    with store.read() as tx:
        engine = tx.connection.engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    lr, first, *others = cache.values(LOCAL, 1, names, rows)
    assert lr == list(range(7))
    assert first == [0.5, 0.5, 0.5, 0.25, 0.75, 0.5, 0.5]
    assert others == [[0.5, 0.5, 0.5, 0.25, 0.5, 0.5, 0.5]] * 199
    assert len(statements) < 10


def test_memory_is_bounded(store: MetadataStore) -> None:
    for i in range(20):
        make(store, f"r{i}", **{f"k{key}": f"{key}-{i}" * 20 for key in range(20)})
    cache = ColumnCache(store, lambda: 0, max_bytes=40_000)
    for _ in range(2):
        for key in range(20):
            assert found(cache, f"config.k{key} contains '{key}-7'") == ["r7"]
            assert cache.n_bytes() <= 40_000
    assert found(cache, "id = r3") == ["r3"]
    cache.columns_in_use(1, "config")
    assert cache.n_bytes() <= 40_000


def test_projects_that_nobody_asks_go_from_memory(store: MetadataStore) -> None:
    for i in range(50):
        make(store, f"a{i}", 1)
        make(store, f"b{i}", 2)
    cache = ColumnCache(store, lambda: 0, max_bytes=10_300)
    for project, ids in ((1, "a7"), (2, "b7"), (1, "a7"), (2, "b7")):
        assert found(cache, f"id = {ids}", project) == [ids]
        assert 9000 <= cache.n_bytes() <= 10_300, "the ids and runs of one project"


def test_the_columns_of_the_last_query_stay_for_its_next_page(store: MetadataStore) -> None:
    for i in range(20):
        make(store, f"r{i}", lr=f"{i}" * 50, seed=i)
    cache = ColumnCache(store, lambda: 0, max_bytes=1000)
    statements: list[str] = []
    with store.read() as tx:
        engine = tx.connection.engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    query = "config.lr contains 7 and name contains r"
    assert found(cache, query) == ["r17", "r7"]
    cache.values(LOCAL, 1, ["name", "config.seed"], [1, 2])
    cache.columns_in_use(1, "config")
    statements.clear()
    assert found(cache, query) == ["r17", "r7"]
    assert not statements


def test_who_comes_after_too_many_changes_reads_all_again(
    store: MetadataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_KEPT", 3)
    cache = ColumnCache(store, lambda: 0)
    rows = [make(store, f"r{i}", lr=i) for i in range(12)]
    assert found(cache, "config.lr > 100") == []
    for row_id in rows:
        with store.write() as tx:
            put(store, tx, row_id, "config", {"lr": 1000 + row_id}, at=2)
    assert len(found(cache, "config.lr > 100")) == 12


def test_a_run_that_came_from_another_project_brings_its_values(store: MetadataStore) -> None:
    """Its row's number is lower than those known: so it may be in PostgreSQL of any new run."""
    cache = ColumnCache(store, lambda: 0)
    row_id = make(store, "moved", 1, lr=5)
    make(store, "other", 2, lr=1)
    assert (found(cache, "config.lr > 0", 1), found(cache, "config.lr > 0", 2)) == (
        ["moved"], ["other"],
    )  # fmt: skip
    make(store, "newest", 1, lr=7)
    with store.write() as tx:
        tx.connection.execute(text(f"UPDATE run SET project_id = 2 WHERE id = {row_id}"))
        tx.touched.add(("run", row_id))
    assert found(cache, "config.lr > 0", 1) == ["newest"]
    assert found(cache, "config.lr > 0", 2) == ["moved", "other"]


def test_most_runs_deleted(store: MetadataStore) -> None:
    cache = ColumnCache(store, lambda: 0)
    rows = [make(store, f"r{i:02}", lr=i) for i in range(20)]
    assert len(found(cache, "config.lr >= 0")) == 20
    for row_id in rows[:15]:
        with store.write() as tx:
            store.runs.delete(tx, row_id)
        assert "r00" not in found(cache, "config.lr >= 0")
    assert found(cache, "config.lr >= 0") == [f"r{i}" for i in range(15, 20)]
    _, use = cache.columns_in_use(1, "config")
    assert (use.names, use.counts.sum()) == (["lr"], 5)


def test_a_set_value_shows_and_an_exact_path_comes_first(store: MetadataStore) -> None:
    cache = ColumnCache(store, lambda: 0)
    row_id = make(store, "both")
    with store.write() as tx:
        put(store, tx, row_id, "logged", {r"val\.acc": 1.0, "loss": 0.5})
    assert found(cache, "summary.val.acc = 1") == ["both"]
    with store.write() as tx:
        put(store, tx, row_id, "set", {"val.acc": 2.0})
    assert found(cache, "summary.val.acc = 2") == ["both"]
    assert found(cache, r"summary.val\.acc = 1") == []
    assert cache.values(LOCAL, 1, ["summary.val.acc", "summary.loss", "summary.x"], [row_id]) == [
        [2.0], [0.5], [MISSING],
    ]  # fmt: skip


def test_labels_of_writers_are_columns(store: MetadataStore) -> None:
    cache = ColumnCache(store, lambda: 0)
    row_id = make(store, "ranks")
    make(store, "alone")
    assert found(cache, "writer.rank exists") == []
    with store.write() as tx:
        for rank in range(3):
            labels = {"rank": str(rank), "node": "n1"}
            store.writers.put(tx, row_id, WriterRow(f"w{rank}", labels=labels))
    assert found(cache, "writer.rank has 2") == ["ranks"]
    assert found(cache, "writer.rank > 2") == []
    assert found(cache, "writer.node != n1") == ["alone"]
    assert cache.columns_in_use(1, "writer")[1].names == ["node", "rank"]


def test_a_page_is_read_without_its_whole_columns(store: MetadataStore) -> None:
    rows = [make(store, f"r{i:02}", a=i, b=[i], **{"c d": None}) for i in range(40)]
    cache = ColumnCache(store, lambda: 0)
    found(cache, "id = r01")
    n_bytes = cache.n_bytes()
    names = ["config.a", "config.b", "config.c d", "name", "tags", "config.none"]
    assert cache.values(LOCAL, 1, names, [rows[30], rows[3], 999]) == [
        [30, 3, MISSING],
        [[30], [3], MISSING],
        [None, None, MISSING],
        ["r30", "r03", MISSING],
        [MISSING] * 3,
        [MISSING] * 3,
    ]
    assert cache.n_bytes() == n_bytes


def test_questions_and_changes_at_once(store: MetadataStore) -> None:
    """Every view is of one moment: no run is without the values that it was made with."""
    cache = ColumnCache(store, lambda: 0)
    errors: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                assert found(cache, "config.a != 1 or config.b missing") == []
                view = cache.view(LOCAL, 1, ["config.n"])
                order = sorted_runs(view, slots_of(view, None), order_from_text("config.n"))
                assert len(order) == len(set(order.tolist()))
                cache.columns_in_use(1, "config")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(60):
        row_id = make(store, f"r{i}", a=1, b=2, n=i)
        with store.write() as tx:
            put(store, tx, row_id, "config", {"n": -i}, at=2)
        if i % 3 == 0:
            with store.write() as tx:
                store.runs.delete(tx, row_id)
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(found(cache, "config.n <= 0")) == 40


@at_length
def test_a_hundred_thousand_columns_in_one_run(store: MetadataStore) -> None:
    row_id = make(store, "wide")
    with store.write() as tx:
        values = {
            f"layer{i:05}/loss": FieldChange(float(i), Stamp(1, "w", i)) for i in range(100_000)
        }
        store.fields.put_logged(tx, [LoggedPut(row_id, values)])
    cache = ColumnCache(store, lambda: 0)
    _, use = cache.columns_in_use(1, "summary")
    assert (len(use.names), use.names[-1]) == (100_000, "layer99999/loss")
    assert found(cache, "summary.layer54321/loss = 54321") == ["wide"]


def test_a_pattern_has_some_seconds(store: MetadataStore, monkeypatch: pytest.MonkeyPatch) -> None:
    make(store, "long", prompt="abc" * 1300)
    cache = ColumnCache(store, lambda: 0)
    hostile = "config.prompt matches '.*(a|b|c).{900}z'"
    assert found(cache, hostile) == []
    monkeypatch.setattr(patterns, "_MAX_SECS", -1.0)
    assert found(cache, hostile) == []  # the text's answer is known
    with pytest.raises(FilterError, match="takes too long"):
        found(cache, "config.prompt matches '.*(b|c).{900}z'")


@pytest.mark.parametrize(
    "name", [*(column for column in RUN_COLUMNS if column not in ARTIFACT_COLUMNS), "color"]
)
def test_each_column_of_runs_is_read_from_metadata(store: MetadataStore, name: str) -> None:
    with store.read() as tx:
        store.run_columns.of_runs(tx, 1, name, None)
