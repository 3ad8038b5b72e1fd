"""The metric store by brute force, in memory: the twin that tests hold every engine against.

Keeps each row as it came and computes each answer from all of them, in exact arithmetic where that
is possible. Shares no code with the engines. No I/O.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from memory_engine.buckets import SeriesName, bucket_series
from memory_engine.points import (
    Counted,
    Spot,
    StoredRow,
    columns_of,
    first_nonfinite,
    numbers_among,
    objects_among,
    place_values,
    points_of,
    within,
)
from weft.errors import Gone, PositionConflict, Unavailable
from weft.records.value import Kind, kind_of
from weft.server.storage.contract import (
    BY_STEP,
    AxisSpec,
    Bases,
    Batch,
    ColumnBatch,
    ConsoleLine,
    ConsoleStream,
    Freeze,
    Int64,
    JoinedRow,
    KeyInfo,
    KeyPage,
    KeyTotal,
    Latest,
    Lineage,
    MetricStore,
    NonFinite,
    ObjectPoint,
    ObjectPosition,
    Origin,
    Points,
    RunEnd,
    RunUsage,
    Series,
    SeriesQuery,
    Source,
    StepMetric,
    StreamPosition,
    TextSearch,
    UnbrokenFreeze,
    Usage,
)


def _without_codes(text: str) -> str:
    first, *others = text.split("\x1b[")
    return first + "".join(other.split("m", 1)[1] for other in others)


@dataclass(slots=True)
class _Run:
    origin: int | None = None
    gone: bool = False
    is_hidden: bool = False
    mark: int = 0
    cleaned: int = 0
    streams: dict[str, StreamPosition] = field(default_factory=dict[str, StreamPosition])
    rows: dict[tuple[str, int], StoredRow] = field(
        default_factory=dict[tuple[str, int], StoredRow]
    )
    console: dict[tuple[str, str, int], ConsoleLine] = field(
        default_factory=dict[tuple[str, str, int], ConsoleLine]
    )
    deleted: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])


class MemoryMetricStore:
    """`MetricStore` without a file. Not thread-safe.

    >>> MemoryMetricStore().keys()
    {}
    """

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._frozen: Counter[str] = Counter()

    def _live(self, run: str) -> _Run | None:
        entry = self._runs.get(run)
        return None if entry is None or entry.gone else entry

    def _counted(
        self, name: str, sources: Sequence[Source], *, system: bool | None = None
    ) -> Iterator[tuple[_Run, StoredRow]]:
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

    def _placed(self, name: str, sources: Sequence[Source], bases: Bases | None) -> Counted:
        names = {id(run): name for name, run in self._runs.items()}
        for run, row in self._counted(name, sources):
            origin = run.origin or 0
            base = origin if bases is None else bases.get(row.writer, origin)
            yield names[id(run)], base, row

    def position(self, run: str, stream: str) -> StreamPosition | None:
        """See `MetricStore.position`."""
        entry = self._live(run)
        return None if entry is None else entry.streams.get(stream)

    def run_origin(self, run: str) -> int | None:
        """See `MetricStore.run_origin`."""
        entry = self._runs.get(run)
        return None if entry is None or (entry.gone and not entry.is_hidden) else entry.origin

    def append(self, batches: Sequence[Batch]) -> None:
        """See `MetricStore.append`."""
        ends: dict[tuple[str, str], int] = {}
        for batch in batches:
            run = self._runs.get(batch.run, _Run())
            if run.gone:
                raise Gone(f"run was deleted: {batch.run}")
            if self._frozen[batch.run]:
                raise Unavailable(f"run is being moved, send again: {batch.run}")
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
            values_of_row = {
                key: value
                for key, value in values[nth].items()
                if row > run.deleted.get((batch.writer, key), -1)
            }
            fragment = rows.continues is not None and bool(rows.continues[nth])
            run.rows[batch.writer, row] = StoredRow(
                batch.writer, row, step, times[nth], fragment, batch.system, values_of_row
            )
            run.mark += 1

    def series(self, query: SeriesQuery) -> list[Series]:
        """See `MetricStore.series`."""
        points: dict[SeriesName, list[Spot]] = {}
        axis = AxisSpec(query.axis, query.axis_metric, query.step_sync)
        for run in dict.fromkeys(query.runs):
            counted = self._placed(run, query.lineage.get(run, ()), query.bases.get(run))
            by_key = place_values(counted, axis, list(dict.fromkeys(query.keys)))
            for key, spots in by_key.items():
                numbers = numbers_among(spots)
                if query.parts is None:
                    points[run, key, None] = numbers
                    continue
                writers = query.parts.get(run, {})
                for part in dict.fromkeys(writers.values()):
                    points[run, key, part] = [
                        number for number in numbers if writers.get(number.writer) == part
                    ]
        return bucket_series(points, query)

    def keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
    ) -> dict[str, list[KeyInfo]]:
        """See `MetricStore.keys`."""
        lineage = lineage or {}
        answer: dict[str, list[KeyInfo]] = {}
        for name in {*self._runs, *lineage} if runs is None else runs:
            sources = lineage.get(name, ())
            kinds: dict[str, list[Kind]] = {}
            for _, row in self._counted(name, sources, system=system):
                for key, value in row.values.items():
                    kinds.setdefault(key, []).append(kind_of(value))
            if kinds or self._live(name) is not None:
                answer[name] = [
                    KeyInfo(key, frozenset(key_kinds), len(key_kinds))
                    for key, key_kinds in sorted(kinds.items())
                ]
        return answer

    def search_keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
        matches: Callable[[str], bool] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> KeyPage:
        """See `MetricStore.search_keys`."""
        origins: dict[str, set[Origin]] = {}
        for origin in ("logged", "system"):
            if system in {None, origin == "system"}:
                for infos in self.keys(runs, system=origin == "system", lineage=lineage).values():
                    for info in infos:
                        origins.setdefault(info.key, set()).add(origin)
        totals: dict[str, KeyTotal] = {}
        for infos in self.keys(runs, system=system, lineage=lineage).values():
            for info in infos:
                old = totals.get(info.key, KeyTotal(info.key, frozenset(), 0, 0))
                kinds = old.kinds | info.kinds
                n_points = old.n_points + info.n_points
                of_key = frozenset(origins[info.key])
                totals[info.key] = KeyTotal(info.key, kinds, old.n_runs + 1, n_points, of_key)
        matching = [totals[key] for key in sorted(totals) if matches is None or matches(key)]
        page = [total for total in matching if after is None or total.key > after]
        return KeyPage(page[:limit], len(matching))

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

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        """See `MetricStore.latest_of`."""
        lineage = lineage or {}
        every = {run: self.latest(run, keys, sources=lineage.get(run, ())) for run in runs}
        return {run: values for run, values in every.items() if values}

    def _spots(
        self,
        run: str,
        key: str,
        axis: AxisSpec,
        sources: Sequence[Source],
        writers: Collection[str] | None = None,
        bases: Bases | None = None,
    ) -> list[Spot]:
        spots = place_values(self._placed(run, sources, bases), axis, [key])[key]
        return [spot for spot in spots if writers is None or spot.writer in writers]

    def points(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
        in_log_order: bool = False,
    ) -> Iterator[Points]:
        """See `MetricStore.points`."""
        spots = numbers_among(self._spots(run, key, axis, sources, writers, bases))
        inside = within(spots, lo, hi)
        if in_log_order:
            inside.sort(key=lambda spot: (spot.writer, spot.row))
        if inside:
            yield points_of(inside)

    def objects(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> Iterator[ObjectPoint]:
        """See `MetricStore.objects`."""
        spots = self._spots(run, key, axis, sources, writers, bases)
        return objects_among(within(spots, lo, hi))

    def object_positions(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> list[ObjectPosition]:
        """See `MetricStore.object_positions`."""
        spots = sorted(self._spots(run, key, axis, sources, None, bases), key=lambda at: at.order)
        return [ObjectPosition(s.x, s.step) for s in spots if kind_of(s.value) == "object"]

    def last_object(
        self, run: str, key: str, *, at: float | None = None, sources: Sequence[Source] = ()
    ) -> ObjectPoint | None:
        """See `MetricStore.last_object`."""
        upto = [
            point
            for point in self.objects(run, key, sources=sources)
            if at is None or point.x <= at
        ]
        return upto[-1] if upto else None

    def first_nonfinite(
        self, run: str, key: str, *, sources: Sequence[Source] = ()
    ) -> NonFinite | None:
        """See `MetricStore.first_nonfinite`."""
        return first_nonfinite(numbers_among(self._spots(run, key, BY_STEP, sources)))

    def columns(
        self,
        runs: Sequence[str],
        keys: Sequence[str] | None = None,
        *,
        lo: float | None = None,
        hi: float | None = None,
        apart: bool = False,
        every_row: bool = False,
        system: bool = False,
        lineage: Lineage | None = None,
    ) -> Iterator[ColumnBatch]:
        """See `MetricStore.columns`."""
        for run in dict.fromkeys(runs):
            sources = (lineage or {}).get(run, ())
            needed = None if every_row else keys
            every = self.rows(run, needed, limit=2**62, system=system, sources=sources)
            rows = [
                row if keys is None else replace(row, values=_some(row.values, keys))
                for row in every
                if (lo is None or row.step >= lo) and (hi is None or row.step < hi)
            ]
            if apart:
                rows.sort(key=lambda row: (row.writer, row.row))
            if rows:
                yield columns_of(run, rows)

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        """See `MetricStore.has_fractional_steps`."""
        batches = self.columns(runs, system=system, lineage=lineage)
        return any(batch.steps.dtype != np.int64 for batch in batches)

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        """See `MetricStore.set_axes`: there is nothing to prepare."""

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
        lo: float | None = None,
        hi: float | None = None,
        apart: bool = False,
        system: bool = False,
        sources: Sequence[Source] = (),
    ) -> Iterator[JoinedRow]:
        """See `MetricStore.rows`."""
        rows = [row for _, row in self._counted(run, sources, system=system)]
        joined: list[JoinedRow] = []
        before: StoredRow | None = None
        for row in sorted(rows, key=lambda row: (row.writer, row.row)):
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
        position_of = _place_apart if apart else _place
        start = after if after is None or not apart else after[2:]
        joined.sort(key=position_of)
        for row in joined:
            if (lo is not None and row.step < lo) or (hi is not None and row.step >= hi):
                continue
            if (start is None or position_of(row) > start) and (row.values or keys is None):
                if limit <= 0:
                    return
                limit -= 1
                yield row

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        """See `MetricStore.console`."""
        entry = self._live(run)
        if entry is None:
            return []
        lines = (entry.console.get((writer, stream, line)) for line in range(first, first + n))
        return [line for line in lines if line is not None]

    def console_before(
        self, run: str, writer: str, stream: str, before: int, n: int
    ) -> list[ConsoleLine]:
        """See `MetricStore.console_before`."""
        earlier = [line for line in self._lines(run, writer, stream) if line.line < before]
        return earlier[max(len(earlier) - n, 0) :]

    def console_streams(self, run: str) -> list[ConsoleStream]:
        """See `MetricStore.console_streams`."""
        entry = self._live(run)
        names = {(writer, stream) for writer, stream, _ in entry.console} if entry else set()
        streams: list[ConsoleStream] = []
        for writer, stream in sorted(names):
            lines = self._lines(run, writer, stream)
            times = [line.micros for line in lines]
            first, last = lines[0].line, lines[-1].line
            streams.append(
                ConsoleStream(writer, stream, len(lines), first, last, min(times), max(times))
            )
        return streams

    def console_times(self, run: str, writer: str, stream: str) -> tuple[Int64, Int64]:
        """See `MetricStore.console_times`."""
        lines = self._lines(run, writer, stream)
        return (
            np.array([line.line for line in lines], dtype=np.int64),
            np.array([line.micros for line in lines], dtype=np.int64),
        )

    def search_console(
        self, run: str, writer: str, stream: str, search: TextSearch, *, first: int = 0, limit: int
    ) -> list[int]:
        """See `MetricStore.search_console`."""
        numbers = [
            line.line
            for line in self._lines(run, writer, stream)
            if line.line >= first and search(_without_codes(line.text).encode() + b"\n", 0) >= 0
        ]
        return numbers[:limit]

    def _lines(self, run: str, writer: str, stream: str) -> list[ConsoleLine]:
        entry = self._live(run)
        names = [name for name in entry.console if name[:2] == (writer, stream)] if entry else []
        return [entry.console[name] for name in sorted(names)] if entry else []

    def dirty_runs(self) -> list[str]:
        """See `MetricStore.dirty_runs`."""
        return [name for name in self._runs if self.dirty_mark(name)]

    def clean(self, run: str, mark: int) -> None:
        """See `MetricStore.clean`."""
        entry = self._live(run)
        if entry is not None:
            entry.cleaned = max(entry.cleaned, mark)

    def dirty_mark(self, run: str) -> int:
        """See `MetricStore.dirty_mark`."""
        entry = self._live(run)
        return 0 if entry is None or entry.mark <= entry.cleaned else entry.mark

    def delete_runs(self, runs: Sequence[str]) -> None:
        """See `MetricStore.delete_runs`."""
        for run in runs:
            self._runs[run] = _Run(gone=True)

    def drop_runs(self, runs: Sequence[str]) -> None:
        """See `MetricStore.drop_runs`."""
        for run in runs:
            self._runs.pop(run, None)

    def hide_runs(self, runs: Sequence[str]) -> None:
        """See `MetricStore.hide_runs`."""
        for run in runs:
            entry = self._runs.setdefault(run, _Run())
            entry.is_hidden = entry.is_hidden or not entry.gone
            entry.gone = True

    def show_runs(self, runs: Sequence[str]) -> None:
        """See `MetricStore.show_runs`."""
        for run in runs:
            entry = self._runs.get(run)
            if entry is not None and entry.is_hidden:
                entry.gone = entry.is_hidden = False
            elif entry is not None and entry.gone:
                self._runs[run] = _Run()

    @contextmanager
    def freeze_runs(self, runs: Sequence[str]) -> Generator[Freeze]:
        """See `MetricStore.freeze_runs`."""
        self._frozen.update(runs)
        try:
            yield UnbrokenFreeze()
        finally:
            self._frozen.subtract(runs)

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        """See `MetricStore.copy_runs`."""
        assert isinstance(to, MemoryMetricStore)
        for name, new in names.items():
            entry = self._runs.get(name, _Run())
            copied = deepcopy(entry) if entry.is_hidden or not entry.gone else _Run()
            copied.gone = copied.is_hidden = True
            to._runs[new] = copied

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        """See `MetricStore.name_runs`."""
        for old, new in names.items():
            entry = self._runs.pop(old, None)
            if entry is not None:
                entry.gone = entry.is_hidden = hidden
                entry.mark += 0 if hidden else 1
                self._runs[new] = entry

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        """See `MetricStore.delete_metrics`."""
        for run in runs:
            entry = self._live(run)
            if entry is None or not entry.rows or not keys:
                continue
            entry.mark += 1
            for row in entry.rows.values():
                for key in keys:
                    row.values.pop(key, None)
                    name = (row.writer, key)
                    entry.deleted[name] = max(entry.deleted.get(name, -1), row.row)

    def compact(self, *, until_idle: bool = False) -> bool:
        """See `MetricStore.compact`: there is nothing to do."""
        return until_idle and False

    def delete_console(self, runs: Sequence[str]) -> None:
        """See `MetricStore.delete_console`."""
        for run in runs:
            entry = self._live(run)
            if entry is not None:
                entry.console.clear()

    def usage(self) -> Usage:
        """See `MetricStore.usage`: nothing is on disk."""
        return Usage(0, 0)

    def run_usage(self, run: str) -> RunUsage | None:
        """See `MetricStore.run_usage`: nothing is on disk."""
        entry = self._runs.get(run)
        return None if entry is None or not entry.rows else RunUsage(0, 0, 0)

    def close(self) -> None:
        """See `MetricStore.close`."""


def _place(row: JoinedRow) -> tuple[float, int, str, int]:
    return row.step, row.micros, row.writer, row.row


def _place_apart(row: JoinedRow) -> tuple[str, int]:
    return row.writer, row.row


def _some(values: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in keys}
