"""Background work of one store: moves what is due to ClickHouse, merges chunks, removes old ones.

Any server may do it, and several at once: an intent keeps others from the same writer's rows. Does
I/O.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from weft.errors import Damaged, Unavailable
from weft.server.storage.clickhouse.chunk_tables import ChunkId, ChunkTables
from weft.server.storage.clickhouse.chunk_view import GONE, LISTED, WRITING
from weft.server.storage.clickhouse.comparison import (
    compare_daily,
    confirm_copies,
    look_again,
)
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.move import Move
from weft.server.storage.clickhouse.points_mirror.bookkeeping import mark_stale
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE, Reader
from weft.server.storage.contract import MoveTimes
from weft.server.storage.metrics.chunking.plan import DueQueue, is_due, plan_merge
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.fresh import FreshReader, FreshTotal

INTENT_SECS: Final = 600
"""A move that takes longer is given up: others may begin it again."""

KEPT_SECS: Final = 600
"""The time for which replaced chunks stay: for reads that began before, and because ClickHouse may
still have to write acknowledged rows to its disk."""

REMOVED_AT_ONCE: Final = 1000

_log = logging.getLogger(__name__)


class Mover:
    """Does pieces of work, one at a time."""

    def __init__(
        self,
        connections: Connections,
        keys: Keys,
        tables: ChunkTables,
        store: int,
        times: MoveTimes,
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._tables = tables
        self._store = store
        self._times = times
        self._lock = threading.Lock()
        # Rows that are damaged are left as they are and don't block other work.
        self._damaged: set[RowClass] = set()
        self._due = DueQueue()
        self._outage: Unavailable | None = None

    def move_once(self, *, everything: bool) -> bool:
        """Do one piece of work; False if there was nothing to do.

        `everything` includes fresh rows that are not due yet. Unavailable if nothing else could
        be done than what a shard that is away prevents.
        """
        with self._lock:
            self._outage = None
            worked = (
                self._move_fresh(everything)
                or self._merge_tier()
                or self._rewrite_cut()
                or self._remove_old()
                or compare_daily(self._connections, self._tables)
            )
            if self._outage is not None and not worked:
                raise self._outage
            return worked

    # Fresh rows

    def _move_fresh(self, everything: bool) -> bool:
        return self._due.work_once(
            lambda: [
                (run, row_class)
                for run, row_class, total, silent_secs in self._totals()
                if everything or is_due(total, silent_secs)
            ],
            partial(self._make, make=Move.from_fresh),
        )

    def _totals(self) -> list[tuple[int, RowClass, FreshTotal, float]]:
        """The fresh rows of each class, and for how long it has been silent."""
        with self._connections.use() as connection:
            rows = connection.execute(
                'SELECT f.run, f.writer, system, "offset", fractional, count(*),'
                " sum(n)::bigint, max(fresh),"
                " coalesce(sum(f.n_bytes) FILTER (WHERE console), 0)::bigint,"
                " extract(epoch FROM clock_timestamp() - max(received))::float8"
                " FROM fresh f JOIN run ON run.run = f.run AND store = %s AND gone = ANY(%s)"
                " WHERE f.chunk IS NULL AND NOT EXISTS (SELECT FROM chunk c WHERE c.run = f.run"
                " AND c.writer = f.writer AND c.state = %s) GROUP BY 1, 2, 3, 4, 5",
                (self._store, [LIVE, HIDDEN], WRITING),
            ).fetchall()
        return [
            (run, RowClass(*rest[:4]), FreshTotal(*rest[4:-1]), rest[-1]) for run, *rest in rows
        ]

    def _make(self, run: int, row_class: RowClass, make: Callable[[Move], bool]) -> bool:
        if row_class in self._damaged:
            return False
        try:
            with self._reader() as reader:
                return make(
                    Move(
                        self._connections, reader, self._tables, self._store, run, row_class,
                        self._times,
                    )
                )  # fmt: skip
        except Damaged as error:
            self._damaged.add(row_class)
            _log.error("rows stay as they are: %s", error)
            return False
        except Unavailable as error:
            self._outage = error  # other runs may be in other shards
            return False

    def _reader(self) -> Reader:
        return Reader(self._connections, self._keys, self._tables, FreshReader(), self._store)

    # Tiers

    def _merge_tier(self) -> bool:
        """Merge chunks of a run that has new ones, whichever server wrote them."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT DISTINCT run FROM chunk JOIN run USING (run) WHERE store = %s"
                " AND gone = ANY(%s) AND state = %s AND NOT planned AND header IS NOT NULL",
                (self._store, [LIVE, HIDDEN], LISTED),
            ).fetchall()
        for (run,) in rows:
            with self._reader() as reader, reader.snapshot() as view:
                chunks = view.chunks([run])
            group = plan_merge(sorted(chunks.values(), key=lambda chunk: chunk.row_lo))
            if group is not None and group[0].row_class not in self._damaged:
                if self._make(run, group[0].row_class, partial(Move.from_chunks, group=group)):
                    return True
                continue  # others are at it, or their shard is away
            self._connections.change(
                lambda connection, chunks=chunks: connection.execute(
                    "UPDATE chunk SET planned = true WHERE chunk = ANY(%s)", (list(chunks),)
                )
            )
        return False

    # Deleted metrics

    def _rewrite_cut(self) -> bool:
        """Rewrite a chunk without the metrics that were deleted, if any of them is in it."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT run, chunk FROM chunk JOIN run USING (run)"
                " WHERE store = %s AND gone = ANY(%s) AND state = %s AND cut LIMIT 100",
                (self._store, [LIVE, HIDDEN], LISTED),
            ).fetchall()
        for run, number in rows:
            with self._reader() as reader, reader.snapshot([run]) as view:
                chunk = view.chunks([run]).get(number)
                if chunk is None:
                    continue
                has_deleted = view.has_deleted(chunk)
            if not has_deleted:
                self._connections.change(
                    lambda connection, number=number: connection.execute(
                        "UPDATE chunk SET cut = false WHERE chunk = %s", (number,)
                    )
                )
                return True
            if self._make(run, chunk.row_class, partial(Move.from_chunks, group=[chunk])):
                return True
        return False

    # What was replaced (M5)

    def _remove_old(self) -> bool:
        """Remove some old chunks, moved batches and intents that ran out, of all stores."""
        confirm_copies(self._connections, self._tables)
        first_of = look_again(self._connections, self._tables, KEPT_SECS)
        names = self._connections.change(partial(_free, first_of=first_of))
        if not names:
            return False
        self._tables.delete(names)
        self._connections.change(
            lambda connection: connection.execute(
                "DELETE FROM chunk WHERE stored = ANY(%s) AND state = %s",
                ([name.chunk for name in names], GONE),
            )
        )
        return True


def _free(connection: Connection, first_of: Mapping[int, int]) -> list[ChunkId]:
    """Chunks to remove from ClickHouse. What has no rows there is removed at once.

    Only of the runs in `first_of`, from the chunk there on, may the sources of others be removed.
    """
    connection.execute(
        "UPDATE chunk SET state = %s, since = clock_timestamp()"
        " WHERE state = %s AND since < clock_timestamp() - %s * interval '1 s'",
        (GONE, WRITING, INTENT_SECS),
    )
    removable = "unnest(%s::bigint[], %s::bigint[]) AS q (run, first)"
    looked_at = [*first_of], [*first_of.values()]
    removed = connection.execute(
        f"DELETE FROM fresh USING {removable}"
        " WHERE fresh.run = q.run AND fresh.chunk >= q.first AND NOT EXISTS (SELECT FROM chunk c"
        " WHERE c.stored = fresh.chunk AND c.since >= clock_timestamp() - %s * interval '1 s')"
        f" AND {_is_copied('fresh')} RETURNING fresh.run, mirrored".encode(),
        (*looked_at, KEPT_SECS, LISTED),
    )
    # A mirror that is so late has to read these runs whole.
    late = {run for run, mirrored in removed.fetchall() if mirrored is False}
    mark_stale(connection, list(late))
    # Rows of a chunk that a copy of its run still has stay in ClickHouse.
    old = "state = %s AND since < clock_timestamp() - %s * interval '1 s'"
    used = (
        "EXISTS (SELECT FROM chunk c WHERE c.stored = chunk.stored"
        " AND (c.state <> %s OR c.since >= clock_timestamp() - %s * interval '1 s'))"
    )
    values = (GONE, KEPT_SECS, GONE, KEPT_SECS)
    connection.execute(f"DELETE FROM chunk WHERE {old} AND {used}".encode(), values)
    rows = connection.execute(
        f"SELECT DISTINCT shard, stored_run, stored FROM chunk WHERE {old} AND NOT {used}"
        " AND NOT EXISTS (SELECT FROM chunk c WHERE c.stored = chunk.stored"
        f" AND NOT ({_is_copied('c')} AND EXISTS (SELECT FROM {removable}"
        " WHERE q.run = c.run AND q.first <= c.stored))) LIMIT %s".encode(),
        (*values, LISTED, *looked_at, REMOVED_AT_ONCE),
    )
    return [ChunkId(*row) for row in rows]


def _is_copied(table: str) -> str:
    """The condition that all chunks of a row's run have their copies."""
    return (
        f"NOT EXISTS (SELECT FROM chunk n WHERE n.run = {table}.run AND n.state = %s"
        " AND NOT n.copied)"
    )
