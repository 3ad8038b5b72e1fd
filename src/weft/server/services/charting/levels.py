"""Brings the series of a panel to one level by adding up buckets, which nest in a grid. Pure.

The metric store picks a level for each query. A panel with several axes, expressions or origins
sends several queries, and then queries again for whole buckets of the common level.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Float64, Int64, Series
from weft.server.storage.grid.moments import add_moments


def common_level(
    series: Sequence[Series],
    n_buckets: int,
    lo: float | None,
    hi: float | None,
    origins: Sequence[int] = (),
) -> int:
    """The lowest level that fits all series, of which there is at least one.

    Each is on the lowest level for its own points in the range. At most `n_buckets` are between
    the ends of the range; an open end is the end of the first or last bucket of all series.
    `origins` are those of the series' x, if they differ.
    """
    level = max(member.level for member in series)
    if lo is not None and hi is not None:
        return level
    edges: list[Fraction] = []
    for n, member in enumerate(series):
        if len(member.buckets):
            origin = origins[n] if origins else 0
            width = Fraction(2) ** member.level
            edges += [origin + int(member.buckets[end]) * width for end in (0, -1)]
    if not edges:
        return level
    first = min(edges) if lo is None else Fraction(lo)
    last = max(edges) if hi is None else Fraction(hi)
    while last // Fraction(2) ** level - first // Fraction(2) ** level >= n_buckets:
        level += 1
    return level


def whole_buckets(
    lo: float | None, hi: float | None, level: int
) -> tuple[float | None, float | None]:
    """Widen a range to whole buckets of a level, whose edges are edges of lower levels, too.

    >>> whole_buckets(-5.5, 8, 2)
    (-8.0, 8.0)
    """
    width = Fraction(2) ** level
    start = None if lo is None else Fraction(lo) // width * width
    stop = None if hi is None else -(-Fraction(hi) // width) * width
    return _float(start), _float(stop)


def _float(edge: Fraction | None) -> float | None:
    try:
        return None if edge is None else float(edge)
    except OverflowError:  # beyond the largest float, where no points are
        return None


def coarsen_series(series: Series, level: int) -> Series:
    """Add up a series' buckets to a coarser level.

    >>> from weft.server.storage.grid.buckets import bucket_points
    >>> fine = bucket_points(np.arange(4), np.array([1.0, 2.0, 3.0, 6.0]))
    >>> coarse = coarsen_series(fine, 1)
    >>> coarse.buckets, coarse.mean, coarse.last
    (array([0, 1]), array([1.5, 4.5]), array([2., 6.]))
    """
    if level == series.level or not len(series.buckets):
        return series
    index = series.buckets >> min(level - series.level, 63)
    starts = _starts(index)
    buckets = index[starts]
    finite = series.count > 0
    own = index[finite]
    at = _starts(own)
    into = np.searchsorted(buckets, own[at])
    counts = series.count[finite]

    def spread(values: Any) -> Float64:
        spread_values = np.full(len(buckets), np.nan)
        spread_values[into] = values
        return spread_values

    count = np.zeros(len(buckets), dtype=np.int64)
    minimum = maximum = mean = m2 = first = last = x = np.full(len(buckets), np.nan)
    if len(own):
        count[into] = np.add.reduceat(counts, at)
        minimum = spread(np.minimum.reduceat(series.minimum[finite], at))
        maximum = spread(np.maximum.reduceat(series.maximum[finite], at))
        _, means, m2s = add_moments(counts, series.mean[finite], series.m2[finite], at)
        mean, m2 = spread(means), spread(m2s)
        first = spread(series.first[finite][at])
        last = spread(series.last[finite][np.append(at[1:], len(own)) - 1])
        lowest = np.minimum.reduceat(series.x[finite], at)
        x = spread(np.where(lowest == np.maximum.reduceat(series.x[finite], at), lowest, np.nan))
    nonfinite_at = np.searchsorted(buckets, index[series.nonfinite])
    nonfinite_starts = _starts(nonfinite_at)

    def added(counted: Int64) -> Int64:
        return np.add.reduceat(counted, nonfinite_starts) if len(counted) else counted

    return Series(
        run=series.run,
        key=series.key,
        level=level,
        buckets=buckets,
        count=count,
        minimum=minimum,
        maximum=maximum,
        mean=mean,
        m2=m2,
        first=first,
        last=last,
        x=x,
        nonfinite=nonfinite_at[nonfinite_starts].astype(np.int64),
        nan=added(series.nan),
        positive_infinity=added(series.positive_infinity),
        negative_infinity=added(series.negative_infinity),
        part=series.part,
    )


def _starts(index: NDArray[Any]) -> NDArray[np.intp]:
    if not len(index):
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero(np.concatenate(([True], index[1:] != index[:-1])))
