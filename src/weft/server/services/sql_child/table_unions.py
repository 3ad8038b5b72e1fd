"""Puts the rows of several tables below each other, with a first column that names the table.

As in `table_window`, no name from a file is part of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from weft.server.services.sql_child.table_sources import Source, field_of

LABEL: Final = "run"
"""The column with the labels; `_` is appended while a table has a column of this name."""

MAX_UNITED_CELLS: Final = 20_000
"""Most columns of a union times its tables. DuckDB plans an expression for each: 2 s for these."""

_WHOLE_NUMBERS: Final = frozenset({"INTEGER", "BIGINT"})
_NUMBERS: Final = _WHOLE_NUMBERS | {"FLOAT", "DOUBLE", "HUGEINT", "UBIGINT"}
_TEXT: Final = {"type": {"wb_type": "string"}}


class LargeUnion(Exception):
    """The tables of a union have too many columns together."""


def united_source(connection: Any, sources: Mapping[int, Source], labels: Sequence[str]) -> Source:
    """The rows of all tables, one table after the other.

    Columns of one name become one. If their types differ, it has numbers if all are numbers, and
    texts otherwise. Tables without stored rows are left out. LargeUnion if it has too many columns
    for so many tables.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE labels(nth INTEGER, label VARCHAR)")
    connection.executemany("INSERT INTO labels VALUES (?, ?)", list(enumerate(labels)))
    types: dict[str, list[str]] = {}
    notes: dict[str, list[Any]] = {}
    for source in sources.values():
        for index, (name, sql_type) in enumerate(source.columns):
            types.setdefault(name, []).append(sql_type)
            noted = source.notes[index] if index < len(source.notes) else None
            notes.setdefault(name, []).append(noted)
    common = {name: _common_type(of_name) for name, of_name in types.items()}
    if len(common) * len(sources) > MAX_UNITED_CELLS:
        raise LargeUnion
    parts: list[str] = []
    n_rows: list[int] = []
    tables: list[int] = []
    for nth, source in sources.items():
        indices = {name: index for index, (name, _) in enumerate(source.columns)}
        cells = [f"(SELECT label FROM labels WHERE nth = {nth}) AS c0"]
        for position, (name, sql_type) in enumerate(common.items(), 1):
            value = f"d{indices[name]}" if name in indices else "NULL"
            cells.append(f"{value}::{sql_type} AS c{position}")
        renamed = ", ".join(f"d{index}" for index in range(len(source.columns)))
        parts.append(
            f"SELECT {', '.join(cells)}, {len(n_rows)} + file_index::BIGINT AS file_index,"
            " file_row_number::BIGINT AS file_row_number"
            f" FROM {source.relation} AS rows({renamed})"
        )
        n_rows += source.n_rows
        tables += [nth] * len(source.n_rows)
    label = LABEL
    while label in common:
        label += "_"
    return Source(
        f"(SELECT * FROM ({' UNION ALL '.join(parts)}))",
        [(label, "VARCHAR"), *common.items()],
        [{"name": label, **_TEXT}, *(_common_note(name, notes[name]) for name in common)],
        n_rows,
        tables,
    )


def _common_type(types: Sequence[str]) -> str:
    """A type that the values of all these types have.

    >>> _common_type(["BIGINT", "DOUBLE"]), _common_type(["BIGINT", "VARCHAR"])
    ('DOUBLE', 'VARCHAR')
    """
    distinct = set(types)
    if len(distinct) == 1:
        return types[0]
    if distinct <= _WHOLE_NUMBERS:
        return "BIGINT"
    return "DOUBLE" if distinct <= _NUMBERS else "VARCHAR"


def _common_note(name: str, notes: Sequence[Any]) -> dict[str, Any]:
    """The title, and what all notes agree on."""
    common = {"name": next((n for n in (field_of(note, "name") for note in notes) if n), name)}
    for field in ("type", "form"):
        values = [field_of(note, field) for note in notes]
        if values[0] is not None and all(value == values[0] for value in values):
            common[field] = values[0]
    return common
