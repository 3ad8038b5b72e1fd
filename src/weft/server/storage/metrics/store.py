"""The embedded metric store: one SQLite file per project. Does I/O.

This is a façade: other modules of the package do the work of each method. Batches and queries
come from `server.services`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

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
    Latest,
    Lineage,
    MetricStore,
    NonFinite,
    ObjectPoint,
    ObjectPosition,
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
from weft.server.storage.metrics.append import Appender, read_position
from weft.server.storage.metrics.database import Database
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
from weft.server.storage.metrics.reading.latest import read_end, read_latest, read_latest_of
from weft.server.storage.metrics.reading.points import (
    read_first_nonfinite,
    read_objects,
    read_points,
)
from weft.server.storage.metrics.reading.rows import read_rows
from weft.server.storage.metrics.reading.shared_series import read_series
from weft.server.storage.metrics.upkeep.axis_rules import write_rules
from weft.server.storage.metrics.upkeep.compact import Compactor
from weft.server.storage.metrics.upkeep.copying import copy_runs, name_runs
from weft.server.storage.metrics.upkeep.delete import (
    delete_console,
    delete_metrics,
    delete_runs,
    drop_runs,
    hide_runs,
    show_runs,
)
from weft.server.storage.metrics.upkeep.usage import read_run_usage, read_usage


class SqliteMetricStore:
    """`MetricStore` in one SQLite file, created if it is missing.

    Thread-safe. Only one process may have it open.

    >>> import tempfile
    >>> store = SqliteMetricStore(Path(tempfile.mkdtemp()) / "metrics.db")
    >>> store.keys()
    {}
    >>> store.close()
    """

    def __init__(self, path: str | Path) -> None:
        self._database = Database(Path(path))
        self._appender = Appender(self._database)
        self._compactor = Compactor(self._database)
        self._chart_caches = ChartCaches()
        self._count_caches = CountCaches()

    def position(self, run: str, stream: str) -> StreamPosition | None:
        return read_position(self._database, run, stream)

    def run_origin(self, run: str) -> int | None:
        info = self._database.find_source(run)
        return None if info is None else info.origin

    def _number(self, run: str) -> int | None:
        info = self._database.find_run(run)
        return None if info is None else info.run

    def append(self, batches: Sequence[Batch]) -> None:
        self._appender.append(batches)

    def series(self, query: SeriesQuery) -> list[Series]:
        return read_series(self._database, self._chart_caches, query)

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
        return read_points(
            self._database, run, key, axis,
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
        return read_objects(
            self._database, run, key, axis,
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
        return read_object_positions(self._database, run, key, axis, sources, bases or {})

    def last_object(
        self, run: str, key: str, *, at: float | None = None, sources: Sequence[Source] = ()
    ) -> ObjectPoint | None:
        return read_last_object(self._database, run, key, sources, at)

    def first_nonfinite(
        self, run: str, key: str, *, sources: Sequence[Source] = ()
    ) -> NonFinite | None:
        return read_first_nonfinite(self._database, run, key, sources)

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
            yield from read_run_columns(
                self._database, run, keys, lo=lo, hi=hi, apart=apart, every_row=every_row,
                system=system,
                sources=(lineage or {}).get(run, ()),
            )  # fmt: skip

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        return has_fractional_steps(self._database, runs, system=system, lineage=lineage or {})

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        write_rules(self._database, run, axes)

    def keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
    ) -> dict[str, list[KeyInfo]]:
        return read_keys(self._database, self._count_caches, runs, lineage or {}, system=system)

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
        return search_keys(
            self._database, self._count_caches, runs, lineage or {}, matches, after, limit,
            system=system,
        )  # fmt: skip

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        return read_latest(self._database, run, keys, sources)

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        return read_latest_of(self._database, runs, keys, lineage or {})

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        return read_end(self._database, run, sources)

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
        return read_rows(
            self._database, run, keys, after=after, limit=limit, lo=lo, hi=hi, apart=apart,
            system=system, sources=sources,
        )  # fmt: skip

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        return read_console(self._database, run, writer, stream, first, n)

    def console_before(
        self, run: str, writer: str, stream: str, before: int, n: int
    ) -> list[ConsoleLine]:
        return read_console_before(self._database, run, writer, stream, before, n)

    def console_streams(self, run: str) -> list[ConsoleStream]:
        return read_console_streams(self._database, run)

    def console_times(self, run: str, writer: str, stream: str) -> tuple[Int64, Int64]:
        return read_console_times(self._database, run, writer, stream)

    def search_console(
        self, run: str, writer: str, stream: str, search: TextSearch, *, first: int = 0, limit: int
    ) -> list[int]:
        return search_console(
            self._database, run, writer, stream, search, first=first, limit=limit
        )

    def dirty_runs(self) -> list[str]:
        dirty = set(self._database.marks.dirty())
        return [name for name in self._database.run_names() if self._number(name) in dirty]

    def clean(self, run: str, mark: int) -> None:
        number = self._number(run)
        if number is not None:
            self._database.marks.clean(number, mark)

    def dirty_mark(self, run: str) -> int:
        number = self._number(run)
        return 0 if number is None else self._database.marks.mark_of(number)

    def delete_runs(self, runs: Sequence[str]) -> None:
        delete_runs(self._database, self._appender, runs)

    def drop_runs(self, runs: Sequence[str]) -> None:
        drop_runs(self._database, self._appender, runs)

    def hide_runs(self, runs: Sequence[str]) -> None:
        hide_runs(self._database, self._appender, runs)

    def show_runs(self, runs: Sequence[str]) -> None:
        show_runs(self._database, runs)

    @contextmanager
    def freeze_runs(self, runs: Sequence[str]) -> Generator[Freeze]:
        frozen = self._database.frozen
        with self._database.write_lock:
            frozen.update(runs)
        try:
            yield UnbrokenFreeze()
        finally:
            with self._database.write_lock:
                frozen.subtract(runs)

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        assert isinstance(to, SqliteMetricStore)
        copy_runs(self._database, to._database, to._appender, names)  # noqa: SLF001

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        name_runs(self._database, self._appender, names, hidden=hidden)

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        delete_metrics(self._database, runs, keys)

    def delete_console(self, runs: Sequence[str]) -> None:
        self._compactor.compact(until_idle=True)  # also lines that are still fresh
        delete_console(self._database, runs)

    def compact(self, *, until_idle: bool = False) -> bool:
        return self._compactor.compact(until_idle=until_idle)

    def usage(self) -> Usage:
        return read_usage(self._database)

    def run_usage(self, run: str) -> RunUsage | None:
        return read_run_usage(self._database, run)

    def close(self) -> None:
        self._database.close()
