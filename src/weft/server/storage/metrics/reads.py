"""The reads that both engines answer alike, each on one view of the store. Does I/O.

This is a façade: `storage.metrics.reading` does the work of each method.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from weft.server.storage.contract import (
    BY_STEP,
    AxisSpec,
    Bases,
    ColumnBatch,
    ConsoleLine,
    ConsoleStream,
    Int64,
    JoinedRow,
    KeyInfo,
    KeyPage,
    Latest,
    Lineage,
    NonFinite,
    ObjectPoint,
    ObjectPosition,
    Points,
    RunEnd,
    Series,
    SeriesQuery,
    Source,
    TextSearch,
)
from weft.server.storage.metrics.reading.chart_caches import ChartCaches
from weft.server.storage.metrics.reading.columns import read_run_columns
from weft.server.storage.metrics.reading.console import (
    read_console,
    read_console_before,
    read_console_streams,
    read_console_times,
    search_console,
)
from weft.server.storage.metrics.reading.counts import CountCaches
from weft.server.storage.metrics.reading.fractions import has_fractional_steps
from weft.server.storage.metrics.reading.keys import read_keys, search_keys
from weft.server.storage.metrics.reading.last_object import (
    read_last_object,
    read_object_positions,
)
from weft.server.storage.metrics.reading.latest import (
    RUNS_AT_ONCE,
    read_end,
    read_latest,
    read_latest_of,
)
from weft.server.storage.metrics.reading.points import (
    read_first_nonfinite,
    read_objects,
    read_points,
)
from weft.server.storage.metrics.reading.rows import read_rows
from weft.server.storage.metrics.reading.shared_series import read_series
from weft.server.storage.metrics.view import MetricDatabase


class MetricReads(ABC):
    """Half of a `MetricStore`. An engine opens what its reads look at."""

    def __init__(self) -> None:
        self._chart_caches = ChartCaches()
        self._count_caches = CountCaches()

    @abstractmethod
    def _read(
        self, runs: Iterable[str], sources: Sequence[Source] = (), lineage: Lineage | None = None
    ) -> AbstractContextManager[MetricDatabase]:
        """Open the store for one read of some runs and of those whose rows they show."""

    def series(self, query: SeriesQuery) -> list[Series]:
        with self._read(query.runs, lineage=query.lineage) as database:
            return read_series(database, self._chart_caches, query)

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
        with self._read([run], sources) as database:
            yield from read_points(
                database, run, key, axis,
                lo=lo, hi=hi, writers=writers, sources=sources, bases=bases or {},
                in_log_order=in_log_order,
            )  # fmt: skip

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
        with self._read([run], sources) as database:
            yield from read_objects(
                database, run, key, axis,
                lo=lo, hi=hi, writers=writers, sources=sources, bases=bases or {},
            )  # fmt: skip

    def object_positions(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> list[ObjectPosition]:
        with self._read([run], sources) as database:
            return read_object_positions(database, run, key, axis, sources, bases or {})

    def last_object(
        self, run: str, key: str, *, at: float | None = None, sources: Sequence[Source] = ()
    ) -> ObjectPoint | None:
        with self._read([run], sources) as database:
            return read_last_object(database, run, key, sources, at)

    def first_nonfinite(
        self, run: str, key: str, *, sources: Sequence[Source] = ()
    ) -> NonFinite | None:
        with self._read([run], sources) as database:
            return read_first_nonfinite(database, run, key, sources)

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
        for run in dict.fromkeys(runs):
            sources = (lineage or {}).get(run, ())
            with self._read([run], sources) as database:
                yield from read_run_columns(
                    database, run, keys, lo=lo, hi=hi, apart=apart, every_row=every_row,
                    system=system, sources=sources,
                )  # fmt: skip

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        with self._read(runs, lineage=lineage) as database:
            return has_fractional_steps(database, runs, system=system, lineage=lineage or {})

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
        with self._read([run], sources) as database:
            yield from read_rows(
                database, run, keys, after=after, limit=limit, lo=lo, hi=hi, apart=apart,
                system=system, sources=sources,
            )  # fmt: skip

    def keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
    ) -> dict[str, list[KeyInfo]]:
        with self._read(runs or (), lineage=lineage) as database:
            return read_keys(database, self._count_caches, runs, lineage or {}, system=system)

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
        with self._read(runs or (), lineage=lineage) as database:
            return search_keys(
                database, self._count_caches, runs, lineage or {}, matches, after, limit,
                system=system,
            )  # fmt: skip

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        with self._read([run], sources) as database:
            return read_latest(database, run, keys, sources)

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        answer: dict[str, list[Latest]] = {}
        requested = list(dict.fromkeys(runs))
        for at in range(0, len(requested), RUNS_AT_ONCE):
            batch = requested[at : at + RUNS_AT_ONCE]
            sources = {run: lineage[run] for run in batch if run in lineage} if lineage else {}
            with self._read(batch, lineage=sources) as database:
                answer |= read_latest_of(database, batch, keys, sources)
        return answer

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        with self._read([run], sources) as database:
            return read_end(database, run, sources)

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        with self._read([run]) as database:
            return read_console(database, run, writer, stream, first, n)

    def console_before(
        self, run: str, writer: str, stream: str, before: int, n: int
    ) -> list[ConsoleLine]:
        with self._read([run]) as database:
            return read_console_before(database, run, writer, stream, before, n)

    def console_streams(self, run: str) -> list[ConsoleStream]:
        with self._read([run]) as database:
            return read_console_streams(database, run)

    def console_times(self, run: str, writer: str, stream: str) -> tuple[Int64, Int64]:
        with self._read([run]) as database:
            return read_console_times(database, run, writer, stream)

    def search_console(
        self, run: str, writer: str, stream: str, search: TextSearch, *, first: int = 0, limit: int
    ) -> list[int]:
        with self._read([run]) as database:
            return search_console(database, run, writer, stream, search, first=first, limit=limit)

    def run_origin(self, run: str) -> int | None:
        with self._read([run]) as database:
            info = database.find_source(run)
        return None if info is None else info.origin
