"""Compares tables cell by cell. No I/O."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from weft.sdk.media.tables.types import CellType


class Comparable(Protocol):
    """The parts of a table that are compared."""

    @property
    def columns(self) -> list[Any]:
        """Names of its columns."""
        ...

    @property
    def data(self) -> list[list[Any]]:
        """Its rows."""
        ...

    @property
    def types(self) -> list[CellType]:
        """The types of the columns."""
        ...


def first_difference(table: Comparable, other: Comparable) -> str | None:
    """Return the first difference of two tables, None if they are equal. NaN differs from NaN."""
    if len(table.data) != len(other.data):
        return f"one has {len(table.data)} rows, the other {len(other.data)}"
    if table.columns != other.columns:
        return f"the columns are {table.columns} and {other.columns}"
    if table.types != other.types:
        return "the types of the columns differ"
    for number, (row, other_row) in enumerate(zip(table.data, other.data, strict=True)):
        for name, cell, other_cell in zip(table.columns, row, other_row, strict=True):
            if not _are_equal(cell, other_cell):
                return f"row {number}, column {name!r}"
    return None


def _are_equal(cell: Any, other: Any) -> bool:
    result: Any = cell == other
    if isinstance(result, np.ndarray):
        return getattr(cell, "shape", None) == getattr(other, "shape", None) and bool(result.all())
    return bool(result)
