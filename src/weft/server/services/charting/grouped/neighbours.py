"""Finds the buckets next to a zoomed range, to interpolate the values at its edges.

A group's curve has a value wherever its runs have points before and after it. A zoom must not lose
values because those points are outside. Called by `charting.drawing`, reads the metric store.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields, replace

import numpy as np

from weft.server.services.charting.levels import coarsen_series
from weft.server.storage.contract import Series
from weft.server.storage.grid.cells import bucket_edge
from weft.wire.metrics.charts import MAX_BUCKETS

Ask = Callable[[float | None, float | None, int], Series | None]
"""Reads the series of one metric of one run: takes lo, hi and the most buckets to return."""


def nearest_bucket(ask: Ask, level: int, edge: int, *, before: bool) -> Series | None:
    """The last bucket with points before bucket `edge`, or the first from it on; None if none.

    Cost: two or three queries, as each makes the range some 5,000 times narrower.
    """
    x = bucket_edge(edge, level)
    series = _ask_between(ask, *((None, x) if before else (x, None)))
    return None if series is None else _search(series, ask, level, edge, before=before)


def _search(series: Series, ask: Ask, level: int, edge: int, *, before: bool) -> Series | None:
    if series.level <= level:
        at_end = slice(-1, None) if before else slice(1)
        return take_buckets(coarsen_series(series, level), at_end)
    x = bucket_edge(edge, level)
    buckets: list[int] = series.buckets.tolist()
    # The points of a bucket across the edge may all be on the other side; then try the next one.
    for bucket in reversed(buckets[-2:]) if before else buckets[:2]:
        low, high = (bucket_edge(bucket + n, series.level) for n in (0, 1))
        low, high = (low, min(high, x)) if before else (max(low, x), high)
        narrower = _ask_between(ask, low, high) if low < high else None
        if narrower is None:
            continue
        if narrower.level == series.level:
            # All x are whole and the bucket has width 1, so its points are at its start.
            moved = bucket << (series.level - level)
            if (moved < edge) == before:
                return replace(narrower, level=level, buckets=np.array([moved]))
            continue
        nearest = _search(narrower, ask, level, edge, before=before)
        if nearest is not None:
            return nearest
    return None


def _ask_between(ask: Ask, lo: float | None, hi: float | None) -> Series | None:
    """The series between two edges, which may be beyond the range of float64."""
    if lo == math.inf or hi == -math.inf:
        return None
    return ask(None if lo == -math.inf else lo, None if hi == math.inf else hi, MAX_BUCKETS)


def take_buckets(series: Series, part: slice) -> Series:
    start, stop, _ = part.indices(len(series.buckets))
    inside = (series.nonfinite >= start) & (series.nonfinite < stop)
    values = {field.name: getattr(series, field.name) for field in fields(series)}
    for name in ("buckets", "count", "minimum", "maximum", "mean", "m2", "first", "last", "x"):
        values[name] = values[name][part]
    for name in ("nonfinite", "nan", "positive_infinity", "negative_infinity"):
        values[name] = values[name][inside]
    values["nonfinite"] = values["nonfinite"] - start
    return Series(**values)


def join_buckets(parts: Iterable[Series | None]) -> Series | None:
    """Concatenate series of one run and level; None if all are empty."""
    nonempty = [part for part in parts if part is not None and len(part.buckets)]
    if not nonempty:
        return None
    values = {field.name: getattr(nonempty[0], field.name) for field in fields(nonempty[0])}
    before = np.cumsum([0, *(len(part.buckets) for part in nonempty[:-1])])
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            columns = [getattr(part, name) for part in nonempty]
            if name == "nonfinite":
                columns = [column + n for column, n in zip(columns, before, strict=True)]
            values[name] = np.concatenate(columns)
    return Series(**values)
