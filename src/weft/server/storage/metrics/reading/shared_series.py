"""`series`: one panel's buckets, as far as they are in memory; `scan` reads the others.

Receives a `SeriesQuery` from `services.charting`. The panels of many people show the same runs,
each among other runs, in other widths and ranges. So series are cached below the
question: a metric of a run, in the buckets that a panel turns out to need.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final

from weft.server.storage.contract import Series, SeriesQuery
from weft.server.storage.grid.levels import Window, bucket_of, plan_window
from weft.server.storage.metrics.reading.by_metric import read_by_metric
from weft.server.storage.metrics.reading.chart_caches import (
    SERIES_CELLS,
    CachedSeries,
    ChartCaches,
    SeriesName,
    WindowName,
)
from weft.server.storage.metrics.reading.scan import open_reading
from weft.server.storage.metrics.view import MetricDatabase

MOST_SHARED: Final = SERIES_CELLS // 20
"""Buckets of a query above which it is read as a whole: a page of such charts is larger than the
cache, so that each would evict what the next visit begins with."""

MOST_WINDOWS: Final = 4
"""Ranges and levels cached of one series: those of the last charts."""

_Pair = tuple[str, str]
"""A run and a metric."""


def read_series(database: MetricDatabase, caches: ChartCaches, query: SeriesQuery) -> list[Series]:
    """Answer one panel. See `MetricStore.series`."""
    if query.axis == "metric":
        return read_by_metric(database, caches, query)
    n_series = len(query.runs) * (len(query.keys) + len(query.next_keys))
    if n_series * query.n_buckets <= MOST_SHARED:
        return _Answer(database, caches, query).series()
    with open_reading(database, caches, query) as reading:
        if reading is None:
            return []
        ends = [end for of_series in reading.ends().values() for end in of_series]
        window = plan_window(ends, query.lo, query.hi, query.n_buckets)
        return [] if window is None else reading.series(window)


class _Answer:
    """The series of one query."""

    def __init__(self, database: MetricDatabase, caches: ChartCaches, query: SeriesQuery) -> None:
        self._database = database
        self._caches = caches
        self._query = query
        self._runs = list(dict.fromkeys(query.runs))
        self._keys = list(dict.fromkeys(query.keys))
        # Counted before anything is read: what is cached is as new as it is called, or newer.
        self._changes = {run: self._last_change(run) for run in self._runs}
        self._cached: dict[_Pair, CachedSeries] = {}

    def series(self) -> list[Series]:
        """The answer, of which only runs that are not cached are read."""
        self._look_up()
        lacking = self._runs_without(lambda pair: pair in self._cached)
        window = self._read(lacking, None) if lacking else self._plan()
        if window is None:
            return []
        name = self._name_of(window)
        others = self._runs_without(
            lambda pair: not self._cached[pair].ends or name in self._cached[pair].windows
        )
        if others:
            self._read(others, window)
        shown = (self._cached[pair].windows.get(name, ()) for pair in self._pairs(self._runs))
        return [series for of_pair in shown for series in of_pair]

    def _last_change(self, run: str) -> Hashable | None:
        sources = (source.run for source in self._query.lineage.get(run, ()))
        return self._database.last_change((run, *sources))

    def _pairs(self, runs: Sequence[str]) -> list[_Pair]:
        return list(product(runs, self._keys))

    def _runs_without(self, has: Callable[[_Pair], bool]) -> list[str]:
        return [run for run in self._runs if not all(has((run, key)) for key in self._keys)]

    def _look_up(self) -> None:
        for pair in self._pairs(self._runs):
            cached = self._caches.series.get(self._cache_key(pair))
            if cached is not None and cached.change == self._changes[pair[0]]:
                self._cached[pair] = cached

    def _cache_key(self, pair: _Pair) -> SeriesName:
        query, (run, key) = self._query, pair
        return SeriesName(
            run,
            key,
            query.axis,
            tuple(query.lineage.get(run, ())),
            None if query.parts is None else tuple(query.parts.get(run, {}).items()),
            tuple(query.bases.get(run, {}).items()),
        )

    def _plan(self) -> Window | None:
        query = self._query
        ends = [end for pair in self._pairs(self._runs) for end in self._cached[pair].ends]
        return plan_window(ends, query.lo, query.hi, query.n_buckets)

    def _name_of(self, window: Window) -> WindowName:
        is_whole = self._query.lo is None and self._query.hi is None
        return (window[0], None) if is_whole else window

    def _read(self, runs: Sequence[str], window: Window | None) -> Window | None:
        """Read all metrics of some runs, in a window; the one that they need if None.

        Returns the window, or None if nothing is in the range.
        """
        keys = dict.fromkeys(self._keys)
        if window is None:
            keys |= dict.fromkeys(self._query.next_keys)
        pairs = list(product(runs, keys))
        query = replace(self._query, runs=runs, keys=list(keys))
        with open_reading(self._database, self._caches, query) as reading:
            ends = {} if reading is None else reading.ends()
            for pair in pairs:
                cached = self._cached.get(pair)
                windows = [] if cached is None else list(cached.windows.items())
                self._cached[pair] = CachedSeries(
                    self._changes[pair[0]],
                    _outermost(ends.get(pair, ())),
                    dict(windows[1 - MOST_WINDOWS :]),
                )
            window = window or self._plan()
            if reading is not None and window is not None:
                self._add(reading.series(window), pairs, window)
        for pair in pairs:
            if self._changes[pair[0]] is not None:
                self._caches.series.put(self._cache_key(pair), self._cached[pair])
        return window

    def _add(self, drawn: Iterable[Series], pairs: Iterable[_Pair], window: Window) -> None:
        name = self._name_of(window)
        by_pair: dict[_Pair, list[Series]] = {}
        for series in drawn:
            by_pair.setdefault((series.run, series.key), []).append(_alone(series))
        for pair in pairs:
            cached = self._cached[pair]
            if name[1] is not None or _is_within(cached.ends, window):
                shown = tuple(by_pair.get(pair, ()))
                self._cached[pair] = cached._replace(windows={**cached.windows, name: shown})


def _outermost(ends: Sequence[float]) -> tuple[float, ...]:
    """The ends that a window is planned with: the first, the last, and a float if there is one."""
    if not ends:
        return ()
    reals = (end for end in ends if isinstance(end, float))
    return (min(ends), max(ends), *islice(reals, 1))


def _is_within(ends: Sequence[float], window: Window) -> bool:
    """Whether all buckets of a series are in a window. A panel's window may end before
    what else was read.
    """
    level, (first, last) = window
    return all(first <= bucket_of(end, level) <= last for end in ends)


def _alone(series: Series) -> Series:
    """A copy: the arrays of a series are parts of those of all that were read together."""
    return Series(
        series.run,
        series.key,
        series.level,
        series.buckets.copy(),
        series.count.copy(),
        series.minimum.copy(),
        series.maximum.copy(),
        series.mean.copy(),
        series.m2.copy(),
        series.first.copy(),
        series.last.copy(),
        series.x.copy(),
        series.nonfinite.copy(),
        series.nan.copy(),
        series.positive_infinity.copy(),
        series.negative_infinity.copy(),
        series.part,
    )
