"""Adds up cells of many chunks, writers and fresh batches to one list of buckets per series.

Pure numpy, no I/O. All series of a panel are added up together: the Python overhead of a call per
series would exceed the cost of the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Float64, Int64, Series
from weft.server.storage.grid.cells import Cells, Grid, fold_columns, fold_points
from weft.server.storage.grid.moments import add_moments

_EXACT_FLOAT: Final = 2**53

SeriesName = tuple[str, str, str | None]
"""Run, key, and part of the run."""


@dataclass(slots=True)
class Piece:
    """Cells of one chunk or fresh block for one series.

    Attributes:
        each: for cells of several series, the series of each cell; `series` is then the lowest.
    """

    series: int
    rank: int
    cells: Cells
    each: NDArray[Any] | None = None
    each_rank: NDArray[Any] | None = None


FOLDED_TOGETHER: Final = 100_000
"""Most points of columns with the same rows that are folded at once. With more, the intermediate
arrays leave the processor's cache, and from 1 MiB on each gets new pages of the system."""

_GridColumn = tuple[Grid, int, int, Float64]
"""A column's grid, the rank of its writer, its series and its values."""


def fold_pieces(columns: Iterable[_GridColumn]) -> Iterator[Piece]:
    """Make the cells of many columns. Columns that share a grid are folded in one go.

    Those are the metrics of one chunk, or one metric of many runs that log at the same steps.
    """
    by_grid: dict[int, list[_GridColumn]] = {}
    n_points = 0
    for column in columns:
        by_grid.setdefault(id(column[0]), []).append(column)
        n_points += len(column[3])
        if n_points >= FOLDED_TOGETHER:
            yield from _fold_grids(by_grid.values())
            by_grid, n_points = {}, 0
    yield from _fold_grids(by_grid.values())


def _fold_grids(by_grid: Iterable[list[_GridColumn]]) -> Iterator[Piece]:
    for columns in by_grid:
        columns.sort(key=lambda column: column[2])
        grid = columns[0][0]
        finite = [False] * len(columns)
        if len(columns) > 1 and len(grid.starts):
            are_finite, cells = fold_columns(grid, [column[3] for column in columns])
            finite = are_finite.tolist()
            folded = [
                column for column, is_finite in zip(columns, finite, strict=True) if is_finite
            ]
            if folded:
                numbers, ranks = (
                    np.repeat(np.array([column[at] for column in folded]), len(grid.starts))
                    for at in (2, 1)
                )
                yield Piece(folded[0][2], folded[0][1], cells, numbers, ranks)
        for (_, rank, series, values), is_finite in zip(columns, finite, strict=True):
            if not is_finite:
                yield Piece(series, rank, fold_points(grid, values))


def merge_pieces(pieces: Sequence[Piece], names: Sequence[SeriesName]) -> list[Series]:
    """Add up pieces of one level. `names` are those of the series, by ordinal."""
    pieces = sorted(pieces, key=lambda piece: piece.series)
    if not pieces:
        return []
    level = pieces[0].cells.level
    lengths = [len(piece.cells) for piece in pieces]
    series = np.repeat(np.array([piece.series for piece in pieces]), lengths)
    if any(piece.each is not None for piece in pieces):
        series = np.concatenate(
            [
                np.full(len(piece.cells), piece.series) if piece.each is None else piece.each
                for piece in pieces
            ]
        )
    joined = _join(pieces, level)
    if not _ascending(series, joined.index):
        ranks = np.concatenate(
            [
                np.full(len(piece.cells), piece.rank)
                if piece.each_rank is None
                else piece.each_rank
                for piece in pieces
            ]
        )
        series, joined = _add_up(series, ranks, joined)
    nonfinite = _collect_nonfinite(pieces)
    if nonfinite is not None:
        series, joined = _with_empty_cells(series, joined, nonfinite[0], nonfinite[1])
    return _split(series, joined, nonfinite, names, level)


def add_cells(every: Sequence[Cells]) -> Cells:
    """Add up cells of one level and one writer, which may cover the same ranges of x."""
    pieces = [Piece(0, 0, cells) for cells in every]
    joined = _join(pieces, every[0].level)
    series = np.zeros(len(joined), dtype=np.int64)
    if not _ascending(series, joined.index):
        _, joined = _add_up(series, series, joined)
    nonfinite = _collect_nonfinite(pieces)
    if nonfinite is None:
        return joined
    return replace(joined, nonfinite_index=nonfinite[1], nonfinite_counts=nonfinite[2])


def _join(pieces: Sequence[Piece], level: int) -> Cells:
    every = [piece.cells for piece in pieces]
    if len(every) == 1:
        return every[0]

    def joined(name: str) -> Any:
        return np.concatenate([getattr(cells, name) for cells in every])

    return Cells(
        level,
        joined("index"),
        joined("count"),
        joined("minimum"),
        joined("maximum"),
        joined("mean"),
        joined("m2"),
        joined("first"),
        joined("last"),
        _join_x([cells.first_x for cells in every]),
        _join_x([cells.last_x for cells in every]),
        joined("first_row"),
        joined("last_row"),
        every[0].nonfinite_index,
        every[0].nonfinite_counts,
    )


def _join_x(parts: list[Any]) -> Any:
    parts = [part for part in parts if len(part)] or parts[:1]
    if len({part.dtype for part in parts}) > 1 and any(
        part.dtype == np.int64 and bool((np.abs(part) > _EXACT_FLOAT).any()) for part in parts
    ):
        # Comparing integer and float steps beyond 2**53 exactly takes more than 53 bits.
        parts = [part.astype(np.longdouble) for part in parts]
    return np.concatenate(parts)


def _ascending(series: NDArray[Any], index: Int64) -> bool:
    same = series[1:] == series[:-1]
    return bool(((series[1:] > series[:-1]) | (same & (index[1:] > index[:-1]))).all())


def _add_up(series: NDArray[Any], ranks: NDArray[Any], cells: Cells) -> tuple[NDArray[Any], Cells]:
    order = np.lexsort((cells.index, series))
    series, index, ranks = series[order], cells.index[order], ranks[order]
    new = np.concatenate(([True], (series[1:] != series[:-1]) | (index[1:] != index[:-1])))
    starts = np.flatnonzero(new)
    sizes = np.diff(starts, append=len(index))
    count, mean, m2 = add_moments(cells.count[order], cells.mean[order], cells.m2[order], starts)
    single = sizes == 1
    # Only buckets with several cells need to know which came first.
    several = np.repeat(~single, sizes)
    at, bucket = order[several], np.repeat(np.arange(len(starts)), sizes)[several]
    first, last = order[starts], order[starts]
    if len(at):
        rank = ranks[several]
        by_first = np.lexsort((cells.first_row[at], rank, cells.first_x[at], bucket))
        by_last = np.lexsort((cells.last_row[at], rank, cells.last_x[at], bucket))
        edges = np.flatnonzero(np.diff(bucket)) + 1
        first[~single] = at[by_first][np.concatenate(([0], edges))]
        last[~single] = at[by_last][np.concatenate((edges, [len(at)])) - 1]
    return series[starts], Cells(
        cells.level,
        index[starts],
        count,
        np.minimum.reduceat(cells.minimum[order], starts),
        np.maximum.reduceat(cells.maximum[order], starts),
        mean,
        m2,
        cells.first[first],
        cells.last[last],
        cells.first_x[first],
        cells.last_x[last],
        cells.first_row[first],
        cells.last_row[last],
        cells.nonfinite_index,
        cells.nonfinite_counts,
    )


_Nonfinite = tuple[NDArray[Any], Int64, Int64]
"""Series, bucket and counts (3, n) of buckets with nonfinite points, ascending."""


def _collect_nonfinite(pieces: Sequence[Piece]) -> _Nonfinite | None:
    nonfinite = [piece for piece in pieces if len(piece.cells.nonfinite_index)]
    if not nonfinite:
        return None
    series = np.repeat(
        np.array([piece.series for piece in nonfinite]),
        [len(piece.cells.nonfinite_index) for piece in nonfinite],
    )
    index = np.concatenate([piece.cells.nonfinite_index for piece in nonfinite])
    counts = np.concatenate([piece.cells.nonfinite_counts for piece in nonfinite], axis=1)
    order = np.lexsort((index, series))
    series, index, counts = series[order], index[order], counts[:, order]
    new = np.concatenate(([True], (series[1:] != series[:-1]) | (index[1:] != index[:-1])))
    starts = np.flatnonzero(new)
    return series[starts], index[starts], np.add.reduceat(counts, starts, axis=1)


def _with_empty_cells(
    series: NDArray[Any], cells: Cells, nonfinite_series: NDArray[Any], nonfinite_index: Int64
) -> tuple[NDArray[Any], Cells]:
    """Add cells with count 0 and NaN statistics for buckets that have only nonfinite points."""
    present = set(zip(series.tolist(), cells.index.tolist(), strict=True))
    nonfinite = zip(nonfinite_series.tolist(), nonfinite_index.tolist(), strict=True)
    missing = [entry for entry in nonfinite if entry not in present]
    if not missing:
        return series, cells
    more_series, more_index = (
        np.array(column, dtype=np.int64) for column in zip(*missing, strict=True)
    )
    nothing = np.zeros(len(missing), dtype=np.int64)
    unknown = np.full(len(missing), np.nan)
    series = np.concatenate((series, more_series))
    index = np.concatenate((cells.index, more_index))
    order = np.lexsort((index, series))

    def extended(values: Any, more: Any) -> Any:
        return np.concatenate((values, more))[order]

    return series[order], Cells(
        cells.level,
        index[order],
        extended(cells.count, nothing),
        extended(cells.minimum, unknown),
        extended(cells.maximum, unknown),
        extended(cells.mean, unknown),
        extended(cells.m2, unknown),
        extended(cells.first, unknown),
        extended(cells.last, unknown),
        extended(cells.first_x, nothing),
        extended(cells.last_x, nothing),
        extended(cells.first_row, nothing),
        extended(cells.last_row, nothing),
        cells.nonfinite_index,
        cells.nonfinite_counts,
    )


def _split(
    series: NDArray[Any],
    cells: Cells,
    nonfinite: _Nonfinite | None,
    names: Sequence[SeriesName],
    level: int,
) -> list[Series]:
    answer: list[Series] = []
    if not len(series):
        return answer
    none = np.empty(0, dtype=np.int64)
    is_single = (cells.first_x == cells.last_x) & (cells.count > 0)
    x = np.where(is_single, cells.first_x, np.nan).astype(np.float64, copy=False)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(series)) + 1, [len(series)])).tolist()
    for start, stop in pairwise(starts):
        number = int(series[start])
        part = slice(start, stop)
        positions, counts = none, (none, none, none)
        if nonfinite is not None:
            selected = nonfinite[0] == number
            if bool(selected.any()):
                positions = np.searchsorted(cells.index[part], nonfinite[1][selected])
                nan, positive, negative = nonfinite[2][:, selected]
                counts = nan, positive, negative
        run, key, part_name = names[number]
        answer.append(
            Series(
                run,
                key,
                level,
                cells.index[part],
                cells.count[part],
                cells.minimum[part],
                cells.maximum[part],
                cells.mean[part],
                cells.m2[part],
                cells.first[part],
                cells.last[part],
                x[part],
                positions,
                *counts,
                part_name,
            )
        )
    return answer
