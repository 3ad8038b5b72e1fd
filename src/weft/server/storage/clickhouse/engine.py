"""The distributed engine: many servers over PostgreSQL and ClickHouse. Does I/O."""

from __future__ import annotations

from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.schema import check_durability, create_tables
from weft.server.storage.clickhouse.store import SharedMetricStore
from weft.server.storage.contract import MetricStore


class SharedEngine:
    """Opens stores that many servers share.

    It lacks frozen states, verification and removal of whole stores yet.
    """

    def __init__(self, metadata_url: str) -> None:
        self._connections = Connections(metadata_url)
        try:
            with self._connections.use() as connection:
                check_durability(connection)
                create_tables(connection)
        except BaseException:
            self._connections.close()
            raise
        self._keys = Keys(self._connections)

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
        return SharedMetricStore(self._connections, self._keys, row[0])

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
