"""The metric store by brute force, in memory: the twin that tests hold every engine against.

Keeps each row as it came and computes each answer from all of them, in exact arithmetic where that
is possible. Shares no code with the engines. No I/O.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from weft.errors import Gone, PositionConflict
from weft.records.value import Kind, kind_of
from weft.server.storage.contract import (
    Batch,
    ConsoleLine,
    JoinedRow,
    KeyInfo,
    Latest,
    Lineage,
    RunEnd,
    Series,
    SeriesQuery,
    Source,
    StreamPosition,
    Usage,
)


@dataclass(slots=True)
class _Row:
    writer: str
    row: int
    step: int | float
    time: int
    fragment: bool
    system: bool
    values: dict[str, Any]


@dataclass(slots=True)
class _Run:
    origin: int | None = None
    gone: bool = False
    is_hidden: bool = False
    mark: int = 0
    cleaned: int = 0
    streams: dict[str, StreamPosition] = field(default_factory=dict[str, StreamPosition])
    rows: dict[tuple[str, int], _Row] = field(default_factory=dict[tuple[str, int], _Row])
    console: dict[tuple[str, str, int], ConsoleLine] = field(
        default_factory=dict[tuple[str, str, int], ConsoleLine]
    )
    deleted: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])


@dataclass(slots=True)
class _Point:
    x: int | float
    writer: str
    row: int
    value: float


class MemoryMetricStore:
    """`MetricStore` without a file. Not thread-safe.

    >>> MemoryMetricStore().keys()
    {}
    """

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def _live(self, run: str) -> _Run | None:
        found = self._runs.get(run)
        return None if found is None or found.gone else found

    def _counted(
        self, name: str, sources: Sequence[Source], *, system: bool | None = None
    ) -> Iterator[tuple[_Run, _Row]]:
        """The rows that make up a run, each with the run that it is stored in."""
        own = self._runs.get(name)
        if own is not None and own.gone:
            return
        limits = {(source.run, source.writer): source.last_step for source in sources}
        for run_name in dict.fromkeys([name, *(source.run for source in sources)]):
            run = self._runs.get(run_name)
            if run is None or (run.gone and not run.is_hidden):
                continue
            for row in run.rows.values():
                limit = limits.get((run_name, row.writer))
                counts = run_name == name if limit is None else row.step <= limit
                if row.system:
                    counts = run_name == name
                if counts and system in {None, row.system}:
                    yield run, row

    def position(self, run: str, stream: str) -> StreamPosition | None:
        """See `MetricStore.position`."""
        found = self._live(run)
        return None if found is None else found.streams.get(stream)

    def run_origin(self, run: str) -> int | None:
        """See `MetricStore.run_origin`."""
        found = self._runs.get(run)
        return None if found is None or (found.gone and not found.is_hidden) else found.origin

    def append(self, batches: Sequence[Batch]) -> None:
        """See `MetricStore.append`."""
        ends: dict[tuple[str, str], int] = {}
        for batch in batches:
            run = self._runs.get(batch.run, _Run())
            if run.gone:
                raise Gone(f"run was deleted: {batch.run}")
            stream = run.streams.get(batch.stream)
            end = ends.get((batch.run, batch.stream), stream.position if stream else 0)
            if batch.from_position != end or batch.to_position < end:
                raise PositionConflict(f"stream {batch.stream} ends elsewhere", position=end)
            ends[batch.run, batch.stream] = batch.to_position
        for batch in batches:
            self._apply(self._runs.setdefault(batch.run, _Run()), batch)

    def _apply(self, run: _Run, batch: Batch) -> None:
        old = run.streams.get(batch.stream, StreamPosition(0, b""))
        state = old.state if batch.state is None else batch.state
        n_rows = old.n_rows if batch.n_rows is None else batch.n_rows
        tail = old.tail if batch.tail is None else batch.tail
        run.streams[batch.stream] = StreamPosition(batch.to_position, state, n_rows, tail)
        if run.origin is None:
            run.origin = batch.origin_micros
        for line in batch.console:
            name = (batch.writer, line.stream, line.line)
            if name not in run.console or line.micros >= run.console[name].micros:
                run.console[name] = line
        rows = batch.rows
        if rows is None or not len(rows):
            return
        if run.origin is None:
            run.origin = int(rows.times[0]) + batch.offset_micros
        values: list[dict[str, Any]] = [{} for _ in range(len(rows))]
        for key, columns in rows.columns.items():
            for column in columns:
                ordinals = range(len(rows)) if column.rows is None else column.rows.tolist()
                plain = (
                    column.values if isinstance(column.values, list) else column.values.tolist()
                )
                for ordinal, value in zip(ordinals, plain, strict=True):
                    values[ordinal][key] = value
        steps, times = rows.steps.tolist(), (rows.times + batch.offset_micros).tolist()
        for nth, step in enumerate(steps):
            row = rows.row_lo + nth
            if (batch.writer, row) in run.rows:
                continue
            kept = {
                key: value
                for key, value in values[nth].items()
                if row > run.deleted.get((batch.writer, key), -1)
            }
            fragment = rows.continues is not None and bool(rows.continues[nth])
            run.rows[batch.writer, row] = _Row(
                batch.writer, row, step, times[nth], fragment, batch.system, kept
            )
            run.mark += 1

    def series(self, query: SeriesQuery) -> list[Series]:
        """See `MetricStore.series`."""
        points: dict[tuple[str, str], list[_Point]] = {}
        for name in dict.fromkeys(query.runs):
            for run, row in self._counted(name, query.lineage.get(name, ())):
                x = row.step if query.axis == "step" else row.time - (run.origin or 0)
                for key in dict.fromkeys(query.keys):
                    if key in row.values and kind_of(row.values[key]) != "object":
                        point = _Point(x, row.writer, row.row, float(row.values[key]))
                        points.setdefault((name, key), []).append(point)
        every = [point.x for some in points.values() for point in some]
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
        for name in dict.fromkeys(query.runs):
            for key in dict.fromkeys(query.keys):
                inside = [
                    (bucket, point)
                    for point in points.get((name, key), ())
                    if first <= (bucket := _bucket(point.x, level)) <= last
                ]
                if inside:
                    answer.append(_fold(name, key, level, inside))
        return answer

    def keys(
        self, runs: Sequence[str] | None = None, *, lineage: Lineage | None = None
    ) -> dict[str, list[KeyInfo]]:
        """See `MetricStore.keys`."""
        lineage = lineage or {}
        answer: dict[str, list[KeyInfo]] = {}
        for name in {*self._runs, *lineage} if runs is None else runs:
            sources = lineage.get(name, ())
            kinds: dict[str, list[Kind]] = {}
            for _, row in self._counted(name, sources):
                for key, value in row.values.items():
                    kinds.setdefault(key, []).append(kind_of(value))
            if kinds or self._live(name) is not None:
                answer[name] = [
                    KeyInfo(key, frozenset(found), len(found))
                    for key, found in sorted(kinds.items())
                ]
        return answer

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        """See `MetricStore.latest`."""
        best: dict[str, tuple[int, str, int, Any]] = {}
        for _, row in self._counted(run, sources, system=False):
            for key, value in row.values.items():
                if keys is not None and key not in keys:
                    continue
                entry = (row.time, row.writer, row.row, value)
                if key not in best or best[key][:3] < entry[:3]:
                    best[key] = entry
        return [Latest(key, *best[key]) for key in sorted(best)]

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        """See `MetricStore.end`."""
        steps = (row.step for _, row in self._counted(run, sources, system=False))
        return RunEnd(max(steps, default=None), self.latest(run, sources=sources))

    def rows(
        self,
        run: str,
        keys: Sequence[str] | None = None,
        *,
        after: tuple[float, int, str, int] | None = None,
        limit: int = 1000,
        system: bool = False,
        sources: Sequence[Source] = (),
    ) -> Iterator[JoinedRow]:
        """See `MetricStore.rows`."""
        found = [row for _, row in self._counted(run, sources, system=system)]
        joined: list[JoinedRow] = []
        before: _Row | None = None
        for row in sorted(found, key=lambda row: (row.writer, row.row)):
            values = {
                key: value for key, value in row.values.items() if keys is None or key in keys
            }
            if row.fragment and before is not None and before.writer == row.writer:
                last = joined[-1]
                merged = {**last.values, **values}
                joined[-1] = JoinedRow(last.writer, last.row, last.step, row.time, merged)
            else:
                joined.append(JoinedRow(row.writer, row.row, row.step, row.time, values))
            before = row
        joined.sort(key=_place)
        for row in joined:
            if (after is None or _place(row) > after) and (row.values or keys is None):
                if limit <= 0:
                    return
                limit -= 1
                yield row

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        """See `MetricStore.console`."""
        found = self._live(run)
        if found is None:
            return []
        lines = (found.console.get((writer, stream, line)) for line in range(first, first + n))
        return [line for line in lines if line is not None]

    def dirty_runs(self) -> list[str]:
        """See `MetricStore.dirty_runs`."""
        return [name for name in self._runs if self.dirty_mark(name)]

    def clean(self, run: str, mark: int) -> None:
        """See `MetricStore.clean`."""
        found = self._live(run)
        if found is not None:
            found.cleaned = max(found.cleaned, mark)

    def dirty_mark(self, run: str) -> int:
        """See `MetricStore.dirty_mark`."""
        found = self._live(run)
        return 0 if found is None or found.mark <= found.cleaned else found.mark

    def delete_run(self, run: str) -> None:
        """See `MetricStore.delete_run`."""
        self._runs[run] = _Run(gone=True)

    def hide_run(self, run: str) -> None:
        """See `MetricStore.hide_run`."""
        found = self._runs.setdefault(run, _Run())
        found.is_hidden = found.is_hidden or not found.gone
        found.gone = True

    def delete_metric(self, run: str, key: str) -> None:
        """See `MetricStore.delete_metric`."""
        found = self._live(run)
        if found is None or not found.rows:
            return
        found.mark += 1
        for row in found.rows.values():
            row.values.pop(key, None)
            name = (row.writer, key)
            found.deleted[name] = max(found.deleted.get(name, -1), row.row)

    def compact(self, *, until_idle: bool = False) -> bool:
        """See `MetricStore.compact`: there is nothing to do."""
        return until_idle and False

    def usage(self) -> Usage:
        """See `MetricStore.usage`: nothing is on disk."""
        return Usage(0, 0)

    def close(self) -> None:
        """See `MetricStore.close`."""


def _place(row: JoinedRow) -> tuple[float, int, str, int]:
    return row.step, row.micros, row.writer, row.row


def _width(level: int) -> Fraction:
    return Fraction(2) ** level


def _bucket(x: float, level: int) -> int:
    numerator, denominator = x.as_integer_ratio()
    if level >= 0:
        return numerator // (denominator << level)
    return (numerator << -level) // denominator


def _fold(run: str, key: str, level: int, inside: Sequence[tuple[int, _Point]]) -> Series:
    buckets: dict[int, list[_Point]] = {}
    for bucket, point in inside:
        buckets.setdefault(bucket, []).append(point)
    numbers: list[list[float]] = []
    odd: list[tuple[int, int, int, int]] = []
    for nth, bucket in enumerate(sorted(buckets)):
        points = sorted(buckets[bucket], key=lambda point: (point.x, point.writer, point.row))
        values = [point.value for point in points]
        finite = [value for value in values if math.isfinite(value)]
        numbers.append([len(finite), *_moments(finite)])
        counts = (
            sum(map(math.isnan, values)),
            values.count(math.inf),
            values.count(-math.inf),
        )
        if any(counts):
            odd.append((nth, *counts))
    table = [np.array(column, dtype=np.float64) for column in zip(*numbers, strict=True)]
    marks = [np.array([mark[nth] for mark in odd], dtype=np.int64) for nth in range(4)]
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
        marks[0],
        marks[1],
        marks[2],
        marks[3],
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
