"""Reduces the rows of a run to a few that still show every extreme. Pure except for the reading.

Receives column batches from the metric store and passes rows to `weft.queries.thinning`. In each
range of rows, it builds only those in which a metric is lowest, highest or first nonfinite.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.queries.thinning import Row, Thinner
from weft.server.storage.contract import Column, ColumnBatch, Int64

_ROWS_AT_ONCE: Final = 4096
"""Rows per part. All rows of the first part are kept at first, because each is a range of its own.
After each part the thinner lengthens the ranges, so later parts keep fewer rows."""

Begun = Callable[[ColumnBatch, int], Row]
"""Makes a row with its step and times, without values."""


def thin(batches: Iterable[ColumnBatch], samples: int, begin: Begun) -> list[Row]:
    """Keep `samples` rows, or all extremes; see `weft.queries.thinning.thinned`.

    Cost: one pass over the columns in numpy; about `6 * samples` rows are built.
    """
    thinner = Thinner(samples)
    first = 0
    last: ColumnBatch | None = None
    for batch in batches:
        for start in range(0, len(batch), _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, len(batch))
            chosen = _chosen(batch, start, stop, first, thinner)
            for index, row in zip(chosen, _rows(batch, chosen, begin), strict=True):
                thinner.add(first + int(index), row)
        first += len(batch)
        last = batch if len(batch) else last
    if last is not None and thinner.last_index < first - 1:
        (row,) = _rows(last, np.array([len(last) - 1]), begin)
        thinner.add(first - 1, row)
    return thinner.rows()


def with_all(batch: ColumnBatch, keys: Iterable[str]) -> ColumnBatch:
    """The rows of a batch that have a value of each of `keys`."""
    has_all = np.ones(len(batch), dtype=np.bool_)
    for key in keys:
        has = np.zeros(len(batch), dtype=np.bool_)
        for column in batch.columns.get(key, ()):
            has[_rows_of(column, len(batch))] = True
        has_all &= has
    if has_all.all():
        return batch
    new_index = np.cumsum(has_all) - 1
    columns: dict[str, list[Column]] = {}
    for key, of_key in batch.columns.items():
        parts: list[Column] = []
        for column in of_key:
            rows = _rows_of(column, len(batch))
            is_complete = has_all[rows]
            every: Any = column.values
            values: Any
            if column.kind == "object":
                values = [every[at] for at in np.flatnonzero(is_complete)]
            else:
                values = every[is_complete]
            if is_complete.any():
                parts.append(
                    Column(column.kind, new_index[rows[is_complete]].astype(np.uint32), values)
                )
        if parts:
            columns[key] = parts
    return dataclasses.replace(
        batch,
        writer=batch.writer[has_all],
        rows=batch.rows[has_all],
        steps=batch.steps[has_all],
        times=batch.times[has_all],
        columns=columns,
    )


def _rows_of(column: Column, n_rows: int) -> NDArray[Any]:
    return np.arange(n_rows) if column.rows is None else column.rows


def _chosen(batch: ColumnBatch, start: int, stop: int, first: int, thinner: Thinner) -> Int64:
    """The rows in `[start, stop)` that may be in the result, ascending."""
    every = np.arange(start, stop, dtype=np.int64)
    width = thinner.width
    if width == 1:
        return every
    chosen = [
        every[_firsts((first + every) // width)],
        every[(first + every) % thinner.stride == 0],
    ]
    for columns in batch.columns.values():
        for column in columns:
            if column.kind == "object":
                continue
            rows, values = _part(column, start, stop)
            if len(rows):
                chosen.extend(_extremes_of(rows, values, (first + rows) // width))
    return np.unique(np.concatenate(chosen))


def _part(column: Column, start: int, stop: int) -> tuple[Int64, NDArray[np.float64]]:
    """The rows in `[start, stop)` that have a value, and the values as floats."""
    values: Any = column.values
    if column.rows is None:
        rows = np.arange(start, stop, dtype=np.int64)
        return rows, np.asarray(values[start:stop], dtype=np.float64)
    lo, hi = np.searchsorted(column.rows, [start, stop])
    rows = column.rows[lo:hi].astype(np.int64)
    return rows, np.asarray(values[lo:hi], dtype=np.float64)


def _extremes_of(rows: Int64, values: NDArray[np.float64], ranges: Int64) -> list[Int64]:
    """Per range, the first row with the lowest value, the highest and a nonfinite one."""
    finite = np.isfinite(values)
    extremes = [rows[~finite][_firsts(ranges[~finite])]]
    rows, values, ranges = rows[finite], values[finite], ranges[finite]
    if not len(rows):
        return extremes
    starts = _firsts(ranges)
    n_rows = np.diff(starts, append=len(rows))
    for reduce in (np.minimum.reduceat, np.maximum.reduceat):
        ends: NDArray[np.float64] = reduce(values, starts)
        is_extreme = values == np.repeat(ends, n_rows)
        extremes.append(rows[is_extreme][_firsts(ranges[is_extreme])])
    return extremes


def _firsts(ranges: Int64) -> NDArray[np.intp]:
    """The indices where ranges begin in an ascending array of range numbers."""
    return np.flatnonzero(np.diff(ranges, prepend=ranges[:1] - 1))


def _rows(batch: ColumnBatch, chosen: Int64, begin: Begun) -> list[Row]:
    """The chosen rows of a batch as dicts."""
    rows = [begin(batch, int(index)) for index in chosen]
    for key, columns in batch.columns.items():
        for column in columns:
            positions, at = _present_in(column, chosen)
            values: Any = column.values
            if isinstance(values, list):
                for position, index in zip(positions, at, strict=True):
                    rows[position][key] = values[index]
            else:
                for position, value in zip(positions, values[at].tolist(), strict=True):
                    rows[position][key] = value
    return rows


def _present_in(column: Column, chosen: Int64) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the chosen rows with a value in a column, and the indices of the values."""
    if column.rows is None:
        return np.arange(len(chosen)), chosen.astype(np.intp)
    # A row past the last one is clamped to the last one, which then compares unequal.
    at = np.minimum(np.searchsorted(column.rows, chosen), len(column.rows) - 1)
    has = np.flatnonzero(column.rows[at] == chosen)
    return has, at[has]
