"""Answers to queries for rows, made from the child process's results. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec

from weft.errors import ConfigError, ExpressionError
from weft.queries.expression_text import parse_expression
from weft.queries.expressions import is_pointwise
from weft.server.services.media import Item, items_of
from weft.server.services.sql_child.computed_columns import are_columns
from weft.wire.metrics.tables import ComputedColumn, TableColumn

_TYPES: Final[Mapping[str, str]] = {
    "int": "number",
    "large": "number",
    "float": "number",
    "bool": "boolean",
    "time": "timestamp",
    "local_time": "timestamp",
    "text": "string",
}
"""Types of columns of a file without notes, by the kind that they were fetched as."""


def check_computed(columns: Sequence[ComputedColumn]) -> None:
    """Refuse expressions of computed columns that use something other than columns of the same
    row.
    """
    for column in columns:
        try:
            expression = parse_expression(column.expression)
        except ExpressionError as error:
            raise ConfigError(f"column {column.name!r}: {error}", field="computed") from None
        if not is_pointwise(expression) or not are_columns(expression):
            raise ConfigError(
                f"column {column.name!r}: an expression over columns has no config, step, "
                "baseline, nor functions of other rows",
                field="computed",
            )


class Fetched(msgspec.Struct, frozen=True):
    """The child process's result; see `TableRows.window`."""

    columns: list[dict[str, Any]]
    n_columns: int
    n_rows: int
    total: int
    numbers: list[int]
    rows: list[list[Any]]
    cut: list[tuple[int, int]]
    notes: list[Any]
    tables: list[int] = []  # of a union, the index of each row's table


def columns_of(fetched: Fetched) -> list[TableColumn]:
    """The columns, with the names and types that the file's notes give."""
    return [_column(column, fetched.notes[nth]) for nth, column in enumerate(fetched.columns)]


def _column(column: Mapping[str, Any], note: Any) -> TableColumn:
    noted = _dict(note)
    title = noted.get("name")
    return TableColumn(
        name=column["name"],
        title=str(title) if isinstance(title, str | int) else column["name"],
        type=_short_type(noted.get("type")) or _TYPES.get(column["kind"], "any"),
    )


def _short_type(noted: Any) -> str:
    """W&B's name of a type; for a union, the name of its only member other than `none`.

    >>> number, none = {"wb_type": "number"}, {"wb_type": "none"}
    >>> _short_type({"wb_type": "union", "params": {"allowed_types": [none, number]}})
    'number'
    """
    name = _dict(noted).get("wb_type")
    if name != "union":
        return name if isinstance(name, str) else ""
    members = _dict(_dict(noted).get("params")).get("allowed_types")
    listed = cast("list[Any]", members) if isinstance(members, list) else []
    names = {_short_type(member) for member in listed} - {"none"}
    return names.pop() if len(names) == 1 else "any"


class MediaCell(NamedTuple):
    """A cell that refers to media: the indices of its row and column, and the items."""

    row: int
    column: int
    items: Sequence[Item]


def sides_of(fetched: Fetched, *, is_joined: bool) -> list[int]:
    """The side of each column, 0 or 1, in a join of two tables; see `joined_source`."""
    if not is_joined:
        return [0] * len(fetched.columns)
    return [int(column["name"].startswith("1.")) for column in fetched.columns]


def media_of(rows: Sequence[Sequence[Any]]) -> Iterator[MediaCell]:
    """The cells that refer to media."""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            # pyrefly: ignore[implicit-any-type-argument]
            if isinstance(cell, dict | list) and (items := items_of(cell)):
                yield MediaCell(row, column, items)


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
