"""The distributed engine: many servers over PostgreSQL and ClickHouse. Does I/O."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from weft.errors import ConfigError, Damaged
from weft.server.storage.clickhouse.backlog import read_backlog
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.cluster_location import open_tables
from weft.server.storage.clickhouse.comparison import find_lost
from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.clickhouse.frozen import FrozenShared
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.points_mirror.bookkeeping import turn
from weft.server.storage.clickhouse.points_mirror.copier import PointsMirror
from weft.server.storage.clickhouse.presence import Presence
from weft.server.storage.clickhouse.reader import DELETED
from weft.server.storage.clickhouse.schema import check_durability, create_tables
from weft.server.storage.clickhouse.store import SharedMetricStore
from weft.server.storage.contract import (
    Advance,
    Backlog,
    Fault,
    FrozenStore,
    MetricStore,
    MoveTimes,
    Unowned,
)

_log = logging.getLogger(__name__)


class SharedEngine:
    """See `MetricEngine`: stores that many servers share.

    `clickhouse_url` is the address of the database for chunks. Without it, chunks are where other
    servers have them; if they have none, all rows stay fresh. With `mirrors_points` each point is
    also a row of ClickHouse, see `points_mirror`; None leaves that as the last server had it.
    """

    def __init__(
        self,
        metadata_url: str,
        clickhouse_url: str | None = None,
        *,
        mirrors_points: bool | None = None,
    ) -> None:
        self._connections = Connections(metadata_url)
        self._tables: ChunkTables | None = None
        self._mirror: PointsMirror | None = None
        self._move_times = MoveTimes()
        try:
            with self._connections.use() as connection:
                check_durability(connection)
                create_tables(connection)
            self._tables = open_tables(self._connections, clickhouse_url)
            self._keys = Keys(self._connections)
            if mirrors_points is not None:
                self._turn_mirror(is_on=mirrors_points)
        except BaseException:
            self.close()
            raise

    def _turn_mirror(self, *, is_on: bool) -> None:
        if self._tables is None:
            if is_on:
                raise ConfigError(
                    "points_mirror needs the points in ClickHouse: start the server with "
                    "--metrics-url clickhouse://…, too",
                    field="points_mirror",
                )
            return
        if is_on:
            self._mirror = PointsMirror(self._connections, self._keys, self._tables)
            self._mirror.create()
        if turn(self._connections, is_on=is_on):
            _log.info("the mirror of points in ClickHouse is %s now", "on" if is_on else "off")

    def names(self) -> list[str]:
        """See `MetricEngine.names`."""
        with self._connections.use() as connection:
            rows = connection.execute("SELECT name FROM store ORDER BY name").fetchall()
        return [name for (name,) in rows]

    def open(self, name: str) -> MetricStore:
        """See `MetricEngine.open`."""
        with self._connections.use() as connection:
            query = "SELECT store FROM store WHERE name = %s"
            row = connection.execute(query, (name,)).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO store (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,)
                )
                row = connection.execute(query, (name,)).fetchone()
        assert row is not None, "stores are removed only once they are closed"
        return SharedMetricStore(
            self._connections, self._keys, self._tables, row[0], self._move_times
        )

    def freeze(self, name: str) -> FrozenStore:
        """See `MetricEngine.freeze`."""
        return FrozenShared(self._connections, self._keys, self._tables, name)

    def verify(self, name: str, advance: Advance) -> Iterator[Fault]:
        """See `MetricEngine.verify`."""
        try:
            frozen = FrozenShared(self._connections, self._keys, self._tables, name)
        except FileNotFoundError:
            return
        try:
            lost = (
                [] if self._tables is None else [*find_lost(self._connections, self._tables, name)]
            )
            yield from lost
            unreadable = {fault.run for fault in lost}
            for run in frozen.runs().values():
                if run.name in unreadable:
                    continue
                try:
                    for _ in frozen.rows(run):
                        pass
                    for _ in frozen.console(run):
                        pass
                except Damaged as error:
                    yield Fault(str(error), run=run.name)
            advance(frozen.n_bytes())
        finally:
            frozen.close()

    def unowned(self, name: str) -> Unowned:
        """See `MetricEngine.unowned`: rows of deleted runs, which upkeep removes anyway."""
        with self._connections.use() as connection:
            ((n, n_bytes),) = connection.execute(
                "SELECT count(*), coalesce(sum(n_bytes), 0)::bigint FROM fresh"
                " JOIN run USING (run) JOIN store USING (store)"
                " WHERE store.name = %s AND gone = %s",
                (name, DELETED),
            ).fetchall()
        return Unowned(n, n_bytes)

    def reclaim(self, name: str) -> None:
        """See `MetricEngine.reclaim`."""
        self.open(name).compact(until_idle=True)

    def backlog(self) -> Backlog:
        """See `MetricEngine.backlog`."""
        return Backlog() if self._tables is None else read_backlog(self._connections)

    def move_times(self) -> MoveTimes:
        """See `MetricEngine.move_times`."""
        return self._move_times

    @property
    def has_mirror(self) -> bool:
        """See `MetricEngine.has_mirror`."""
        return self._mirror is not None

    def mirror_points(self, paths: Mapping[int, str]) -> bool:
        """See `MetricEngine.mirror_points`."""
        assert self._mirror is not None
        return self._mirror.copy_some(paths)

    def n_bytes(self, name: str) -> int:
        """See `MetricEngine.n_bytes`."""
        with self._connections.use() as connection:
            ((n_bytes,),) = connection.execute(
                "SELECT coalesce(sum(n_bytes), 0)::bigint FROM stored_bytes JOIN run USING (run)"
                " JOIN store USING (store) WHERE store.name = %s",
                (name,),
            ).fetchall()
        return n_bytes

    def remove(self, name: str) -> None:
        """See `MetricEngine.remove`."""
        with self._connections.use() as connection:
            query = "SELECT store FROM store WHERE name = %s"
            row = connection.execute(query, (name,)).fetchone()
        if row is not None:
            Presence(self._connections, self._keys, row[0]).remove()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
        if self._tables is not None:
            self._tables.close()
