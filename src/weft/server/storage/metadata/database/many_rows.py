"""Executes statements that name, write or return many rows at the driver's speed.

SQLAlchemy works for about 50 µs on the parameters of each row, which for the heartbeats of 10,000
runs is half a second of the interpreter. The driver takes them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from weft.server.storage.metadata.database.engine import Transaction


def execute_many(
    connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]
) -> CursorResult[Any]:
    """Execute a statement for each row of parameters: texts, numbers, bools, bytes or None.

    All its values are parameters. It is compiled at each call, so it is for ten rows or more.
    """
    names = list(rows[0])
    compiled = statement.compile(dialect=connection.dialect, column_keys=names)
    assert isinstance(compiled, SQLCompiler)
    if compiled.positional:
        order = cast("Sequence[str]", compiled.positiontup)
        parameters = [tuple(row[name] for name in order) for row in rows]
        return connection.exec_driver_sql(compiled.string, parameters)
    return connection.exec_driver_sql(compiled.string, [dict(row) for row in rows])


def among(
    tx: Transaction, column: ColumnElement[Any], values: Sequence[int] | Sequence[str]
) -> ColumnElement[bool]:
    """`column IN values` with one parameter, however many values there are."""
    if tx.dialect == "sqlite":
        listed = json.dumps(list(values))
        return column.in_(select(func.json_each(listed).table_valued("value").c.value))
    from sqlalchemy.dialects.postgresql import ARRAY

    return column == any_(bindparam(None, list(values), ARRAY(column.type)))


def fetch(tx: Transaction, query: Executable) -> list[tuple[Any, ...]]:
    """All rows of a query, as plain tuples."""
    # The driver's rows, which take half the time of SQLAlchemy's rows with column names.
    result = tx.connection.execute(query)
    assert result.cursor is not None, "a SELECT has rows"
    try:
        return cast("list[tuple[Any, ...]]", result.cursor.fetchall())
    finally:
        result.close()
