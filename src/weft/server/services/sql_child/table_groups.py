"""Groups the rows of a table by the values of one column, as another table.

As in `table_window`, no name from a file is part of a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from weft.server.services.sql_child.table_sources import Source, field_of
from weft.server.services.sql_child.table_window import Column, TableRows

COUNT: Final = "rows"
"""The column with the number of rows of a group; `_` is appended while the table has a column of
this name."""

_NUMBER: Final = {"type": {"wb_type": "number"}}
_FIRST: Final = "first"


def grouped_source(connection: Any, rows: TableRows, request: Mapping[str, Any]) -> Source:
    """One row for each value of a column, ordered by it; rows without a value come last.

    Columns keep their names. A column of numbers has their mean, one of booleans the share of true
    ones, and any other the first value of the group. Requests and errors are as for a window.
    """
    key = rows.index_of(request["group"])
    condition, values = rows.condition(request["search"], request["filters"])
    others = [index for index in rows.chosen(request["columns"]) if index != key]
    names = {column.name for column in rows.columns}
    count = COUNT
    while count in names:
        count += "_"
    summaries = [_summary(index, rows.columns[index]) for index in others]
    selected = ", ".join([f"{rows.value(key)} AS c0", "count(*) AS c1"] + [
        f"{expression} AS c{nth}" for nth, (expression, _) in enumerate(summaries, 2)
    ])  # fmt: skip
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT {selected} FROM {rows.relation}"
        f"{condition} GROUP BY {rows.value(key)} ORDER BY c0 NULLS LAST",
        values,
    )
    types = [str(column[1]) for column in connection.execute("DESCRIBE grouped").fetchall()]
    ((n_groups,),) = connection.execute("SELECT count(*) FROM grouped").fetchall()
    notes = [rows.note(key), {"name": count, **_NUMBER}]
    notes += [_note(rows, index, word) for index, (_, word) in zip(others, summaries, strict=True)]
    listed = [rows.columns[key].name, count, *(rows.columns[index].name for index in others)]
    return Source(
        "(SELECT *, 0 AS file_index, rowid AS file_row_number FROM grouped)",
        list(zip(listed, types, strict=True)),
        notes,
        [int(n_groups)],
    )


def _summary(index: int, column: Column) -> tuple[str, str]:
    """The expression that summarizes a column in a group, and the word for it."""
    if column.is_number:
        return f"avg(nullif(c{index}::DOUBLE, 'NaN'::DOUBLE))", "mean of"
    if column.kind == "bool":
        return f"avg(c{index}::TINYINT)", "share of"
    return f"arg_min(c{index}, file_index::BIGINT * {2**40} + file_row_number)", _FIRST


def _note(rows: TableRows, index: int, word: str) -> dict[str, Any]:
    note = rows.note(index)
    title = field_of(note, "name")
    named = {"name": f"{word} {rows.columns[index].name if title is None else title}"}
    if word != _FIRST:
        return _NUMBER | named
    return named | {"type": field_of(note, "type"), "form": field_of(note, "form")}
