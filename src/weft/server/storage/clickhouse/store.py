"""A project's metrics in PostgreSQL and ClickHouse. Does I/O.

This is a façade: other modules of the package, and those that read the embedded engine, do the
work of each method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from weft.server.storage.clickhouse.append import Appender
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys, encode_name
from weft.server.storage.clickhouse.mover import Mover
from weft.server.storage.clickhouse.presence import Presence
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE, Reader
from weft.server.storage.contract import (
    Batch,
    Freeze,
    Lineage,
    MetricStore,
    MoveTimes,
    RunUsage,
    Source,
    StepMetric,
    StreamPosition,
    Usage,
)
from weft.server.storage.metrics.fresh import FreshReader
from weft.server.storage.metrics.reads import MetricReads


class SharedMetricStore(MetricReads):
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
        super().__init__()
        self._connections = connections
        self._keys = keys
        self._tables = tables
        self._store = store
        self._appender = Appender(connections, keys, store)
        self._presence = Presence(connections, keys, store)
        self._mover = None if tables is None else Mover(connections, keys, tables, store, times)
        self._fresh_reader = FreshReader()

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
