"""The buckets next to a zoomed range: what lies at its edge is interpolated from them.

A group's curve has a value wherever its runs have points before and after; a zoom must not lose
that because these lie outside. Receives `charting.drawing`'s series, asks the metric store.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields, replace

import numpy as np

from weft.server.services.charting.levels import coarsen_series
from weft.server.storage.contract import Series
from weft.server.storage.grid.cells import bucket_edge
from weft.wire.charts import MAX_BUCKETS

Ask = Callable[[float | None, float | None, int], Series | None]
"""The series of one metric of one run between two x, in at most so many buckets."""


def nearest_bucket(ask: Ask, level: int, edge: int, *, before: bool) -> Series | None:
    """The last bucket before, or the first from, bucket `edge` on that has points; None = none.

    Cost: a question makes the range some 5,000 times narrower, so there are two or three.
    """
    x = bucket_edge(edge, level)
    found = _ask_between(ask, *((None, x) if before else (x, None)))
    return None if found is None else _search(found, ask, level, edge, before=before)


def _search(series: Series, ask: Ask, level: int, edge: int, *, before: bool) -> Series | None:
    if series.level <= level:
        at_end = slice(-1, None) if before else slice(1)
        return take_buckets(coarsen_series(series, level), at_end)
    x = bucket_edge(edge, level)
    buckets: list[int] = series.buckets.tolist()
    # A bucket across the edge may have its points on the other side: then it is the next one.
    for bucket in reversed(buckets[-2:]) if before else buckets[:2]:
        low, high = (bucket_edge(bucket + n, series.level) for n in (0, 1))
        low, high = (low, min(high, x)) if before else (max(low, x), high)
        narrower = _ask_between(ask, low, high) if low < high else None
        if narrower is None:
            continue
        if narrower.level == series.level:
            # All x are whole, so that no bucket is narrower than 1: its points begin it.
            moved = bucket << (series.level - level)
            if (moved < edge) == before:
                return replace(narrower, level=level, buckets=np.array([moved]))
            continue
        found = _search(narrower, ask, level, edge, before=before)
        if found is not None:
            return found
    return None


def _ask_between(ask: Ask, lo: float | None, hi: float | None) -> Series | None:
    """The series between two edges, which may lie beyond all that float64 can say."""
    if lo == math.inf or hi == -math.inf:
        return None
    return ask(None if lo == -math.inf else lo, None if hi == math.inf else hi, MAX_BUCKETS)


def take_buckets(series: Series, part: slice) -> Series:
    """Some consecutive buckets of a series."""
    start, stop, _ = part.indices(len(series.buckets))
    inside = (series.odd >= start) & (series.odd < stop)
    values = {field.name: getattr(series, field.name) for field in fields(series)}
    for name in ("buckets", "count", "minimum", "maximum", "mean", "m2", "first", "last"):
        values[name] = values[name][part]
    for name in ("odd", "nan", "positive_infinity", "negative_infinity"):
        values[name] = values[name][inside]
    values["odd"] = values["odd"] - start
    return Series(**values)


def join_buckets(parts: Iterable[Series | None]) -> Series | None:
    """Series of one run and level behind each other; None = there is none."""
    some = [part for part in parts if part is not None and len(part.buckets)]
    if not some:
        return None
    values = {field.name: getattr(some[0], field.name) for field in fields(some[0])}
    before = np.cumsum([0, *(len(part.buckets) for part in some[:-1])])
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            columns = [getattr(part, name) for part in some]
            if name == "odd":
                columns = [odd + n for odd, n in zip(columns, before, strict=True)]
            values[name] = np.concatenate(columns)
    return Series(**values)
