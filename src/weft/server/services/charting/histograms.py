"""Histograms of a metric over its x axis: at most N columns, each the last one of its bucket.

Receives non-numeric values from the metric store, one by one; returns the columns of a heat map to
`services.charting`. Reads W&B's format: `{"_type": "histogram", "values": [n counts], "bins":
[n + 1 edges]}`, or `packedBins` `{"min", "size", "count"}` instead of `bins`, with the edges
`min + size * i`. Weft's client also logs the counts of nonfinite values.

Pure except for the iterator it is given. Memory is bounded by the columns, however many histograms
there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from weft.server.storage.contract import ObjectPoint
from weft.server.storage.grid.cells import bucket_edge
from weft.server.storage.grid.levels import bucket_of
from weft.wire.metrics.charts import HistogramColumn, HistogramSeries

_MAX_BINS: Final = 10_000
_NONFINITE: Final = ("nan", "pos_inf", "neg_inf")


def read_histogram(value: Any) -> tuple[list[float], list[float]] | None:
    """Edges and counts of a logged value; None if it is not a valid histogram.

    >>> read_histogram({"_type": "histogram", "values": [3, 4],
    ...                 "packedBins": {"min": 0, "size": 0.5, "count": 2}})
    ([0.0, 0.5, 1.0], [3, 4])
    """
    if not isinstance(value, dict) or value.get("_type") != "histogram":
        return None
    fields: dict[str, Any] = value
    counts: Any = fields.get("values")
    edges: Any = fields.get("bins")
    packed: Any = fields.get("packedBins")
    if edges is None and isinstance(packed, dict):
        edges = _unpacked(packed)
    if not (isinstance(counts, list) and isinstance(edges, list)):
        return None
    if not 0 < len(counts) == len(edges) - 1 <= _MAX_BINS:
        return None
    if not all(_is_number(number) for number in (*counts, *edges)):
        return None
    if any(low > high for low, high in pairwise(edges)):
        return None
    return edges, counts


def _unpacked(packed: dict[str, Any]) -> list[float] | None:
    low: Any = packed.get("min")
    size: Any = packed.get("size")
    count: Any = packed.get("count")
    if not (_is_number(low) and _is_number(size) and type(count) is int):
        return None
    return [low + size * n for n in range(count + 1)] if 0 < count <= _MAX_BINS else None


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


class HistogramFold:
    """Collects the last histogram of each bucket, on the lowest level with at most `n_columns` (2
    or more) buckets over the range. The range defaults to that from the first to the last
    histogram.
    """

    def __init__(self, lo: float | None, hi: float | None, n_columns: int) -> None:
        self._lo = lo
        self._hi = hi
        self._n_columns = n_columns
        self._level: int | None = None
        self._ends: list[int | float] = []
        self._columns: dict[tuple[str, str], dict[int, tuple[ObjectPoint, int]]] = {}
        self._axis_metrics: dict[tuple[str, str], str | None] = {}

    def add(
        self, run: str, key: str, points: Iterable[ObjectPoint], axis_metric: str | None = None
    ) -> None:
        """Add values of one series, ascending in x. Values that are not histograms are skipped."""
        columns = self._columns.setdefault((run, key), {})
        self._axis_metrics[run, key] = axis_metric
        for point in points:
            if read_histogram(point.value) is None:
                continue
            self._widen(point.x)
            columns = self._columns[run, key]
            index = bucket_of(point.x, self._level or 0)
            n_before = columns[index][1] if index in columns else 0
            columns[index] = point, n_before + 1

    def series(self, origins: dict[str, int]) -> list[HistogramSeries]:
        """A series for each run and key that has a histogram."""
        return [
            HistogramSeries(
                run=run,
                key=key,
                level=self._level or 0,
                origin_micros=origins.get(run, 0),
                axis_metric=self._axis_metrics[run, key] or "",
                columns=[
                    _column(index, point, n) for index, (point, n) in sorted(columns.items())
                ],
            )
            for (run, key), columns in self._columns.items()
            if columns
        ]

    def _widen(self, x: int | float) -> None:
        """Raise the level until all points so far, and `x`, fit into `n_columns` buckets."""
        self._ends = [min([*self._ends, x]), max([*self._ends, x])] if self._ends else [x, x]
        first = self._ends[0] if self._lo is None else self._lo
        last = self._ends[1] if self._hi is None else self._hi
        is_whole = all(isinstance(end, int) for end in self._ends)
        if self._level is None:
            largest = max(abs(float(first)), abs(float(last)))
            self._level = 0 if is_whole else math.frexp(largest)[1] - 62
        level = self._level
        while self._span(first, last, level) > self._n_columns:
            level += 1
        if level == self._level:
            return
        shift = level - self._level
        self._level = level
        for name, columns in self._columns.items():
            merged: dict[int, tuple[ObjectPoint, int]] = {}
            for index, (point, n) in sorted(columns.items()):
                n_before = merged[index >> shift][1] if index >> shift in merged else 0
                merged[index >> shift] = point, n_before + n
            self._columns[name] = merged

    def _span(self, first: float, last: float, level: int) -> int:
        start, stop = bucket_of(first, level), bucket_of(last, level)
        is_edge = self._hi is not None and stop > start and bucket_edge(stop, level) == last
        return stop - start + 1 - is_edge


def _column(index: int, point: ObjectPoint, n: int) -> HistogramColumn:
    read = read_histogram(point.value)
    assert read is not None  # `add` skips others
    edges, counts = read
    nonfinite = {name: point.value.get(name, 0) for name in _NONFINITE}
    return HistogramColumn(
        bucket=index,
        n=n,
        x=point.x,
        time_micros=point.micros,
        edges=edges,
        counts=counts,
        **{
            name: n_nonfinite
            for name, n_nonfinite in nonfinite.items()
            if type(n_nonfinite) is int
        },
    )
