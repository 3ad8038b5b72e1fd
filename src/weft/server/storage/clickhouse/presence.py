"""States of runs: deleted, hidden, renamed, copied, frozen, without some metrics. Does I/O.

All are rows of PostgreSQL, written while no append is under way in the store, and seen by the next
read of any server. Space comes back later (`sweep`).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar
from zlib import crc32

from weft.errors import Unavailable
from weft.server.storage.clickhouse.append import mark_dirty
from weft.server.storage.clickhouse.chunk_view import GONE, LISTED
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.points_mirror.bookkeeping import list_copy, mark_stale
from weft.server.storage.clickhouse.reader import DELETED, EMPTIED, HIDDEN, LIVE
from weft.server.storage.clickhouse.schema import LOCKS, OF_RUN
from weft.server.storage.contract import ConsoleLine, Freeze
from weft.server.storage.metrics.encoding.block import Block, drop_points
from weft.server.storage.metrics.fresh import decode_fresh, encode_fresh

FREEZE_SECS: Final = 60
"""A freeze whose owner does not renew it for so long has ended."""

RENEW_SECS: Final = 10

SWEPT_AT_ONCE: Final = 1000
"""Rows of deleted runs that one statement removes."""

_T = TypeVar("_T")

FreshEdit = Callable[[int, Block, list[ConsoleLine]], tuple[Block, list[ConsoleLine]]]
"""Rows and lines of a batch after a change, given the number of its writer."""


class Presence:
    """Changes the states of one store's runs."""

    def __init__(self, connections: Connections, keys: Keys, store: int) -> None:
        self._connections = connections
        self._keys = keys
        self._store = store

    def _alone(self, work: Callable[[Connection], _T]) -> _T:
        """Do work in a transaction that begins when no append is under way."""

        def locked(connection: Connection) -> _T:
            lock_store(connection, self._store)
            return work(connection)

        return self._connections.change(locked)

    def _states(self, connection: Connection, names: Iterable[str]) -> dict[str, tuple[int, int]]:
        rows = connection.execute(
            "SELECT name, run, gone FROM run WHERE store = %s AND name = ANY(%s)",
            (self._store, list(names)),
        )
        return {name: (run, gone) for name, run, gone in rows}

    def hide(self, names: Sequence[str]) -> None:
        """See `MetricStore.hide_runs`."""

        def work(connection: Connection) -> None:
            hidden = connection.execute(
                "INSERT INTO run (store, name, gone) SELECT %s, name, %s FROM"
                " unnest(%s::text[]) AS q (name) ON CONFLICT (store, name) DO UPDATE"
                " SET gone = excluded.gone WHERE run.gone = %s RETURNING run",
                (self._store, HIDDEN, sorted(set(names)), LIVE),
            )
            mark_stale(connection, [run for (run,) in hidden.fetchall()])

        self._alone(work)

    def show(self, names: Sequence[str]) -> None:
        """See `MetricStore.show_runs`."""
        self._alone(
            lambda connection: connection.execute(
                "UPDATE run SET gone = %s WHERE store = %s AND name = ANY(%s) AND gone <> %s",
                (LIVE, self._store, list(names), LIVE),
            )
        )

    def delete(self, names: Sequence[str], *, leaves_tombstones: bool) -> None:
        """See `MetricStore.delete_runs` and `drop_runs`."""

        def work(connection: Connection) -> None:
            states = self._states(connection, names)
            _bury(connection, [run for run, gone in states.values() if gone != EMPTIED])
            if leaves_tombstones:
                connection.execute(
                    "INSERT INTO run (store, name, gone) SELECT %s, name, %s FROM"
                    " unnest(%s::text[]) AS q (name) ON CONFLICT (store, name) DO NOTHING",
                    (self._store, EMPTIED, sorted(set(names))),
                )
            else:
                connection.execute(
                    "DELETE FROM run WHERE run = ANY(%s)",
                    ([run for run, gone in states.values() if gone == EMPTIED],),
                )

        self._alone(work)

    def rename(self, names: Mapping[str, str], *, hidden: bool) -> None:
        """See `MetricStore.name_runs`."""

        def work(connection: Connection) -> None:
            states = self._states(connection, [*names, *names.values()])
            moved = {old: new for old, new in names.items() if old in states}
            replaced = [states[new][0] for new in moved.values() if new in states]
            _bury(connection, replaced)
            state = HIDDEN if hidden else LIVE
            for old, new in moved.items():
                connection.execute(
                    "UPDATE run SET name = %s, gone = %s WHERE run = %s",
                    (new, state, states[old][0]),
                )
            mark_stale(connection, [states[old][0] for old in moved])
            if not hidden:
                mark_dirty(connection, {states[old][0]: 1 for old in moved})

        self._alone(work)

    def delete_metrics(self, names: Sequence[str], keys: Sequence[str]) -> None:
        """See `MetricStore.delete_metrics`."""
        # Late rows may still bring a metric that is not known yet: they too are below the
        # tombstone.
        numbers = list(self._keys.numbers(keys).values())

        def work(connection: Connection) -> None:
            states = self._states(connection, names)
            runs = [run for run, gone in states.values() if gone == LIVE]
            connection.execute(
                "INSERT INTO tomb (run, key, writer, row_hi)"
                " SELECT w.run, q.key, w.writer, w.spans[array_upper(w.spans, 1)]"
                " FROM writer w, unnest(%s::integer[]) AS q (key)"
                " WHERE w.run = ANY(%s) AND w.spans <> '{}'"
                " ON CONFLICT (run, key, writer) DO UPDATE SET row_hi = excluded.row_hi",
                (numbers, runs),
            )
            tombs: dict[int, dict[int, int]] = {}
            for writer, key, row_hi in connection.execute(
                "SELECT writer, key, row_hi FROM tomb WHERE run = ANY(%s)", (runs,)
            ):
                tombs.setdefault(writer, {})[key] = row_hi
            _rewrite_fresh(
                connection,
                runs,
                lambda writer, block, lines: (drop_points(block, tombs.get(writer, {})), lines),
            )
            connection.execute(
                "UPDATE chunk SET cut = true WHERE run = ANY(%s) AND state = %s"
                " AND header IS NOT NULL",
                (runs, LISTED),
            )
            # The summary has to forget the metrics too.
            with_rows = connection.execute(
                "SELECT DISTINCT run FROM writer WHERE run = ANY(%s) AND spans <> '{}'", (runs,)
            )
            mark_dirty(connection, {run: 1 for (run,) in with_rows})
            mark_stale(connection, runs)

        if keys:
            self._alone(work)

    def delete_console(self, names: Sequence[str]) -> None:
        """See `MetricStore.delete_console`."""

        def work(connection: Connection) -> None:
            states = self._states(connection, names)
            runs = [run for run, gone in states.values() if gone == LIVE]
            _rewrite_fresh(connection, runs, lambda _writer, block, _lines: (block, []))
            connection.execute("DELETE FROM console_block WHERE run = ANY(%s)", (runs,))
            connection.execute(
                "UPDATE chunk SET state = %s, since = clock_timestamp()"
                " WHERE run = ANY(%s) AND state = %s AND header IS NULL",
                (GONE, runs, LISTED),
            )

        self._alone(work)

    def copy(self, names: Mapping[str, str], to: Presence) -> None:
        """See `MetricStore.copy_runs`."""
        to.delete(list(names.values()), leaves_tombstones=False)

        def work(connection: Connection) -> None:
            states = self._states(connection, names)
            for name, new in names.items():
                run, gone = states.get(name, (0, EMPTIED))
                ((copy,),) = connection.execute(
                    "INSERT INTO run (store, name, gone, origin) VALUES (%s, %s, %s,"
                    " (SELECT origin FROM run WHERE run = %s AND gone = ANY(%s))) RETURNING run",
                    (to._store, new, HIDDEN, run, [LIVE, HIDDEN]),
                ).fetchall()
                if gone in {LIVE, HIDDEN}:
                    _copy_rows(connection, run, copy)
                    list_copy(connection, copy)

        self._connections.change(work)

    @contextmanager
    def freeze(self, names: Sequence[str]) -> Generator[Freeze]:
        """See `MetricStore.freeze_runs`."""
        lease = FreezeLease(self._connections, self._store, names)
        lease.renew()
        # Whoever appends has looked at freezes already, and ends before this does.
        self._alone(lambda _: None)
        lease.start()
        try:
            yield lease
        finally:
            lease.end()

    def remove(self) -> None:
        """Remove the whole store. See `MetricEngine.remove`."""

        def bury(connection: Connection) -> None:
            rows = connection.execute("SELECT run FROM run WHERE store = %s", (self._store,))
            _bury(connection, [run for (run,) in rows])

        def forget(connection: Connection) -> None:
            connection.execute("DELETE FROM frozen WHERE store = %s", (self._store,))
            connection.execute("DELETE FROM store WHERE store = %s", (self._store,))

        self._alone(bury)
        while self.sweep():
            pass
        # Last: while it is there, a restart finds the store and removes the rest.
        self._connections.change(forget)

    def sweep(self) -> bool:
        """Remove some rows of deleted runs and ended freezes; returns whether there were any."""

        def work(connection: Connection) -> bool:
            connection.execute("DELETE FROM frozen WHERE expires < clock_timestamp()")
            runs = [
                run
                for (run,) in connection.execute(
                    "SELECT run FROM run WHERE store = %s AND gone = %s LIMIT 100",
                    (self._store, DELETED),
                )
            ]
            if not runs:
                return False
            connection.execute(
                "UPDATE chunk SET state = %s, since = clock_timestamp()"
                " WHERE run = ANY(%s) AND state <> %s",
                (GONE, runs, GONE),
            )
            for table in OF_RUN:
                removed = connection.execute(
                    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table}"
                    " WHERE run = ANY(%s) LIMIT %s))".encode(),
                    (runs, SWEPT_AT_ONCE),
                )
                if removed.rowcount:
                    return True
            for table in ("position", "decoder"):
                connection.execute(
                    f"DELETE FROM {table} WHERE stream IN"
                    " (SELECT stream FROM stream WHERE run = ANY(%s))".encode(),
                    (runs,),
                )
            connection.execute("DELETE FROM stream WHERE run = ANY(%s)", (runs,))
            connection.execute("DELETE FROM run WHERE run = ANY(%s)", (runs,))
            return True

        return self._connections.change(work)


class FreezeLease:
    """See `Freeze`: rows with an end, which a thread renews."""

    def __init__(self, connections: Connections, store: int, names: Sequence[str]) -> None:
        self._connections = connections
        self._store = store
        self._names = sorted(set(names))
        self._owner = secrets.token_hex(8)
        self._ended = threading.Event()
        self._renewed = 0.0
        self._thread = threading.Thread(target=self._keep, name="weft-freeze", daemon=True)

    def renew(self) -> None:
        """Have it last for a while from now."""
        since = time.monotonic()
        self._connections.change(
            lambda connection: connection.execute(
                "INSERT INTO frozen SELECT %s, name, %s, clock_timestamp() + %s * interval '1 s'"
                " FROM unnest(%s::text[]) AS q (name)"
                " ON CONFLICT (store, name, owner) DO UPDATE SET expires = excluded.expires",
                (self._store, self._owner, FREEZE_SECS, self._names),
            )
        )
        self._renewed = since

    def start(self) -> None:
        """Renew it from now on until its end."""
        self._thread.start()

    def _keep(self) -> None:
        while not self._ended.wait(RENEW_SECS):
            if time.monotonic() - self._renewed > FREEZE_SECS:
                return  # renewing it now would hide that batches may have come between
            try:
                self.renew()
            except Unavailable:
                continue

    def check(self) -> None:
        """See `Freeze.check`."""
        if time.monotonic() - self._renewed > FREEZE_SECS - RENEW_SECS:
            raise Unavailable("runs were frozen for too long without contact: try again")

    def end(self) -> None:
        """Have the runs accept batches again."""
        self._ended.set()
        self._thread.join()
        self._connections.change(
            lambda connection: connection.execute(
                "DELETE FROM frozen WHERE store = %s AND owner = %s", (self._store, self._owner)
            )
        )


def lock_store(connection: Connection, store: int) -> None:
    """Wait until no append to a store is under way, and keep others out until the commit."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, store))


def _bury(connection: Connection, runs: Sequence[int]) -> None:
    """Free the names of runs, whose rows `sweep` removes."""
    if runs:
        connection.execute(
            "UPDATE run SET name = '//' || run, gone = %s WHERE run = ANY(%s)",
            (DELETED, list(runs)),
        )
        mark_stale(connection, runs)


def _rewrite_fresh(connection: Connection, runs: Sequence[int], edit: FreshEdit) -> None:
    """Edit the fresh batches of runs, where they are: readers may have their rows in memory, and
    leave out what was deleted.
    """
    rows = (
        connection.cursor(binary=True)
        .execute("SELECT fresh, writer, data FROM fresh WHERE run = ANY(%s)", (list(runs),))
        .fetchall()
    )
    for fresh, writer, data in rows:
        block, lines = decode_fresh(data)
        edited, edited_lines = edit(writer, block, lines)
        if edited is block and len(edited_lines) == len(lines):
            continue
        blob = encode_fresh(edited, edited_lines)
        connection.execute(
            "UPDATE fresh SET n_points = %s, console = %s, n_bytes = %s, crc = %s, data = %s"
            " WHERE fresh = %s",
            (edited.n_points, bool(edited_lines), len(blob), crc32(blob), blob, fresh),
        )


def _copy_rows(connection: Connection, run: int, copy: int) -> None:
    """Copy all rows of a run that is frozen or hidden to another."""
    connection.execute(
        "INSERT INTO writer (run, name, spans) SELECT %s, name, spans FROM writer WHERE run = %s",
        (copy, run),
    )
    connection.execute(
        "INSERT INTO stream (run, name) SELECT %s, name FROM stream WHERE run = %s", (copy, run)
    )
    connection.execute(
        "INSERT INTO axis_rule SELECT %s, name, metric, step_sync FROM axis_rule WHERE run = %s",
        (copy, run),
    )
    of_stream = (
        "FROM stream old JOIN stream new ON new.run = %s AND new.name = old.name"
        " JOIN {table} t ON t.stream = old.stream WHERE old.run = %s"
    )
    for table, columns in (("position", "position, n_rows, tail"), ("decoder", "state")):
        connection.execute(
            f"INSERT INTO {table} SELECT new.stream, {columns}"
            f" {of_stream.format(table=table)}".encode(),
            (copy, run),
        )
    of_writer = (
        "JOIN writer old ON old.writer = t.writer"
        " JOIN writer new ON new.run = %s AND new.name = old.name WHERE t.run = %s"
    )
    connection.execute(
        "INSERT INTO tomb SELECT %s, t.key, new.writer, t.row_hi"
        f" FROM tomb t {of_writer}".encode(),
        (copy, copy, run),
    )
    connection.execute(
        'INSERT INTO fresh (run, writer, system, "offset", fractional, row_lo, row_hi, n,'
        " n_points, console, n_bytes, crc, data)"
        ' SELECT %s, new.writer, t.system, t."offset", t.fractional, t.row_lo, t.row_hi, t.n,'
        " t.n_points, t.console, t.n_bytes, t.crc, t.data"
        f" FROM fresh t {of_writer} AND t.chunk IS NULL ORDER BY t.fresh".encode(),
        (copy, copy, run),
    )
    # The rows in ClickHouse are shared.
    connection.execute(
        "INSERT INTO chunk (run, writer, shard, stored, stored_run, state, n_bytes, cut, header)"
        " SELECT %s, new.writer, t.shard, t.stored, t.stored_run, t.state, t.n_bytes, t.cut,"
        " t.header"
        f" FROM chunk t {of_writer} AND t.state = %s ORDER BY t.chunk".encode(),
        (copy, copy, run, LISTED),
    )
    connection.execute(
        "INSERT INTO console_block (run, writer, stream, block, stored, n, line_lo, line_hi,"
        " time_lo, time_hi) SELECT %s, new.writer, t.stream, t.block, t.stored, t.n, t.line_lo,"
        f" t.line_hi, t.time_lo, t.time_hi FROM console_block t {of_writer}".encode(),
        (copy, copy, run),
    )
