"""Reads what a script gives `Table(...)`: column names, rows, arrays or a dataframe. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import numpy as np

from weft.errors import InvalidTable, UsageError, WrongType
from weft.sdk.media.tables.columns import Cells
from weft.sdk.media.tables.frames import frame_columns, is_frame
from weft.sdk.media.tables.inferring import Mismatch, column_type
from weft.sdk.media.tables.notations import type_from_dtype
from weft.sdk.media.tables.types import ANY, MISSING, UNKNOWN, CellType, members_of, one_of

LOG_MODES: Final = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
_DEFAULT_COLUMNS: Final = ("Input", "Output", "Expected")
_MAX_SHOWN: Final = 60


def checked_log_mode(log_mode: Any) -> str:
    """Return a log mode; InvalidTable for anything else."""
    if log_mode not in LOG_MODES:
        raise InvalidTable(f"log_mode must be one of {', '.join(LOG_MODES)}, not {log_mode!r}")
    return log_mode


def checked_columns(columns: Any) -> list[Any]:
    """Return the names of columns, W&B's defaults for None; InvalidTable if they are not a list of
    texts or ints.
    """
    if columns is None:
        return [*_DEFAULT_COLUMNS]
    if not isinstance(columns, list):
        raise InvalidTable(f"columns must be a list, not {type(columns).__name__}")
    names = cast("list[Any]", columns)
    for name in names:
        if type(name) not in {str, int}:
            raise InvalidTable(
                f"names of columns must be strings or ints, not {type(name).__name__} {name!r}"
            )
    return [*names]


def columns_of(
    columns: Any, data: Any, rows: Any, dataframe: Any
) -> tuple[list[Any], list[Cells], int]:
    """Return the names and cells of what was given, and the number of rows.

    InvalidTable, WrongType or UsageError if a table can't take it.
    """
    if dataframe is not None and not is_frame(dataframe):
        kind = type(dataframe).__name__
        raise InvalidTable(f"dataframe must be a DataFrame of pandas or polars, not {kind}")
    if dataframe is None and data is not None and is_frame(data):
        dataframe = data
    if dataframe is not None:
        names, cells = frame_columns(dataframe)
        return checked_columns(names), cells, len(dataframe)
    names = checked_columns(columns)
    content = data if data is not None else rows
    if content is None:
        return names, [Cells([]) for _ in names], 0
    if isinstance(content, np.ndarray):
        array = cast("Any", content)
        if array.ndim == 2 and array.dtype.kind != "O":
            check_width(array.shape[1], names, 0)
            return names, [Cells(np.array(column)) for column in array.T], len(array)
        content = [*array]
    if not isinstance(content, list):
        raise InvalidTable(f"data must be a list of rows, not {type(content).__name__}")
    listed = rows_of(cast("list[Any]", content), names)
    return names, transposed(listed, len(names)), len(listed)


def rows_of(rows: Iterable[Any], names: Sequence[Any]) -> list[list[Any]]:
    listed: list[list[Any]] = []
    for number, row in enumerate(rows):
        try:
            listed.append([*row])
        except TypeError:
            raise WrongType(
                f"row {number} of the table must be a list of cells, not {type(row).__name__}"
            ) from None
    n_columns = len(names)
    for number, row in enumerate(listed):
        if len(row) != n_columns:
            check_width(len(row), names, number)
    return listed


def check_width(n_cells: int, names: Sequence[Any], row: int) -> None:
    """Check the number of a row's cells; UsageError if it differs from the number of columns."""
    if n_cells != len(names):
        raise UsageError(
            f"row {row} of the table has {n_cells} cells, but there are {len(names)} columns: "
            f"{shown([*names])}"
        )


def transposed(rows: Sequence[Sequence[Any]], n_columns: int) -> list[Cells]:
    """Return rows as columns."""
    if not rows:
        return [Cells([]) for _ in range(n_columns)]
    return [Cells([*column]) for column in zip(*rows, strict=True)]


def first_types(
    n_columns: int, dtype: Any, optional: Any, *, allow_mixed_types: bool
) -> list[CellType]:
    """Return the types of columns before their first cell.

    UsageError if a list of dtypes or of `optional` has another length.
    """
    dtypes = [ANY] * n_columns if allow_mixed_types else _for_each(dtype, n_columns, "dtype")
    optionals = _for_each(optional, n_columns, "optional")
    types = [UNKNOWN if each is None else type_from_dtype(each) for each in dtypes]
    return [
        as_optional(cell_type) if is_optional else cell_type
        for cell_type, is_optional in zip(types, optionals, strict=True)
    ]


def as_optional(cell_type: CellType) -> CellType:
    """Return a type that accepts missing values as well."""
    return one_of([*members_of(cell_type), MISSING])


def _for_each(setting: Any, n_columns: int, name: str) -> list[Any]:
    if not isinstance(setting, list):
        return [setting] * n_columns
    each = cast("list[Any]", setting)
    if len(each) != n_columns:
        raise UsageError(f"{name} is a list of {len(each)} for a table of {n_columns} columns")
    return each


MIXED: Final = as_optional(ANY)
"""The type of a column whose cells are of several types."""


def typed(
    names: Sequence[Any],
    types: Sequence[CellType],
    columns: Sequence[Cells],
    *,
    first_row: int = 0,
    is_lenient: bool = False,
) -> list[CellType]:
    """Return the types of columns after cells are added; WrongType if one does not fit.

    `first_row` is for messages. If `is_lenient`, a column of mixed types becomes one of any type.
    """
    after: list[CellType] = []
    for name, held, cells in zip(names, types, columns, strict=True):
        try:
            cell_type = column_type(held, cells.values)
            if cells.valid is not None and not cells.valid.all():
                cell_type = column_type(cell_type, [None])
            after.append(cell_type)
        except Mismatch as mismatch:
            if not is_lenient:
                raise mismatch_error(mismatch, name, first_row + mismatch.row) from None
            after.append(MIXED)
    return after


def mismatch_error(mismatch: Mismatch, name: Any, row: int) -> WrongType:
    """Return the error for a cell that does not fit."""
    kind = type(mismatch.cell).__name__
    if mismatch.cell is None:
        remedy = "make the table with optional=True"
    else:
        remedy = "make the table with allow_mixed_types=True, or name the types with dtype="
    return WrongType(
        f"row {row} of the table has {kind} {shown(mismatch.cell)} in column {name!r}, which "
        f"holds {mismatch.held}: {remedy}"
    )


def shown(value: Any) -> str:
    """Return a value's text for a message."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  the user's objects may raise anything
        return "…"
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
