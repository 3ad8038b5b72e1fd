"""Reads dataframes of pandas and polars, and makes them. No I/O.

A library is imported only to make a dataframe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from weft.libraries.optional import needed
from weft.sdk.media.tables.columns import Cells
from weft.tables.packing import unique_names


def is_frame(value: object) -> bool:
    """Whether a value is a dataframe.

    >>> is_frame([1])
    False
    """
    return _library_of(value) is not None


def _library_of(value: object) -> str | None:
    for kind in type(value).__mro__:
        library = kind.__module__.partition(".")[0]
        if kind.__name__ == "DataFrame" and library in {"pandas", "polars"}:
            return library
    return None


def frame_columns(frame: Any) -> tuple[list[Any], list[Cells]]:
    """Return the names and cells of a dataframe's columns; pandas' index is not a column.

    ValueError for anything else.
    """
    library = _library_of(frame)
    if library == "pandas":
        names: list[Any] = [*frame.columns]
        return names, [_of_pandas(frame.iloc[:, index]) for index in range(len(names))]
    if library == "polars":
        return [*frame.columns], [_of_polars(series) for series in frame.get_columns()]
    raise ValueError(f"a dataframe of pandas or polars is expected, not {type(frame).__name__}")


def _of_pandas(series: Any) -> Cells:
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        if cast("Any", dtype).kind != "O":
            return Cells(np.array(series.to_numpy()))
        return Cells([*series.to_numpy()])
    if hasattr(dtype, "tz"):
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return Cells(utc.to_numpy(), is_utc=True)
    valid = series.notna().to_numpy()
    kind = getattr(dtype, "kind", "O")
    if kind in "iufb" and hasattr(dtype, "numpy_dtype"):
        zero = dtype.numpy_dtype.type(0)
        return Cells(series.to_numpy(dtype=dtype.numpy_dtype, na_value=zero), valid)
    cells: list[Any] = series.tolist()
    if not valid.all():
        cells = [cell if has else None for cell, has in zip(cells, valid, strict=True)]
    return Cells(cells)


def _of_polars(series: Any) -> Cells:
    if series.dtype.is_numeric() and not series.dtype.is_decimal() and not series.null_count():
        return Cells(np.array(series.to_numpy()))
    return Cells(series.to_list())


def pandas_frame(names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Any:
    """Return rows as a DataFrame of pandas."""
    pandas = needed("pandas", "a dataframe")
    return pandas.DataFrame.from_records(rows, columns=names)


def polars_frame(names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Any:
    """Return rows as a DataFrame of polars. Cells that polars has no type for become objects."""
    polars = needed("polars", "a dataframe")
    series: list[Any] = []
    for index, name in enumerate(unique_names(names)):
        cells = [row[index] for row in rows]
        try:
            series.append(polars.Series(name, cells, strict=False))
        except (TypeError, ValueError, polars.exceptions.PolarsError):
            series.append(polars.Series(name, cells, dtype=polars.Object))
    return polars.DataFrame(series)
