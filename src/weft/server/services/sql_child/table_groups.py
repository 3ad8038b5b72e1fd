"""Groups the rows of a table by the values of one column, as another table.

As in `table_window`, no name from a file is part of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from weft.server.services.sql_child.table_sources import Source, field_of
from weft.server.services.sql_child.table_window import Column, TableRows

COUNT: Final = "rows"
"""The column that says how many rows a group has; with `_` behind it if the table has one of this
name."""

_NUMBER: Final = {"type": {"wb_type": "number"}}
_FIRST: Final = "first"


def grouped_source(connection: Any, rows: TableRows, asked: Mapping[str, Any]) -> Source:
    """One row for each value of a column, ordered by it; rows without a value come last.

    Columns keep their names. A column of numbers has their mean, one of booleans the share of true
    ones, and any other the first value of the group.

    Args:
        asked: `group`, and `search`, `filters` and `columns` as for a window.

    Raises:
        UnknownColumn: the request names a column that the table does not have.
        InvalidPattern: a filter has an invalid regular expression.
    """
    key = rows.place(asked["group"])
    condition, values = rows.condition(asked["search"], asked["filters"])
    others = [place for place in rows.chosen(asked["columns"]) if place != key]
    names = {one.name for one in rows.columns}
    count = COUNT
    while count in names:
        count += "_"
    summaries = [_summary(place, rows.columns[place]) for place in others]
    selected = ", ".join([f"{rows.value(key)} AS c0", "count(*) AS c1"] + [
        f"{expression} AS c{nth}" for nth, (expression, _) in enumerate(summaries, 2)
    ])  # fmt: skip
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT {selected} FROM {rows.relation}"
        f"{condition} GROUP BY {rows.value(key)} ORDER BY c0 NULLS LAST",
        values,
    )
    types = [str(one[1]) for one in connection.execute("DESCRIBE grouped").fetchall()]
    ((n_groups,),) = connection.execute("SELECT count(*) FROM grouped").fetchall()
    notes = [rows.note(key), {"name": count, **_NUMBER}]
    notes += [_note(rows, place, word) for place, (_, word) in zip(others, summaries, strict=True)]
    listed = [rows.columns[key].name, count, *(rows.columns[place].name for place in others)]
    return Source(
        "(SELECT *, 0 AS file_index, rowid AS file_row_number FROM grouped)",
        list(zip(listed, types, strict=True)),
        notes,
        [int(n_groups)],
    )


def _summary(place: int, column: Column) -> tuple[str, str]:
    """What stands for a column's values in a group, and the word for it."""
    if column.is_number:
        return f"avg(nullif(c{place}::DOUBLE, 'NaN'::DOUBLE))", "mean of"
    if column.kind == "bool":
        return f"avg(c{place}::TINYINT)", "share of"
    return f"arg_min(c{place}, file_index::BIGINT * {2**40} + file_row_number)", _FIRST


def _note(rows: TableRows, place: int, word: str) -> dict[str, Any]:
    note = rows.note(place)
    title = field_of(note, "name")
    named = {"name": f"{word} {rows.columns[place].name if title is None else title}"}
    if word != _FIRST:
        return _NUMBER | named
    return named | {"type": field_of(note, "type"), "form": field_of(note, "form")}
