"""Numbers that no chunk of ClickHouse has had, also after PostgreSQL was restored. Does I/O.

PostgreSQL hands out the numbers of chunks in order. A restored one begins again where its backup
was made, and ClickHouse may still have rows of later chunks. So before a number is used, the table
`chunk_limit` of its shard notes that all numbers up to a larger one may be in use, and a server
passes over them before its first move to that shard.
"""

from __future__ import annotations

from typing import Final

from weft.errors import Unavailable
from weft.server.storage.clickhouse.cluster import Shard
from weft.server.storage.clickhouse.connections import Connection, Connections

TABLE: Final = "chunk_limit"
RESERVED_AT_ONCE: Final = 4096


class ChunkNumbers:
    """The limits of the shards that this server has moved chunks to."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}

    def pass_over_used(self, connections: Connections, shard: Shard) -> None:
        """Have PostgreSQL go on after the numbers that may be in use in a shard.

        Only the first time: other servers note what they use meanwhile, and their numbers are
        PostgreSQL's.
        """
        if shard.name in self._limits:
            return
        limit = _read_limit(shard)
        connections.change(lambda connection: _pass_over(connection, limit))
        self._limits[shard.name] = limit

    def reserve(self, shard: Shard, number: int) -> None:
        """Note in a shard that numbers up to this one may be in use, and some more."""
        if number <= self._limits[shard.name]:
            return
        limit = number + RESERVED_AT_ONCE
        shard.in_turn()[0].insert(TABLE, ["chunk"], [[limit]])
        self._limits[shard.name] = limit


def _read_limit(shard: Shard) -> int:
    """The largest limit that a replica has noted. Unavailable if none of them answers."""
    limits: list[int] = []
    errors: list[Unavailable] = []
    for node in shard.nodes:
        try:
            ((limit,),) = node.read(f"SELECT max(chunk) FROM {TABLE}")
            limits.append(limit)
        except Unavailable as error:
            errors.append(error)
    if not limits:
        raise errors[0]
    return max(limits)


def _pass_over(connection: Connection, limit: int) -> None:
    # By `nextval`, as `setval` could take back what another server was given meanwhile.
    connection.execute(
        "SELECT max(nextval('chunk_number')) FROM generate_series("
        "1, %s - (SELECT last_value FROM chunk_number))",
        (limit,),
    )
