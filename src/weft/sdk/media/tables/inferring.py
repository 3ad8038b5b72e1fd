"""Finds the types of cells and of whole columns. No I/O.

A cell's type follows from its exact class, as in W&B. So a column is typed by the set of its
classes, which takes 20 ms for a million cells; only cells whose class does not decide, such as
lists, are looked at one by one.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np

from weft.sdk.media.media import Media
from weft.sdk.media.tables.joining import joined, joined_loosely
from weft.sdk.media.tables.keys import TableIndex, TableKey
from weft.sdk.media.tables.types import (
    ANY,
    BOOLEAN,
    MISSING,
    NUMBER,
    OBJECT_NAME,
    PRIMARY_KEY,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    ArrayOf,
    CellType,
    Const,
    DictOf,
    ListOf,
    Reference,
    Simple,
    members_of,
    one_of,
)
from weft.sdk.values.arrays import n_items_of
from weft.sdk.values.scalars import plain_key

_SIMPLE: Final[dict[type[Any], CellType]] = {
    type(None): MISSING,
    str: STRING,
    np.str_: STRING,
    int: NUMBER,
    bool: BOOLEAN,
    np.bool_: BOOLEAN,
    datetime.datetime: TIMESTAMP,
    datetime.date: TIMESTAMP,
}
"""Classes that decide the type. `float` depends on the value: NaN is a missing value."""

_PANDAS: Final[dict[str, CellType]] = {
    "NAType": MISSING,
    "NaTType": MISSING,
    "Timestamp": TIMESTAMP,
}
_ARRAY_KINDS: Final[dict[str, CellType]] = {
    **dict.fromkeys("iufc", NUMBER),
    "b": BOOLEAN,
    "U": STRING,
    "M": TIMESTAMP,
}


class Mismatch(Exception):
    """A cell, by the row's number in the column, is not of the type of the cells before it."""

    def __init__(self, row: int, cell: Any, held: CellType) -> None:
        super().__init__(row)
        self.row = row
        self.cell = cell
        self.held = held


def type_of(value: Any) -> CellType:
    """Return the type of a cell.

    >>> str(type_of(2.5)), str(type_of([1, None])), str(type_of({"a": "b"}))
    ('Number', 'None or Number[]', "{'a': String}")
    """
    kind = cast("type[Any]", type(value))
    simple = simple_type(kind)
    if simple is not None:
        return simple
    if kind is float:
        return MISSING if math.isnan(value) else NUMBER
    if kind is np.datetime64:
        return MISSING if np.isnat(value) else TIMESTAMP
    if kind in {list, tuple, set, frozenset}:
        return _list_type(value)
    if kind is dict:
        return DictOf({plain_key(name): type_of(inner) for name, inner in value.items()})
    if isinstance(value, TableKey):
        return STRING if value.table is None else Reference(value.table, value.column)
    if isinstance(value, TableIndex):
        return NUMBER if value.table is None else Reference(value.table)
    if isinstance(value, Media):
        return Simple(value.type_name())
    n_items = n_items_of(value)
    if n_items is not None and not isinstance(value, np.void):
        return ArrayOf(tuple(map(int, value.shape))) if value.shape else NUMBER
    return Simple(OBJECT_NAME, kind.__name__)


def simple_type(kind: type[Any]) -> CellType | None:
    """Return the type of all values of a class, None if it depends on the value."""
    cell_type = _SIMPLE.get(kind)
    if cell_type is not None:
        return cell_type
    if issubclass(kind, np.number) and not issubclass(kind, np.timedelta64):
        return NUMBER
    if kind.__module__.partition(".")[0] == "pandas":
        return _PANDAS.get(kind.__name__)
    return None


def _list_type(value: Any) -> CellType:
    items: list[Any] = [*value]
    element: CellType = UNKNOWN
    try:
        element = column_type(UNKNOWN, items, is_loose=True)
    except Mismatch:
        element = one_of(type_of(item) for item in items)
    return ListOf(element, len(items))


def accepted(held: CellType, value: Any) -> CellType | None:
    """Return the type of a column after a cell is added, None if the cell does not fit.

    >>> str(accepted(NUMBER, 3)), accepted(NUMBER, "a")
    ('Number', None)
    """
    members = members_of(held)
    constants = [member for member in members if isinstance(member, Const)]
    if constants and any(constant.has(value) for constant in constants):
        return held
    try:
        kind = type_of(value)
    except RecursionError:  # it holds itself
        return held if ANY in members else None
    widened = joined(held, kind)
    if widened is None and kind == NUMBER and _is_nan(value):  # of NumPy, in a column of texts
        return joined(held, MISSING)
    is_listed = isinstance(value, (str, bytes, dict))
    if widened is None and is_listed and any(isinstance(member, ListOf) for member in members):
        # As in W&B, a column of lists takes anything that can be iterated.
        return joined(held, _list_type(value))
    return widened


def _is_nan(value: Any) -> bool:
    return isinstance(value, np.floating) and bool(np.isnan(cast("Any", value)))


def column_type(held: CellType, cells: Any, *, is_loose: bool = False) -> CellType:
    """Return the type of a column after many cells, a list or an array of one dimension, are
    added. `is_loose` accepts missing values in any case. Mismatch if a cell does not fit.

    >>> str(column_type(UNKNOWN, [1, 2.5])), str(column_type(UNKNOWN, np.array(["a"])))
    ('Number', 'String')
    """
    join = joined_loosely if is_loose else joined
    if not len(cells):
        return held
    types = _types_in(cells)
    widened: CellType | None = None
    if types is not None:
        widened = held
        for cell_type in types:
            widened = None if widened is None else join(widened, cell_type)
    if widened is not None:
        return widened
    for row, cell in enumerate(cells):
        widened = joined_loosely(held, type_of(cell)) if is_loose else accepted(held, cell)
        if widened is None:
            raise Mismatch(row, cell, held)
        held = widened
    return held


def _types_in(cells: Any) -> list[CellType] | None:
    """The types of all cells, if their classes decide."""
    if isinstance(cells, np.ndarray):
        return _array_types(cast("Any", cells))
    types: list[CellType] = []
    for kind in dict.fromkeys(map(type, cast("Sequence[Any]", cells))):
        if kind is float:
            types += _float_types(cells)
            continue
        simple = simple_type(kind)
        if simple is None:
            return None
        types.append(simple)
    return types


def _array_types(array: Any) -> list[CellType] | None:
    cell_type = _ARRAY_KINDS.get(array.dtype.kind)
    if cell_type == TIMESTAMP and bool(np.isnat(array).any()):
        return [MISSING] if bool(np.isnat(array).all()) else [TIMESTAMP, MISSING]
    return None if cell_type is None else [cell_type]


def _float_types(cells: Sequence[Any]) -> list[CellType]:
    floats = np.array([cell for cell in cells if type(cell) is float])
    is_nan = np.isnan(floats)
    if not is_nan.any():
        return [NUMBER]
    return [MISSING] if is_nan.all() else [NUMBER, MISSING]


def is_decided(kinds: tuple[type[Any], ...], types: Sequence[CellType]) -> bool:
    """Whether a row of these classes fits columns of these types, and leaves them as they are."""
    for kind, held in zip(kinds, types, strict=True):
        if kind is float:
            if joined(held, NUMBER) != held or joined(held, MISSING) != held:
                return False
            continue
        cell_type = simple_type(kind)
        if cell_type is None or (held != ANY and joined(held, cell_type) != held):
            return False
        if any(isinstance(member, (Const, Reference)) for member in members_of(held)):
            return False
        if held == PRIMARY_KEY:
            return False
    return True
