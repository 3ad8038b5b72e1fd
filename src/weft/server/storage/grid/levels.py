"""Levels of the pyramid: those that a chunk stores, and the level that a chart reads. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from weft.server.storage.contract import Steps
from weft.server.storage.grid.cells import INDEX_BITS, bucket_index, finest_level

LEVEL_STRIDE: Final = 2
"""Only every second level is stored: the even ones, so that all chunks store the same levels."""

FEW_CELLS: Final = 64
"""The coarsest stored level is the first with at most this many cells."""


def stored_levels(x: Steps, points_per_cell: int, *, skip_alike: bool = False) -> list[int]:
    """The levels that a chunk stores for points at `x`, which ascend.

    The levels range from the first even one with at least `points_per_cell` points per non-empty
    cell to the first with at most `FEW_CELLS` cells. A chunk too small for that stores no level.
    If the first levels have the same cells, `skip_alike` begins with the coarsest of them.

    Cost: O(n) for all levels at once: x[i] and x[i-1] are in different cells of level k exactly if
    `x[i] ^ x[i-1]` has more than k bits.

    >>> stored_levels(np.arange(65536), 64)
    [6, 8, 10]
    """
    n = len(x)
    if n < points_per_cell:
        return []
    lowest = 0
    if x.dtype != np.int64:
        lowest = finest_level(float(max(abs(x[0]), abs(x[-1]))))
        lowest += lowest % LEVEL_STRIDE
    fine = bucket_index(x, lowest)
    changed = (fine[1:] ^ fine[:-1]).astype(np.uint64)
    # As floats, values above 2**53 may round up to one bit more. A level's count is then slightly
    # too high, which only makes the choice slightly coarser.
    bits = np.frexp(changed.astype(np.float64))[1]
    n_boundaries = np.bincount(bits, minlength=66)
    n_cells = 1 + np.cumsum(n_boundaries[::-1])[::-1]
    levels: list[int] = []
    finest = 0
    for above in range(0, INDEX_BITS + 1, LEVEL_STRIDE):
        cells = int(n_cells[above + 1])
        if levels or cells * points_per_cell <= n:
            if skip_alike and len(levels) == 1 and cells == finest:
                levels.clear()
            if not levels:
                finest = cells
            levels.append(lowest + above)
            if cells <= FEW_CELLS:
                break
    return levels


def choose_level(lo: float, hi: float, n_buckets: int, *, closed: bool, whole: bool) -> int:
    """The smallest level with at most `n_buckets` buckets across `[lo, hi)`.

    The range is `closed` if `hi` is the last point itself. If all x are integers (`whole`), the
    level is at least 0. A range of a single point has level 0, or the finest possible level. Exact
    for integers.

    >>> choose_level(0, 1000, 100, closed=False, whole=True)
    4
    """
    floor = finest_level(float(max(abs(lo), abs(hi))))
    if whole or (closed and lo == hi):
        floor = max(floor, 0)
    low, high = floor, max(floor, 1025)
    while low < high:
        middle = (low + high) // 2
        first, last = bucket_range(lo, hi, middle, closed=closed)
        if last - first < n_buckets:
            high = middle
        else:
            low = middle + 1
    return low


Window = tuple[int, tuple[int, int]]
"""A level, and the first and the last bucket of a range on it."""


def plan_window(
    ends: Sequence[float], lo: float | None, hi: float | None, n_buckets: int
) -> Window | None:
    """The buckets of a chart.

    None if nothing is in the range. `ends` are smallest and largest x of each series, as ints if
    all x of the series are integers.

    >>> plan_window([0, 99], None, None, 64)
    (1, (0, 49))
    """
    if not ends:
        return None
    closed = hi is None
    first = min(ends) if lo is None else lo
    last = max(ends) if hi is None else hi
    if first > last or (first == last and not closed):
        return None
    whole = all(isinstance(end, int) for end in ends)
    level = choose_level(first, last, n_buckets, closed=closed, whole=whole)
    return level, bucket_range(first, last, level, closed=closed)


def bucket_range(lo: float, hi: float, level: int, *, closed: bool) -> tuple[int, int]:
    """The first and the last bucket that a range touches.

    >>> bucket_range(0, 16, 3, closed=False)
    (0, 1)
    """
    first, last = bucket_of(lo, level), bucket_of(hi, level)
    if not closed and last > first and _times(last, level) == hi:
        last -= 1
    return first, last


def bucket_of(x: float, level: int) -> int:
    """The bucket of one x, exact and without limits on the index.

    >>> bucket_of(-1, 3), bucket_of(0.75, -1)
    (-1, 1)
    """
    if isinstance(x, int):
        return x >> level if level >= 0 else x << -level
    numerator, denominator = x.as_integer_ratio()
    if level >= 0:
        return numerator // (denominator << level)
    return (numerator << -level) // denominator


def _times(index: int, level: int) -> float:
    if level >= 0:
        return index << level
    return math.ldexp(index, level)
