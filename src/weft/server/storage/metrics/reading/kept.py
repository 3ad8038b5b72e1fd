"""Caches that reads of charts share, because the panels of a page repeat the same queries.

A chunk never changes and its number is never reused, so nothing cached here is ever stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from weft.server.storage.contract import Axis
from weft.server.storage.grid.cells import Cells, Grid

N = TypeVar("N", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[N, V]):
    """A cache of the most recently used values, bounded by the sum of their sizes. Thread-safe.

    Args:
        capacity: the maximum sum of the sizes of all values.
        largest: values above this size are not cached.
        size: returns the size of a value.
    """

    def __init__(self, capacity: int, largest: int, size: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._largest = largest
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[N, V] = OrderedDict()
        self._sum = 0

    def get(self, name: N) -> V | None:
        """The cached value of a name. None if it is not cached."""
        with self._lock:
            value = self._values.get(name)
            if value is not None:
                self._values.move_to_end(name)
            return value

    def put(self, name: N, value: V) -> None:
        """Cache a value under a name, and evict the least recently used values."""
        size = self._size(value)
        with self._lock:
            old = self._values.pop(name, None)
            self._sum -= 0 if old is None else self._size(old)
            if size > self._largest:
                return
            self._values[name] = value
            self._sum += size
            while self._sum > self._capacity:
                self._sum -= self._size(self._values.popitem(last=False)[1])


class MetricPlace(NamedTuple):
    """The axis of another metric, as one chunk sees it.

    Attributes:
        metric: number of the metric.
        part: first part of its values in the chunk. None if it has none there (any more).
        before: its last value before the chunk.
    """

    metric: int
    part: int | None
    step_sync: bool
    before: float | None


class GridName(NamedTuple):
    """What a grid depends on."""

    chunk: int
    axis: Axis | MetricPlace
    level: int
    buckets: tuple[int, int]


GRID_POINTS: Final = 2_000_000
"""Points in all grids cached per store, each with x and row: 32 MB."""

LARGEST_GRID: Final = 100_000
"""Larger grids are not cached: they cost less than their values, and would evict all others."""


def keep_grids() -> Kept[GridName, Grid]:
    """Make a store's cache of how points fall into buckets.

    With 100 runs x 20 charts from raw points it halves the time: steps are decoded, sorted and put
    into buckets once for twenty metrics.
    """
    return Kept(GRID_POINTS, LARGEST_GRID, lambda grid: len(grid.x))


class CutName(NamedTuple):
    """A metric in a chunk, up to a step.

    Attributes:
        base: what times count from on the axis `time`. None for the run's origin.
    """

    chunk: int
    key: int
    axis: Axis | MetricPlace
    limit: float
    base: int | None = None


class CutCells(NamedTuple):
    """The points of a metric in a chunk that count.

    Attributes:
        ends: first and last x.
        cells: their cells, on a level that is fine enough for most charts.
    """

    ends: tuple[float, float]
    cells: Cells


CUT_CELLS: Final = 200_000
"""Cells cached per store for chunks with rows that do not count, or whose times have another base
than the run's origin: 20 MB."""


def keep_cuts() -> Kept[CutName, CutCells]:
    """Make a store's cache of the cells of cut chunks.

    Without it, a chunk of a million rows takes 10 ms for each metric, twice a second for each
    chart of a live run that was rewound.
    """
    return Kept(CUT_CELLS, CUT_CELLS, lambda cut: 1 + len(cut.cells) + len(cut.cells.odd_index))


class LastName(NamedTuple):
    """A metric's values in a chunk, identified by their first part, up to a step."""

    chunk: int
    part: int
    limit: float


LAST_VALUES: Final = 100_000


def keep_lasts() -> Kept[LastName, float]:
    """Make a store's cache of step metrics' last values in chunks without cells for them."""
    return Kept(LAST_VALUES, 1, lambda _: 1)
