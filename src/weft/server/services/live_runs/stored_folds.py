"""Folds all numbers of a metric that count, from the metric store.

Used by `refreshing` for the summary, and by `services.runs.continuation` for scripts that
continue a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from weft.records.aggregates import Fold, Folds
from weft.records.merge import Stamp
from weft.server.storage.contract import (
    MIN_BUCKETS,
    AxisSpec,
    Lineage,
    MetricStore,
    Series,
    SeriesQuery,
)


@dataclass(frozen=True, slots=True)
class _StoredNumbers:
    """See `weft.records.aggregates.fold.StoredNumbers`."""

    count: int
    low: int | float
    high: int | float
    mean: float
    first: int | float
    first_before: int
    points: Callable[[], Iterator[tuple[int | float, Stamp]]]


def read_folds(
    store: MetricStore,
    run: str,
    folds_by_key: Mapping[str, Sequence[type[Fold]]],
    lineage: Lineage,
) -> dict[str, Folds]:
    """Fold the numbers of metrics; metrics without a number are left out.

    Cost: one small chart of the metrics, and the points of metrics whose folds need points.
    """
    if not folds_by_key:
        return {}
    query = SeriesQuery(
        [run], [*folds_by_key], axis="time", n_buckets=MIN_BUCKETS, lineage=lineage
    )
    origin_micros = store.run_origin(run) or 0
    infos = store.keys([run], lineage=lineage).get(run, [])
    whole = {info.key for info in infos if "float" not in info.kinds}
    by_key: dict[str, Folds] = {}
    for series in store.series(query):
        if len(series.buckets):
            folds = by_key[series.key] = Folds(folds_by_key[series.key])
            is_whole = series.key in whole
            # pyrefly: ignore[bad-argument-type]
            folds.add_stored(_numbers(store, query, series, origin_micros, is_whole=is_whole))
    return by_key


def _numbers(
    store: MetricStore, query: SeriesQuery, series: Series, origin_micros: int, *, is_whole: bool
) -> _StoredNumbers:
    number = int if is_whole else float

    def points() -> Iterator[tuple[int | float, Stamp]]:
        sources = query.lineage.get(series.run, ())
        for batch in store.points(series.run, series.key, AxisSpec("time"), sources=sources):
            for at in range(len(batch)):
                writer = batch.writers[int(batch.writer[at])]
                stamp = Stamp(int(batch.times[at]), writer, int(batch.rows[at]))
                yield number(batch.values[at]), stamp

    counted = np.flatnonzero(series.count)
    count = int(series.count[counted].sum())
    low = high = mean = math.nan
    if count:
        low = number(series.minimum[counted].min())
        high = number(series.maximum[counted].max())
        mean = float((series.mean[counted] * (series.count[counted] / count)).sum())
    end = math.ceil((int(series.buckets[0]) + 1) * 2.0**series.level)
    first = number(_first_number(store, query, series))
    return _StoredNumbers(count, low, high, mean, first, origin_micros + end, points)


def _first_number(store: MetricStore, query: SeriesQuery, series: Series) -> float:
    """The first number of a series, finite or not.

    Buckets only count nonfinite numbers, so finding which came first takes finer buckets.
    Cost: none if the first bucket is all finite; else one query for every six levels.
    """
    while True:
        is_nonfinite = len(series.nonfinite) > 0 and series.nonfinite[0] == 0
        if not is_nonfinite:
            return float(series.first[0])
        counts = {
            math.nan: series.nan[0],
            math.inf: series.positive_infinity[0],
            -math.inf: series.negative_infinity[0],
        }
        present = [number for number, count in counts.items() if count]
        if not series.count[0] and len(present) == 1:
            return present[0]
        low, width = float(series.buckets[0]) * 2.0**series.level, 2.0**series.level
        closer = store.series(replace(query, keys=[series.key], lo=low, hi=low + width))
        if not closer or closer[0].level >= series.level:
            return float(series.first[0]) if series.count[0] else present[0]
        series = closer[0]
