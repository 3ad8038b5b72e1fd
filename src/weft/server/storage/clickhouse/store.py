"""A project's metrics in PostgreSQL and ClickHouse. Does I/O.

This is a façade: other modules of the package, and those that read the embedded engine, do the
work of each method.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from weft.server.storage.clickhouse.append import Appender
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys, encode_name
from weft.server.storage.clickhouse.mover import Mover
from weft.server.storage.clickhouse.presence import Presence
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE, Reader
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
    MoveTimes,
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
    Usage,
)
from weft.server.storage.metrics.fresh import FreshReader
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


class SharedMetricStore:
    """`MetricStore` that many servers may have open at once.

    `store` is its number.
    """

    def __init__(
        self,
        connections: Connections,
        keys: Keys,
        tables: ChunkTables | None,
        store: int,
        times: MoveTimes,
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._tables = tables
        self._store = store
        self._appender = Appender(connections, keys, store)
        self._presence = Presence(connections, keys, store)
        self._mover = None if tables is None else Mover(connections, keys, tables, store, times)
        self._fresh_reader = FreshReader()
        self._chart_caches = ChartCaches()
        self._count_caches = CountCaches()

    def _read(
        self, runs: Iterable[str], sources: Sequence[Source] = (), lineage: Lineage | None = None
    ) -> Reader:
        names = [*runs, *(source.run for source in sources)]
        for of_run in (lineage or {}).values():
            names += [source.run for source in of_run]
        names += lineage or ()
        return Reader(
            self._connections, self._keys, self._tables, self._fresh_reader, self._store, names
        )

    def append(self, batches: Sequence[Batch]) -> None:
        self._appender.append(batches)

    def position(self, run: str, stream: str) -> StreamPosition | None:
        with self._read([run]) as reader:
            row = (
                reader.connection()
                .execute(
                    "SELECT position, state, n_rows, tail FROM run JOIN stream USING (run)"
                    " JOIN position USING (stream) LEFT JOIN decoder USING (stream)"
                    " WHERE store = %s AND run.name = %s AND stream.name = %s AND gone = %s",
                    (self._store, run, stream, LIVE),
                )
                .fetchone()
            )
        return None if row is None else StreamPosition(row[0], row[1] or b"", row[2], row[3])

    def run_origin(self, run: str) -> int | None:
        with self._read([run]) as reader:
            info = reader.find_source(run)
        return None if info is None else info.origin

    def series(self, query: SeriesQuery) -> list[Series]:
        with self._read(query.runs, lineage=query.lineage) as reader:
            return read_series(reader, self._chart_caches, query)

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
        with self._read([run], sources) as reader:
            yield from read_points(
                reader, run, key, axis,
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
        with self._read([run], sources) as reader:
            yield from read_objects(
                reader, run, key, axis,
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
        with self._read([run], sources) as reader:
            return read_object_positions(reader, run, key, axis, sources, bases or {})

    def last_object(
        self, run: str, key: str, *, at: float | None = None, sources: Sequence[Source] = ()
    ) -> ObjectPoint | None:
        with self._read([run], sources) as reader:
            return read_last_object(reader, run, key, sources, at)

    def first_nonfinite(
        self, run: str, key: str, *, sources: Sequence[Source] = ()
    ) -> NonFinite | None:
        with self._read([run], sources) as reader:
            return read_first_nonfinite(reader, run, key, sources)

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
            with self._read([run], sources) as reader:
                yield from read_run_columns(
                    reader, run, keys, lo=lo, hi=hi, apart=apart, every_row=every_row,
                    system=system, sources=sources,
                )  # fmt: skip

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        with self._read(runs, lineage=lineage) as reader:
            return has_fractional_steps(reader, runs, system=system, lineage=lineage or {})

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
        with self._read([run], sources) as reader:
            yield from read_rows(
                reader, run, keys, after=after, limit=limit, lo=lo, hi=hi, apart=apart,
                system=system, sources=sources,
            )  # fmt: skip

    # Metrics and last values

    def keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
    ) -> dict[str, list[KeyInfo]]:
        with self._read(runs or (), lineage=lineage) as reader:
            return read_keys(reader, self._count_caches, runs, lineage or {}, system=system)

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
        with self._read(runs or (), lineage=lineage) as reader:
            return search_keys(
                reader, self._count_caches, runs, lineage or {}, matches, after, limit,
                system=system,
            )  # fmt: skip

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        with self._read([run], sources) as reader:
            return read_latest(reader, run, keys, sources)

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        with self._read(runs, lineage=lineage) as reader:
            return read_latest_of(reader, runs, keys, lineage or {})

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        with self._read([run], sources) as reader:
            return read_end(reader, run, sources)

    # Console

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        with self._read([run]) as reader:
            return read_console(reader, run, writer, stream, first, n)

    def console_before(
        self, run: str, writer: str, stream: str, before: int, n: int
    ) -> list[ConsoleLine]:
        with self._read([run]) as reader:
            return read_console_before(reader, run, writer, stream, before, n)

    def console_streams(self, run: str) -> list[ConsoleStream]:
        with self._read([run]) as reader:
            return read_console_streams(reader, run)

    def console_times(self, run: str, writer: str, stream: str) -> tuple[Int64, Int64]:
        with self._read([run]) as reader:
            return read_console_times(reader, run, writer, stream)

    def search_console(
        self, run: str, writer: str, stream: str, search: TextSearch, *, first: int = 0, limit: int
    ) -> list[int]:
        with self._read([run]) as reader:
            return search_console(reader, run, writer, stream, search, first=first, limit=limit)

    # Summaries

    def dirty_runs(self) -> list[str]:
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT name FROM run JOIN dirty USING (run)"
                " WHERE store = %s AND gone = %s AND mark > clean ORDER BY run",
                (self._store, LIVE),
            ).fetchall()
        return [name for (name,) in rows]

    def clean(self, run: str, mark: int) -> None:
        self._connections.change(
            lambda connection: connection.execute(
                "UPDATE dirty SET clean = greatest(clean, %s) FROM run"
                " WHERE run.run = dirty.run AND store = %s AND name = %s",
                (mark, self._store, run),
            )
        )

    def dirty_mark(self, run: str) -> int:
        with self._connections.use() as connection:
            row = connection.execute(
                "SELECT mark FROM run JOIN dirty USING (run)"
                " WHERE store = %s AND name = %s AND gone = %s AND mark > clean",
                (self._store, run, LIVE),
            ).fetchone()
        return 0 if row is None else row[0]

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        rules = sorted(
            (encode_name(name), encode_name(axis.metric), axis.step_sync)
            for name, axis in axes.items()
        )

        def work(connection: Connection) -> None:
            row = (
                connection.execute(
                    "INSERT INTO run (store, name) SELECT %s, %s WHERE %s"
                    " ON CONFLICT (store, name) DO UPDATE SET name = excluded.name"
                    " RETURNING run, gone",
                    (self._store, run, bool(rules)),
                ).fetchone()
                or connection.execute(
                    "SELECT run, gone FROM run WHERE store = %s AND name = %s", (self._store, run)
                ).fetchone()
            )
            if row is None or row[1] != LIVE:
                return
            connection.execute("DELETE FROM axis_rule WHERE run = %s", (row[0],))
            for rule in rules:
                connection.execute(
                    "INSERT INTO axis_rule VALUES (%s, %s, %s, %s)", (row[0], *rule)
                )

        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT r.name, metric, step_sync FROM run JOIN axis_rule r USING (run)"
                " WHERE store = %s AND run.name = %s ORDER BY r.name",
                (self._store, run),
            ).fetchall()
        if rows != rules:
            self._connections.change(work)

    # States of runs

    def delete_runs(self, runs: Sequence[str]) -> None:
        self._presence.delete(runs, leaves_tombstones=True)

    def drop_runs(self, runs: Sequence[str]) -> None:
        self._presence.delete(runs, leaves_tombstones=False)

    def hide_runs(self, runs: Sequence[str]) -> None:
        self._presence.hide(runs)

    def show_runs(self, runs: Sequence[str]) -> None:
        self._presence.show(runs)

    def freeze_runs(self, runs: Sequence[str]) -> AbstractContextManager[Freeze]:
        return self._presence.freeze(runs)

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        assert isinstance(to, SharedMetricStore)
        self._presence.copy(names, to._presence)  # noqa: SLF001

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        self._presence.rename(names, hidden=hidden)

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        self._presence.delete_metrics(runs, keys)

    def delete_console(self, runs: Sequence[str]) -> None:
        self._presence.delete_console(runs)

    # Upkeep

    def compact(self, *, until_idle: bool = False) -> bool:
        worked = self._compact_once(everything=until_idle)
        while worked and until_idle and self._compact_once(everything=True):
            pass
        return worked

    def _compact_once(self, *, everything: bool) -> bool:
        return self._presence.sweep() or (
            self._mover is not None and self._mover.move_once(everything=everything)
        )

    def usage(self) -> Usage:
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT name, coalesce(sum(n_bytes), 0)::bigint,"
                " coalesce(sum(n_bytes) FILTER (WHERE console), 0)::bigint FROM run"
                " LEFT JOIN stored_bytes USING (run) WHERE store = %s AND gone = ANY(%s)"
                " GROUP BY name",
                (self._store, [LIVE, HIDDEN]),
            ).fetchall()
        by_run = {name: n_bytes for name, n_bytes, _ in rows}
        console = {name: n_bytes for name, _, n_bytes in rows if n_bytes}
        return Usage(sum(by_run.values()), 0, by_run, console)

    def run_usage(self, run: str) -> RunUsage | None:
        with self._read([run]) as reader:
            info = reader.find_source(run)
            if info is None:
                return None
            with reader.snapshot([info.run]) as view:
                ((n_bytes, fresh, console),) = view.connection.execute(
                    "SELECT coalesce(sum(n_bytes), 0)::bigint,"
                    " coalesce(sum(n_bytes) FILTER (WHERE fresh), 0)::bigint,"
                    " coalesce(sum(n_bytes) FILTER (WHERE console), 0)::bigint"
                    " FROM stored_bytes WHERE run = %s",
                    (info.run,),
                ).fetchall()
                sizes = view.bytes_by_key(info.run)
                by_key = {reader.key_name(key): n for key, n in sizes.items()}
        return RunUsage(n_bytes=n_bytes, fresh_bytes=fresh, console_bytes=console, by_key=by_key)

    def close(self) -> None:
        """Nothing is held between calls; the engine closes its connections."""
