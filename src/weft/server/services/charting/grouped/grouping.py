"""Curves of groups of runs: one center and one band for many series. Pure numpy.

Receives the series of each run, all on one level; `services.charting` has put the runs in groups.

A run's value in a bucket is the mean of its finite points there; each run counts once, however
many points it has. In a bucket without points between two that have some, the value is linearly
interpolated, as are the run's minimum and maximum. A run has no value before its first and after
its last bucket, in a bucket where all its points are nonfinite, or between such a bucket and the
next one.

Across the runs that have a value in a bucket, the center is their mean or median. The bands are
the sample standard deviation (n - 1), the standard error (that divided by the square root of n),
and the 95 % confidence interval of the mean, by Student's t. They are centered on the mean, also
where the center is the median, and need at least two runs. `minmax` reaches from the minimum to
the maximum of all runs' points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.answers import Band
from weft.server.services.charting.grouped.student import t_quantile
from weft.server.storage.contract import Float64, Int64, Series
from weft.wire.metrics.charts import BandKind, Center

CELLS_AT_ONCE: Final = 1_000_000
"""Runs × buckets processed at a time: about 50 MB with all intermediate results."""


def group_series(
    members: Sequence[Series],
    center: Center,
    band: BandKind | None,
    waits: Cancellation,
    inside: tuple[int | None, int | None] = (None, None),
) -> tuple[Series, Band] | None:
    """The curve of a group and its band, over all buckets in which a member has a point or a
    value; None if no bucket is left. `last` of its last bucket is the center of the members' last
    values, of the others NaN.

    The members have a point each, one key and one level. Buckets beyond `inside`, the first and
    last to show, serve only for interpolation. Cost: O(members * buckets).
    """
    first = min(int(member.buckets[0]) for member in members)
    last = max(int(member.buckets[-1]) for member in members)
    first = first if inside[0] is None else max(first, inside[0])
    last = last if inside[1] is None else min(last, inside[1])
    if last < first:
        return None
    n_buckets = last - first + 1
    count = np.zeros(n_buckets, dtype=np.int64)
    has_points = np.zeros(n_buckets, dtype=np.bool_)
    nonfinite = np.zeros((3, n_buckets), dtype=np.int64)
    lowest_x, highest_x = np.full(n_buckets, np.inf), np.full(n_buckets, -np.inf)
    is_dense = bool(np.isnan(members[0].x).all())  # as mostly: then buckets have several x
    for member in members:
        positions = member.buckets - first
        shown = (positions >= 0) & (positions < n_buckets)
        count[positions[shown]] += member.count[shown]
        if not is_dense:
            finite = shown & (member.count > 0)
            at, x = positions[finite], member.x[finite]
            lowest_x[at] = np.minimum(lowest_x[at], x)  # NaN, several x, stays
            highest_x[at] = np.maximum(highest_x[at], x)
        has_points[positions[shown]] = True
        nonfinite_kinds = np.stack(
            (member.nan, member.positive_infinity, member.negative_infinity)
        )
        nonfinite_shown = shown[member.nonfinite]
        nonfinite[:, positions[member.nonfinite[nonfinite_shown]]] += nonfinite_kinds[
            :, nonfinite_shown
        ]
    size = max(1, CELLS_AT_ONCE // len(members))
    parts: list[Any] = []
    for start in range(0, n_buckets, size):
        waits.check()
        stop = min(start + size, n_buckets)
        parts.append(_across(members, range(first + start, first + stop), center, band))
    middle, minimum, maximum, low, high, runs = np.concatenate(parts, axis=1)
    occupied: Any = np.flatnonzero((runs > 0) | has_points)
    if not len(occupied):
        return None
    nonfinite_at: Any = np.flatnonzero(nonfinite[:, occupied].any(axis=0))
    unknown = np.full(len(occupied), np.nan)
    last_values = unknown.copy()
    last_values[-1] = _middle_of_lasts(members, center, (first, last))
    series = Series(
        run="",
        key=members[0].key,
        level=members[0].level,
        buckets=occupied + first,
        count=count[occupied],
        minimum=minimum[occupied],
        maximum=maximum[occupied],
        mean=middle[occupied],
        m2=unknown,
        first=unknown,
        last=last_values,
        x=np.where(lowest_x == highest_x, lowest_x, np.nan)[occupied],
        nonfinite=nonfinite_at,
        nan=nonfinite[0, occupied[nonfinite_at]],
        positive_infinity=nonfinite[1, occupied[nonfinite_at]],
        negative_infinity=nonfinite[2, occupied[nonfinite_at]],
    )
    return series, Band(low[occupied], high[occupied], runs[occupied].astype(np.int64))


def _middle_of_lasts(
    members: Sequence[Series], center: Center, inside: tuple[int, int]
) -> np.float64:
    """The center of the last finite value of each member in some buckets; NaN if none has one."""
    lasts = np.full((len(members), 1), np.nan)
    for n, member in enumerate(members):
        start, stop = np.searchsorted(member.buckets, (inside[0], inside[1] + 1))
        finite = np.flatnonzero(member.count[start:stop])
        if len(finite):
            lasts[n] = member.last[start + finite[-1]]
    valid = ~np.isnan(lasts)
    n_runs = valid.sum(axis=0)
    middle = _mean(lasts, valid, n_runs) if center == "mean" else _median(lasts, n_runs)
    return middle[0]


def _across(
    members: Sequence[Series],
    buckets: range,
    center: Center,
    band: BandKind | None,
) -> NDArray[np.float64]:
    """Center, minimum, maximum, low, high and number of runs: float64[6, len(buckets)]."""
    means, lows, highs = (np.full((len(members), len(buckets)), np.nan) for _ in range(3))
    for n, member in enumerate(members):
        start = max(buckets.start, int(member.buckets[0]))
        stop = min(buckets.stop, int(member.buckets[-1]) + 1)
        if start < stop:
            into = slice(start - buckets.start, stop - buckets.start)
            for table, values in (
                (means, member.mean),
                (lows, member.minimum),
                (highs, member.maximum),
            ):
                table[n, into] = _filled(member.buckets, values, start, stop)
    valid = ~np.isnan(means)
    n_runs = valid.sum(axis=0)
    mean = _mean(means, valid, n_runs)
    middle = mean if center == "mean" else _median(means, n_runs)
    # `fmin` and `fmax` ignore NaN.
    least, greatest = (np.full(len(buckets), np.nan) for _ in range(2))
    for n in range(len(members)):
        np.fmin(least, lows[n], out=least)
        np.fmax(greatest, highs[n], out=greatest)
    low, high = _edges(band, means, mean, n_runs, (least, greatest))
    return np.stack((middle, least, greatest, low, high, n_runs))


def _filled(buckets: Int64, values: Float64, start: int, stop: int) -> Float64:
    """Values at every bucket from `start` to `stop`; missing ones are interpolated linearly."""
    first, last = np.searchsorted(buckets, (start, stop)).tolist()
    if last - first == stop - start:
        return values[first:last]
    with np.errstate(invalid="ignore", over="ignore"):
        filled: Any = np.interp(np.arange(start, stop), buckets, values)
    # Put back the exact known values: interpolation next to a NaN gives NaN there, too.
    filled[buckets[first:last] - start] = values[first:last]
    return filled


def _mean(values: Float64, valid: NDArray[np.bool_], n_runs: Int64) -> Float64:
    finite_values = np.where(valid, values, 0.0)
    count = np.maximum(n_runs, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = finite_values.sum(axis=0) / count
    beyond = ~np.isfinite(mean)
    if bool(beyond.any()):
        # Divide before adding up, so that means near the largest float do not overflow.
        mean[beyond] = (finite_values[:, beyond] / count[beyond]).sum(axis=0)
    return np.where(n_runs > 0, mean, np.nan)


def _median(values: Float64, n_runs: Int64) -> Float64:
    # NaN sorts after all numbers.
    ordered = np.sort(values, axis=0)
    columns: Any = np.arange(len(n_runs))
    lower = ordered[np.maximum(n_runs - 1, 0) // 2, columns]
    upper = ordered[n_runs // 2, columns]
    return np.where(lower == upper, lower, lower / 2 + upper / 2)


def _edges(
    band: BandKind | None,
    values: Float64,
    mean: Float64,
    n_runs: Int64,
    extremes: tuple[Float64, Float64],
) -> tuple[Float64, Float64]:
    if band == "minmax":
        return extremes
    if band is None:
        none = np.full(len(mean), np.nan)
        return none, none
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        # Scale to about 1 before squaring: squares overflow or underflow first.
        size = np.where(np.isnan(values), 0.0, np.abs(values)).max(axis=0)
        _, exponents = np.frexp(size)
        apart = np.ldexp(values, -exponents) - np.ldexp(mean, -exponents)
        apart[np.isnan(apart)] = 0.0
        spread = np.sqrt((apart * apart).sum(axis=0) / (n_runs - 1))
        deviation = np.ldexp(spread, exponents)
        deviation[n_runs < 2] = np.nan
        if band == "std":
            half = deviation
        else:
            half = deviation / np.sqrt(n_runs)
            if band == "ci95":
                half = half * _quantiles(n_runs)
        return mean - half, mean + half


def _quantiles(n_runs: Int64) -> Float64:
    of_count: dict[int, Any] = {
        n: t_quantile(0.975, n - 1) if n > 1 else np.nan for n in set(n_runs.tolist())
    }
    return np.array([of_count[n] for n in n_runs.tolist()])
