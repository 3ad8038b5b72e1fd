"""Unions of tables: the rows that are read of them, and their limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from weft.server.services.sql_child import table_unions
from weft.server.services.sql_child.table_sources import files_source
from weft.server.services.sql_child.table_unions import LargeUnion, united_source
from weft.server.services.sql_child.table_window import TableRows


class CountingConnection:
    """A connection that counts the rows that are fetched."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.n_fetched = 0

    def execute(self, statement: str, parameters: Any = ()) -> CountingConnection:
        self._connection.execute(statement, parameters)
        return self

    def executemany(self, statement: str, parameters: Any) -> None:
        self._connection.executemany(statement, parameters)

    def fetchall(self) -> list[Any]:
        rows = self._connection.fetchall()
        self.n_fetched += len(rows)
        return rows


def test_a_window_of_a_union_reads_only_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = CountingConnection(duckdb.connect())
    for table in range(20):
        path = tmp_path / f"{table}.parquet"
        connection.execute(
            f"COPY (SELECT {table} * 1000 + i AS n, 'x' AS t FROM range(100) rows(i))"
            f" TO '{path}' (FORMAT parquet)"
        )
    sources = {
        table: files_source(connection, [str(tmp_path / f"{table}.parquet")])
        for table in range(20)
    }
    source = united_source(connection, sources, [f"run {table}" for table in range(20)])
    rows = TableRows(connection, source)
    connection.n_fetched = 0
    request: dict[str, Any] = {
        "offset": 0, "limit": 20, "columns": ["run", "n"], "search": "", "max_chars": 100,
        "sort": {"column": "n", "descending": True}, "filters": [],
    }  # fmt: skip
    window = rows.window(request | {"offset": 90})
    assert window["rows"][0] == ["run 19", 19009]
    assert window["rows"][-1] == ["run 18", 18090]
    # their positions and their cells, and no row of the same number in another table
    assert connection.n_fetched == 2 * 20
    monkeypatch.setattr(table_unions, "MAX_UNITED_CELLS", 39)
    with pytest.raises(LargeUnion):
        united_source(connection, sources, [f"run {table}" for table in range(20)])
