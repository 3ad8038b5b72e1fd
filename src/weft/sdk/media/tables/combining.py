"""Makes one table of several: of the two of a `JoinedTable`, or the parts of a partitioned one.

No I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final

from weft.errors import ConfigError
from weft.sdk.media.tables.columns import Cells
from weft.sdk.media.tables.joining import joined_loosely
from weft.sdk.media.tables.sources import as_optional
from weft.sdk.media.tables.table import Table
from weft.sdk.media.tables.types import ANY, CellType

_NO_ROW: Final = -1


def joined_tables(left: Table, right: Table, join_key: str | Sequence[str]) -> Table:
    """Return the rows of two tables side by side where their keys are equal.

    A row without a partner is kept, with None for the other table's cells, and so is a row whose
    key is None. The left table's order comes first, then the right one's. Columns are named
    `0.name` and `1.name`, as W&B shows them (`joinedtable-rows` of its query language, aliases 0
    and 1, seen 2026-11). The keys may be two: the left table's and the right table's.

    >>> left = Table(columns=["id", "a"], data=[["x", 1], ["y", 2]])
    >>> right = Table(columns=["id", "b"], data=[["z", 3], ["x", 4]])
    >>> joined = joined_tables(left, right, "id")
    >>> joined.columns
    ['0.id', '0.a', '1.id', '1.b']
    >>> joined.data
    [['x', 1, 'x', 4], ['y', 2, None, None], [None, None, 'z', 3]]
    """
    names = [join_key, join_key] if isinstance(join_key, str) else [*join_key]
    keys = [_keys_of(table, name) for table, name in zip((left, right), names, strict=True)]
    partners: dict[Any, list[int]] = {}
    for row, key in enumerate(keys[1]):
        if key is not None:
            partners.setdefault(key, []).append(row)
    pairs = [
        (row, other)
        for row, key in enumerate(keys[0])
        for other in (partners.get(key) or [_NO_ROW])
    ]
    matched = {other for _, other in pairs}
    pairs += [(_NO_ROW, row) for row in range(len(keys[1])) if row not in matched]
    columns: list[Cells] = []
    types: list[CellType] = []
    for side, table in enumerate((left, right)):
        rows = [pair[side] for pair in pairs]
        for name, kind in zip(table.columns, table.types, strict=True):
            cells = table.get_column(name)
            columns.append(Cells([None if row == _NO_ROW else cells[row] for row in rows]))
            types.append(as_optional(kind))
    titles = [f"0.{name}" for name in left.columns] + [f"1.{name}" for name in right.columns]
    return Table.restored(titles, types, columns, "IMMUTABLE")


def table_of_parts(parts: Sequence[Table]) -> Table:
    """Return the rows of several tables, at least one, with the same columns as one table.

    >>> parts = [Table(columns=["n"], data=[[1]]), Table(columns=["n"], data=[["two"]])]
    >>> table_of_parts(parts).data
    [[1], ['two']]
    """
    names = parts[0].columns
    for part in parts:
        if part.columns != names:
            raise ConfigError(
                f"the parts of a table have different columns: {names} and {part.columns}"
            )
    types = [reduce(_common_type, kinds) for kinds in zip(*(p.types for p in parts), strict=True)]
    columns = [Cells([cell for p in parts for cell in p.get_column(name)]) for name in names]
    return Table.restored([*names], types, columns, "IMMUTABLE")


def _common_type(first: CellType, second: CellType) -> CellType:
    common = joined_loosely(first, second)
    return as_optional(ANY) if common is None else common


def _keys_of(table: Table, name: Any) -> list[Any]:
    """Return the cells of a column in a form that can be compared and hashed."""
    if name not in table.columns:
        raise ConfigError(f"a joined table has no column {name!r} to join by: {table.columns}")
    return [_hashable(cell) for cell in table.get_column(name)]


def _hashable(cell: Any) -> Any:
    if isinstance(cell, float) and cell != cell:
        return None
    try:
        hash(cell)
    except TypeError:  # a list, dict or array
        return repr(cell)
    return cell
