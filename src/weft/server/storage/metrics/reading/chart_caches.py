"""Caches that reads of charts share, because the panels of a page repeat the same queries.

Each store has its own, but for the series: those of all stores of a process share a limit.

A chunk never changes and its number is never reused, so nothing cached of one is ever stale. A
series is valid as long as its run has not changed.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import count
from typing import Final, NamedTuple

from weft.server.storage.contract import Axis, Series, Source
from weft.server.storage.grid.cells import Cells, Grid
from weft.server.storage.metrics.reading.cache import Cache
from weft.server.storage.metrics.reading.folds import Fold, FoldKey


class MetricPlace(NamedTuple):
    """The axis of another metric, as one chunk sees it.

    `part` is the first of its values' parts in the chunk, None if it has none there (any more);
    `before` its last value before the chunk.
    """

    metric: int
    part: int | None
    step_sync: bool
    before: float | None


class GridKey(NamedTuple):
    """The key of a grid."""

    chunk: int
    axis: Axis | MetricPlace
    level: int
    buckets: tuple[int, int]


GRID_POINTS: Final = 2_000_000
"""Points in all grids cached per store, each with x and row: 32 MB."""

LARGEST_GRID: Final = 100_000
"""Larger grids are not cached: they cost less than their values, and would evict all others."""


class CutKey(NamedTuple):
    """A metric in a chunk, up to a step.

    Times count from `base`, or if None from the run's origin.
    """

    chunk: int
    key: int
    axis: Axis | MetricPlace
    limit: float
    base: int | None = None


class CutCells(NamedTuple):
    """The points of a metric in a chunk that count: first and last x, and cells on a level that is
    fine enough for most charts.
    """

    ends: tuple[float, float]
    cells: Cells


CUT_CELLS: Final = 200_000
"""Cells cached per store for chunks with rows that do not count, or whose times have another base
than the run's origin: 20 MB."""


class LastName(NamedTuple):
    """A metric's values in a chunk, identified by their first part, up to a step."""

    chunk: int
    part: int
    limit: float


LAST_VALUES: Final = 100_000
"""Last values cached per store."""

FOLD_CELLS: Final = 400_000
"""Cells of fresh rows cached per store: 40 MB."""


class SeriesName(NamedTuple):
    """A metric of a run on an axis, and what decides which points of the file it consists of."""

    run: str
    key: str
    axis: Axis
    sources: tuple[Source, ...]
    parts: tuple[tuple[str, str], ...] | None
    bases: tuple[tuple[str, int], ...]


WindowName = tuple[int, tuple[int, int] | None]
"""A level, and its first and last bucket; None for all buckets with points."""


class CachedSeries(NamedTuple):
    """A metric of a run as it was after a change of the run.

    Attributes:
        change: the mark of the change, see `MetricDatabase.last_change`; None of an unknown run.
        ends: the first and the last x, and a third one if only that is a float; empty without
            points.
        windows: the series, one for each part of the run, of the last charts.
    """

    change: Hashable | None
    ends: tuple[float, ...]
    windows: Mapping[WindowName, tuple[Series, ...]]


SERIES_CELLS: Final = 1_000_000
"""Buckets of series cached by a process: 75 MB. A page of 100 runs x 20 charts has 640,000; with
room for fewer, each of its charts would evict what the next visit begins with."""

_NAME_CELLS: Final = 16
"""The size of a cached series without its buckets, counted in buckets: 1.2 KB."""


def _size_of(cached: CachedSeries) -> int:
    cells = (
        _NAME_CELLS + len(series.buckets) for shown in cached.windows.values() for series in shown
    )
    return _NAME_CELLS + sum(cells)


class SeriesCache:
    """The series of one store in a cache that it shares with others.

    A store that is closed leaves its series there until others need the room.
    """

    _numbers: Final = count()

    def __init__(self, shared: Cache[tuple[int, SeriesName], CachedSeries]) -> None:
        self._shared = shared
        self._store = next(self._numbers)

    def get(self, name: SeriesName) -> CachedSeries | None:
        """The cached series of a name. None if it is not cached."""
        return self._shared.get((self._store, name))

    def put(self, name: SeriesName, series: CachedSeries) -> None:
        """Cache a series under a name."""
        self._shared.put((self._store, name), series)


def shared_cache(n_cells: int) -> Cache[tuple[int, SeriesName], CachedSeries]:
    """A cache of `n_cells` buckets for the series of several stores."""
    return Cache(n_cells, n_cells, _size_of)


ALL_SERIES = shared_cache(SERIES_CELLS)
"""The series of all stores of this process."""


class ChartCaches:
    """The caches of one store's charts.

    Attributes:
        grids: how points fall into buckets. With 100 runs x 20 charts from raw points this halves
            the time: steps are decoded, sorted and put into buckets once for twenty metrics.
        cuts: the cells of cut chunks. Without them, a chunk of a million rows takes 10 ms for each
            metric, twice a second for each chart of a live run that was rewound.
        lasts: the last values of step metrics in chunks without cells for them.
        folds: the cells of fresh rows. A fold knows its batches, and is extended by new ones.
        series: what charts show of runs, for the pages of other people that show the same runs in
            other panels.
    """

    def __init__(self) -> None:
        self.grids: Cache[GridKey, Grid] = Cache(
            GRID_POINTS, LARGEST_GRID, lambda grid: len(grid.x)
        )
        self.cuts: Cache[CutKey, CutCells] = Cache(
            CUT_CELLS, CUT_CELLS, lambda cut: 1 + len(cut.cells) + len(cut.cells.nonfinite_index)
        )
        self.lasts: Cache[LastName, float] = Cache(LAST_VALUES, 1, lambda _: 1)
        self.folds: Cache[FoldKey, Fold] = Cache(
            FOLD_CELLS, FOLD_CELLS, lambda fold: 1 + len(fold.cells) + len(fold.batches)
        )
        self.series = SeriesCache(ALL_SERIES)
