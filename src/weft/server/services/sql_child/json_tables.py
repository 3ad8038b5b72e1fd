"""Tables in W&B's form, JSON with the columns' names and the rows. Reads files.

    {"columns": ["x", "label"], "data": [[1, "cat"], [2.5, null]]}

The official client uploads its tables in this form, as files of runs and in artifacts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import msgspec
import numpy as np

from weft.records.value import INT64_MAX, INT64_MIN, json_safe

JSON_TABLES: Final = (".json",)
"""Ends of names of files that are such tables."""

MAX_COLUMNS: Final = 10_000
"""Most columns of a table: DuckDB's time grows with their square, to minutes for 100,000."""

MAX_NAME_CHARS: Final = 10_000
"""Longest name of a column: an answer repeats the names of 200."""

_SOURCE: Final = "__weft_json"

_NUMBERS: Final[dict[frozenset[type[object]], str]] = {
    frozenset({bool}): "BOOLEAN",
    frozenset({int}): "BIGINT",
    frozenset({float}): "DOUBLE",
    frozenset({int, float}): "DOUBLE",
    frozenset({str}): "VARCHAR",
}


def width_fault(n_columns: int, n_name_chars: int) -> str | None:
    """The reason why a table is too wide; None if it is not.

    `n_name_chars` is of the longest name.
    """
    if n_columns > MAX_COLUMNS:
        return (
            f"it has {n_columns:,} columns, and at most {MAX_COLUMNS:,} are read: log them as rows"
        )
    if n_name_chars > MAX_NAME_CHARS:
        return f"the name of a column has more than {MAX_NAME_CHARS:,} characters"
    return None


class JsonColumn(NamedTuple):
    """A column.

    Its cells are texts that can be cast to DuckDB's type, None where there is no value, or JSON if
    they are lists, media or mixed.
    """

    name: str
    sql_type: str
    texts: list[str | None]
    is_json: bool


def create_json_table(connection: Any, path: str, target: str) -> list[JsonColumn]:
    """Create `target`, such as `TEMP TABLE "x"`, with the rows of a file as `c0`, `c1`, … Returns
    the columns. duckdb.Error if the file is not such a table.
    """
    import duckdb  # here: the server imports this module, too, and DuckDB takes 30 MB

    try:
        columns = read_json_table(path)
    except ValueError as error:
        raise duckdb.InvalidInputException(str(error)) from None
    except RecursionError:
        raise duckdb.InvalidInputException("its values are nested too deeply") from None
    if not columns:
        raise duckdb.InvalidInputException("the table has no columns")
    names = [f"c{index}" for index in range(len(columns))]
    arrays = {
        name: np.array(column.texts, dtype=object)
        for name, column in zip(names, columns, strict=True)
    }
    connection.register(_SOURCE, arrays)
    selected = [
        f"{name}::{column.sql_type} AS {name}" for name, column in zip(names, columns, strict=True)
    ]
    connection.execute(
        f"CREATE OR REPLACE {target} AS SELECT {', '.join(selected)} FROM {_SOURCE}"
    )
    connection.unregister(_SOURCE)
    return columns


def read_json_table(path: str) -> list[JsonColumn]:
    """Read the columns of a table; ValueError if the file is malformed."""
    data = Path(path).read_bytes()
    try:
        decoded: Any = msgspec.json.decode(data)
    except msgspec.DecodeError:
        decoded = json.loads(data)  # NaN and Infinity
    if not isinstance(decoded, dict):
        raise ValueError("not a table: no columns")
    table = cast("dict[str, Any]", decoded)
    names, rows = table.get("columns"), table.get("data")
    if not isinstance(names, list) or not isinstance(rows, list):
        raise ValueError("not a table: no columns or no data")
    titles = [str(name) for name in cast("list[Any]", names)]
    fault = width_fault(len(titles), max(map(len, titles), default=0))
    if fault is not None:
        raise ValueError(fault)
    columns: list[list[Any]] = [[] for _ in titles]
    for row in cast("list[Any]", rows):
        cells: list[Any] = cast("list[Any]", row) if isinstance(row, list) else []
        for index, column in enumerate(columns):
            column.append(cells[index] if index < len(cells) else None)
    return [_column(name, cells) for name, cells in zip(titles, columns, strict=True)]


def _column(name: str, cells: Sequence[Any]) -> JsonColumn:
    kinds = frozenset(_kind(cell) for cell in cells if cell is not None)
    sql_type = _NUMBERS.get(kinds, "VARCHAR")
    if sql_type == "BIGINT" and not all(
        cell is None or INT64_MIN <= cell <= INT64_MAX for cell in cells
    ):
        sql_type = "DOUBLE"
    is_json = bool(kinds) and kinds not in _NUMBERS
    return JsonColumn(name, sql_type, [_text(cell, is_json=is_json) for cell in cells], is_json)


def _kind(cell: object) -> type[object]:
    return type(cell)


def _text(cell: Any, *, is_json: bool) -> str | None:
    if cell is None:
        return None
    if is_json:
        return msgspec.json.encode(json_safe(cell)).decode()
    return cell if isinstance(cell, str) else repr(cell)
