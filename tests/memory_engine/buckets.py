"""The twin's buckets, by brute force in exact arithmetic. See `memory`. No I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from memory_engine.points import Spot
from weft.server.storage.contract import Series, SeriesQuery

SeriesName = tuple[str, str, str | None]
"""Run, key and part of a series."""


def bucket_series(points: Mapping[SeriesName, Sequence[Spot]], query: SeriesQuery) -> list[Series]:
    """Points of every series in the buckets that a query asks for; see `MetricStore.series`."""
    every = [point.x for points_of_series in points.values() for point in points_of_series]
    if not every:
        return []
    lo = min(every) if query.lo is None else query.lo
    hi = max(every) if query.hi is None else query.hi
    closed = query.hi is None
    if lo > hi or (lo == hi and not closed):
        return []
    level = math.frexp(max(abs(lo), abs(hi)))[1] - 62
    if all(isinstance(x, int) for x in every) or (lo == hi and closed):
        level = max(level, 0)
    while True:
        first, last = _bucket(lo, level), _bucket(hi, level)
        if not closed and last > first and Fraction(last) * _width(level) == Fraction(hi):
            last -= 1
        if last - first < query.n_buckets:
            break
        level += 1
    answer: list[Series] = []
    for name, points_of_series in points.items():
        inside = [
            (bucket, point)
            for point in points_of_series
            if first <= (bucket := _bucket(point.x, level)) <= last
        ]
        if inside:
            answer.append(_fold(name, level, inside))
    return answer


def _width(level: int) -> Fraction:
    return Fraction(2) ** level


def _bucket(x: float, level: int) -> int:
    numerator, denominator = x.as_integer_ratio()
    if level >= 0:
        return numerator // (denominator << level)
    return (numerator << -level) // denominator


def _fold(name: SeriesName, level: int, inside: Sequence[tuple[int, Spot]]) -> Series:
    buckets: dict[int, list[Spot]] = {}
    for bucket, point in inside:
        buckets.setdefault(bucket, []).append(point)
    numbers: list[list[float]] = []
    nonfinite: list[tuple[int, int, int, int]] = []
    for nth, bucket in enumerate(sorted(buckets)):
        points = sorted(buckets[bucket], key=lambda point: (point.x, point.writer, point.row))
        values = [point.value for point in points]
        finite = [value for value in values if math.isfinite(value)]
        xs = {point.x for point in points if math.isfinite(point.value)}
        x = float(xs.pop()) if len(xs) == 1 else math.nan
        numbers.append([len(finite), *_moments(finite), x])
        counts = (
            sum(map(math.isnan, values)),
            values.count(math.inf),
            values.count(-math.inf),
        )
        if any(counts):
            nonfinite.append((nth, *counts))
    table = [np.array(column, dtype=np.float64) for column in zip(*numbers, strict=True)]
    marks = [np.array([mark[nth] for mark in nonfinite], dtype=np.int64) for nth in range(4)]
    run, key, part = name
    return Series(
        run,
        key,
        level,
        np.array(sorted(buckets), dtype=np.int64),
        table[0].astype(np.int64),
        table[1],
        table[2],
        table[3],
        table[4],
        table[5],
        table[6],
        table[7],
        marks[0],
        marks[1],
        marks[2],
        marks[3],
        part,
    )


def _moments(finite: list[float]) -> tuple[float, float, float, float, float, float]:
    """Min, max, mean, M2, first, last."""
    if not finite:
        nan = math.nan
        return nan, nan, nan, nan, nan, nan
    if max(map(abs, finite)) < 1e100:
        mean = math.fsum(finite) / len(finite)
        m2 = math.fsum((value - mean) ** 2 for value in finite)
    else:
        exact = [Fraction(value) for value in finite]
        middle = sum(exact, Fraction()) / len(exact)
        mean = float(middle)
        m2 = _as_float(sum(((value - middle) ** 2 for value in exact), Fraction()))
    return min(finite), max(finite), mean, m2, finite[0], finite[-1]


def _as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
