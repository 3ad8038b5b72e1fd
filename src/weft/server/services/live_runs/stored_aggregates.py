"""Range, mean and first value of a metric over all rows that count, from the metric store.

Used by `refreshing` for the summary, and by `services.runs.continuation` for scripts that
continue a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from weft.server.storage.contract import FEWEST_BUCKETS, Lineage, MetricStore, Series, SeriesQuery


@dataclass(frozen=True, slots=True)
class StoredAggregate:
    """The aggregates of a metric that has numbers.

    Attributes:
        count: how many finite numbers it has; if 0, low, high and mean are NaN.
        first: its first number, finite or not.
        first_before: end of the first bucket, µs since the run's origin; `first` is before it.
    """

    key: str
    count: int
    low: int | float
    high: int | float
    mean: float
    first: int | float
    first_before: int


def read_aggregates(
    store: MetricStore, run: str, keys: Sequence[str], lineage: Lineage
) -> list[StoredAggregate]:
    """Read the aggregates of the `keys` that have numbers. Cost: one small chart of them."""
    query = SeriesQuery([run], keys, axis="time", n_buckets=FEWEST_BUCKETS, lineage=lineage)
    kinds = store.keys([run], lineage=lineage).get(run, [])
    whole = {one.key for one in kinds if "float" not in one.kinds}
    return [
        _aggregate(series, _first_number(store, query, series), is_whole=series.key in whole)
        for series in store.series(query)
        if len(series.buckets)
    ]


def _aggregate(series: Series, first: float, *, is_whole: bool) -> StoredAggregate:
    number = int if is_whole else float
    counted = np.flatnonzero(series.count)
    count = int(series.count[counted].sum())
    low = high = mean = math.nan
    if count:
        low = number(series.minimum[counted].min())
        high = number(series.maximum[counted].max())
        mean = float((series.mean[counted] * (series.count[counted] / count)).sum())
    end = (int(series.buckets[0]) + 1) * 2.0**series.level
    return StoredAggregate(series.key, count, low, high, mean, number(first), math.ceil(end))


def _first_number(store: MetricStore, query: SeriesQuery, series: Series) -> float:
    """The first number of a series, finite or not.

    Buckets only count nonfinite numbers, so finding which came first takes finer buckets.
    Cost: none if the first bucket is all finite; else one query for every six levels.
    """
    while True:
        is_odd = len(series.odd) > 0 and series.odd[0] == 0
        if not is_odd:
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
