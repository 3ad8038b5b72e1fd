"""Saved path sets spare a cold start the fields of all runs, and are never behind the fields."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from at_length import engines_at_length
from weft.records.merge import Stamp
from weft.server.services.background.path_set_saver import PathSetSaver
from weft.server.services.columns.cache import ColumnCache
from weft.server.storage.metadata import (
    REMOVE,
    ROOTS,
    FieldChange,
    LoggedPut,
    MetadataStore,
    NewRun,
)
from weft.server.storage.metadata.database.schema import path_set, run_path_set

N_RUNS = 30


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    url = f"sqlite:///{tmp_path / 'metadata.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = MetadataStore(url)
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)
    yield store
    store.close()


@pytest.fixture
def rows(store: MetadataStore) -> list[int]:
    rows: list[int] = []
    for i in range(N_RUNS):
        with store.write() as tx:
            state = "running" if i == 0 else "finished"
            new = NewRun(f"r{i}", "n", state, 1, 1, 1, color=1)
            row = store.runs.create(tx, "local", "p", 1, [new])[new.run]
            put_in(store, tx, row.row_id, {"lr": i, "opt": "adam"} if i % 2 else {"lr": i})
            loss = {"loss": FieldChange(0.5, Stamp(1, "w", 0))}
            store.fields.put_logged(tx, [LoggedPut(row.row_id, loss)])
            rows.append(row.row_id)
    return rows


def put_in(
    store: MetadataStore, tx: Any, row_id: int, config: dict[str, Any], at: int = 1
) -> None:
    changes = {path: FieldChange(value, Stamp(at, "w", 0)) for path, value in config.items()}
    store.fields.put(tx, row_id, "config", changes)


def save_all(saver: PathSetSaver) -> None:
    while saver.save_some():
        pass


def columns(store: MetadataStore) -> dict[str, list[int]]:
    """Counts by kind of each column, as a fresh server finds them."""
    cache = ColumnCache(store, lambda: 0)
    plans: dict[str, list[int]] = {}
    for root in ROOTS:
        _, use = cache.columns_in_use(1, root)
        for name, counts in zip(use.names, use.counts.tolist(), strict=True):
            if any(counts):
                plans[f"{root}.{name}"] = counts
    return plans


@contextmanager
def reads_of_fields() -> Generator[list[Any]]:
    """Parameters of the statements that read fields meanwhile."""
    strings: list[Any] = []

    def heard(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if "FROM field" in sql:
            strings.append(parameters)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield strings
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


def n_saved(store: MetadataStore) -> int:
    with store.read() as tx:
        return len(tx.connection.execute(run_path_set.select()).all())


def test_a_cold_list_of_columns_reads_only_fields_of_runs_without_a_saved_set(
    store: MetadataStore, rows: list[int]
) -> None:
    before = columns(store)
    save_all(PathSetSaver(store))
    with reads_of_fields() as reads:
        assert columns(store) == before
    assert len(reads) == len(ROOTS)
    for parameters in reads:
        mentioned = [
            parameter
            for parameter in map(str, dict_values(parameters))
            if parameter.startswith("[")
        ]
        assert mentioned == [f"[{rows[0]}]"], "the run that has not ended"


def dict_values(parameters: Mapping[str, Any] | Sequence[Any]) -> list[Any]:
    return list(parameters.values() if isinstance(parameters, Mapping) else parameters)


def test_MD6_each_change_of_a_run_makes_its_saved_set_unused(
    store: MetadataStore, rows: list[int]
) -> None:
    saver = PathSetSaver(store)
    save_all(saver)
    assert n_saved(store) == len(ROOTS) * (N_RUNS - 1)
    with store.write() as tx:
        store.runs.get_by_id(tx, rows[1], for_update=True)
        put_in(store, tx, rows[1], {"lr": "text", "opt": REMOVE}, at=2)
    with store.write() as tx:
        store.runs.get_by_id(tx, rows[2], for_update=True)
        store.fields.delete_metric(tx, rows[2], "loss")
    assert n_saved(store) == len(ROOTS) * (N_RUNS - 1) - 2
    changed = columns(store)
    assert sum(changed["config.lr"]) == N_RUNS
    assert sum(changed["config.opt"]) == N_RUNS // 2 - 1
    assert sum(changed["summary.loss"]) == N_RUNS - 1
    save_all(saver)
    assert n_saved(store) == len(ROOTS) * (N_RUNS - 1)
    assert columns(store) == changed


def test_a_run_is_saved_once_it_ended_and_goes_with_its_row(
    store: MetadataStore, rows: list[int]
) -> None:
    saver = PathSetSaver(store)
    save_all(saver)
    with store.write() as tx:
        store.runs.set_state(
            tx, rows[0], state="finished", ended_micros=5, exit_code=0, reason=None
        )
    save_all(saver)
    assert n_saved(store) == len(ROOTS) * N_RUNS
    with store.write() as tx:
        for row_id in rows:
            store.runs.delete(tx, row_id)
    save_all(PathSetSaver(store))
    with store.read() as tx:
        assert tx.connection.execute(path_set.select()).all() == []


def test_MD6_a_set_that_changed_while_it_was_saved_is_not_saved(
    store: MetadataStore, rows: list[int]
) -> None:
    read = store.run_columns.path_sets

    def read_and_change(tx: Any, root: Any, row_ids: Any) -> Any:
        answer = read(tx, root, row_ids)
        if root == "config" and rows[1] in row_ids:
            with store.write() as other:
                store.runs.get_by_id(other, rows[1], for_update=True)
                put_in(store, other, rows[1], {"late": 1}, at=2)
        return answer

    store.run_columns.path_sets = read_and_change
    PathSetSaver(store).save_some()
    store.run_columns.path_sets = read
    assert sum(columns(store)["config.late"]) == 1


@engines_at_length("postgresql")
def test_an_archive_has_the_fields_and_not_what_follows_from_them(
    store: MetadataStore, rows: list[int], tmp_path: Path
) -> None:
    save_all(PathSetSaver(store))
    with store.read() as tx:
        records = list(store.archive.read_runs(tx, 1))
    other = MetadataStore(f"sqlite:///{tmp_path / 'other.db'}")
    with other.write() as tx:
        other.projects.make(tx, "local", "p", 1)
        for record in records:
            other.archive.write_run(tx, 1, record)
    assert columns(other) == columns(store)
    other.close()
