"""Statements about a few runs of a project find them by row id, however many runs it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from weft.server.storage.metadata import MetadataStore, Transaction


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MetadataStore]:
    store = MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}")
    yield store
    store.close()


def read_base(store: MetadataStore, tx: Transaction) -> None:
    store.run_columns.base(tx, 1, [1, 2])


def read_own_column(store: MetadataStore, tx: Transaction) -> None:
    store.run_columns.of_runs(tx, 1, "name", [1, 2])


def read_labels(store: MetadataStore, tx: Transaction) -> None:
    store.run_columns.labels(tx, 1, [1, 2])


def read_versions(store: MetadataStore, tx: Transaction) -> None:
    store.artifact_uses.versions_of_runs(tx, 1, "use", [1, 2])


@pytest.mark.parametrize("read", [read_base, read_own_column, read_labels, read_versions])
def test_a_few_runs_are_found_without_the_index_of_all_runs(
    store: MetadataStore, read: Any
) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        statements.append((sql, parameters))

    with store.read() as tx:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            read(store, tx)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        ((sql, parameters),) = statements
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
    assert not [step for *_, step in plan if "ix_run_project_id" in step]
