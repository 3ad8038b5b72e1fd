"""Where the chunks of a metadata database are, as it and ClickHouse itself note. Does I/O.

The metadata database has a random number, which each shard has in its table `owner`. So a server
with the address of another ClickHouse is refused, as is one whose ClickHouse has lost its tables;
servers without an address take the one of the others.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from psycopg.types.json import Jsonb

from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse.chunk_tables import ChunkTables, create_tables
from weft.server.storage.clickhouse.clients import split_url
from weft.server.storage.clickhouse.cluster import Cluster, Node, Shard
from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.clickhouse.schema import LOCKS


class _Location(NamedTuple):
    """The note of earlier starts; `shards` are those of nodes, by address."""

    owner: str
    url: str
    shards: dict[str, str]


def open_tables(connections: Connections, url: str | None) -> ChunkTables | None:
    """The chunks of a metadata database, whose tables are created unless they are there.

    Without a URL, they are where the other servers have them; None if they have none. ConfigError
    if `url` names another ClickHouse.
    """
    with connections.use() as connection, connection.transaction():
        # ClickHouse may take long meanwhile.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
        # Servers that start at once would each note a number of their own.
        connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCKS,))
        row = connection.execute("SELECT cluster, url, nodes FROM cluster").fetchone()
        location = None if row is None else _Location(*row)
        if url is None and location is not None:
            url = location.url
        if url is None:
            return None
        cluster = Cluster(url, location.shards if location else {})
        try:
            _check_shards(cluster, location)
            owner = secrets.token_hex(16) if location is None else location.owner
            for node in cluster.reachable:
                try:
                    create_tables(node)
                except Unavailable as error:
                    raise node.refusal(error) from error
            for shard in cluster.shards.values():
                _claim(cluster, shard, owner, location)
            shards = {node.address: node.shard for node in cluster.nodes}
            if location is None:
                connection.execute(
                    "INSERT INTO cluster VALUES (%s, %s, %s)", (owner, url, Jsonb(shards))
                )
            else:
                connection.execute("UPDATE cluster SET url = %s, nodes = %s", (url, Jsonb(shards)))
        except BaseException:
            cluster.close()
            raise
        return ChunkTables(cluster)


def _check_shards(cluster: Cluster, location: _Location | None) -> None:
    missing = set(location.shards.values()) - cluster.shards.keys() if location else set[str]()
    if location and missing:
        raise ConfigError(
            f"points of this metadata database are also in other shards of ClickHouse "
            f"({', '.join(sorted(missing))}): start all of its servers with the same nodes as the "
            f"last one, --metrics-url {_without_user(location.url)}",
            field="metrics_url",
        )


def _claim(cluster: Cluster, shard: Shard, owner: str, location: _Location | None) -> None:
    """Note the owner of a new shard, or check who owns an existing one."""
    nodes = list(cluster.reachable_of(shard))
    owners = {row[0].decode() for node in nodes for row in node.read("SELECT cluster FROM owner")}
    if owners - {owner}:
        others = "" if location is None else f", which are at {_without_user(location.url)}"
        raise ConfigError(
            f"ClickHouse at {shard.title} has points of another metadata database, not those of "
            f"this one{others}: name that ClickHouse in --metrics-url, or a database of its own",
            field="metrics_url",
        )
    if owners or not nodes:
        return
    if location and shard.name in location.shards.values():
        raise ConfigError(
            f"ClickHouse at {shard.title} lacks the points of this metadata database, which are "
            f"at {_without_user(location.url)}: start all of its servers with that --metrics-url, "
            "or restore ClickHouse from its backup",
            field="metrics_url",
        )
    _take(nodes[0], owner)


def _take(node: Node, owner: str) -> None:
    try:
        # What a mover does later, so that a missing right shows now.
        node.change("ALTER TABLE owner DELETE WHERE cluster = ''")
        node.insert("owner", ["cluster"], [[owner.encode()]])
    except Unavailable as error:
        raise node.refusal(error) from error


def _without_user(url: str) -> str:
    """An address for messages, without its password."""
    nodes = ",".join(address for address, _ in split_url(url))
    return f"clickhouse://{nodes}/{url.partition('://')[2].partition('/')[2].partition('?')[0]}"
