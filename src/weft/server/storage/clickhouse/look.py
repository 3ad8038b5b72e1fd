"""The state of a cluster that servers use, or are about to use. Does I/O, and changes nothing.

Each node also reads what a chart needs: one that answers may have lost its tables or their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse.chunk_tables import PART_BITS, WHOLE
from weft.server.storage.clickhouse.chunk_view import LISTED
from weft.server.storage.clickhouse.clients import Clients, split_url
from weft.server.storage.clickhouse.cluster import Node
from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.metrics.schema import listed

BEHIND_SECS: Final = 300
"""A replica that is so far behind the others needs a look, and has all chunks that are older."""

_N_CHUNKS: Final = 10

_NEWEST: Final = """
SELECT stored_run, stored FROM chunk WHERE shard = %s AND state = %s AND header IS NOT NULL
AND since <= clock_timestamp() - %s * interval '1 s' ORDER BY chunk DESC LIMIT %s
"""


class NodeState(NamedTuple):
    """The state of a node in words; `remedy` is empty if the node can be used."""

    text: str
    remedy: str = ""


def look_at_cluster(metadata_url: str, url: str | None) -> Iterator[NodeState]:
    """Look at the nodes of `url`; if None, at those that the metadata database has of earlier
    starts. Unavailable if that database does not answer.
    """
    connections = Connections(metadata_url)
    try:
        noted_url, noted_nodes = _noted_nodes(connections)
        used_url = url or noted_url
        nodes = {} if used_url is None else dict(split_url(used_url))
        if noted_nodes and noted_nodes != nodes.keys():
            yield NodeState(
                "metrics_url names other nodes of ClickHouse than the server that started last, "
                f"which has {', '.join(sorted(noted_nodes))}",
                "start all servers with the same nodes",
            )
        for address, node_url in nodes.items():
            node = Node(address, Clients(node_url))
            try:
                yield _look_at_node(node, connections if address in noted_nodes else None)
            except ConfigError as error:
                yield NodeState(str(error), "correct what this line names")
            except Unavailable as error:
                yield NodeState(
                    str(error),
                    "start it, or check the address; meanwhile other replicas answer, or points "
                    "wait in PostgreSQL",
                )
            finally:
                node.clients.close()
    finally:
        connections.close()


def _noted_nodes(connections: Connections) -> tuple[str | None, set[str]]:
    with connections.use() as connection:
        if connection.execute("SELECT to_regclass('cluster')").fetchone() == (None,):
            return None, set()
        row = connection.execute("SELECT url, nodes FROM cluster").fetchone()
    return (None, set()) if row is None else (row[0], set(row[1]))


def _look_at_node(node: Node, connections: Connections | None) -> NodeState:
    version = node.identify()
    name = f"shard {node.shard}, replica {node.replica}" if node.replica else "a single node"
    answer = f"ClickHouse at {node.address} answers: version {version}, {name}"
    replicas = node.clients.read_of_server(
        "SELECT max(is_readonly), max(absolute_delay) FROM system.replicas"
        f" WHERE database = '{node.clients.database}'"
    )
    for is_read_only, behind_secs in replicas:
        if is_read_only:
            return NodeState(
                f"ClickHouse at {node.address} is read-only",
                "start its ZooKeeper or Keeper; meanwhile points wait in PostgreSQL",
            )
        if behind_secs > BEHIND_SECS:
            return NodeState(
                f"ClickHouse at {node.address} is {behind_secs} s behind its replicas",
                "see its log for what it can't copy",
            )
    if connections is None:
        return NodeState(answer)
    with connections.use() as connection:
        values = (node.shard, LISTED, BEHIND_SECS, _N_CHUNKS)
        chunks = connection.execute(_NEWEST, values).fetchall()
    return _read_chunks(node, chunks) or NodeState(answer)


def _read_chunks(node: Node, chunks: Sequence[tuple[int, int]]) -> NodeState | None:
    """The reason why a node can draw no chart of chunks, given by run and number there."""
    runs = listed({run for run, _ in chunks} or {0})
    numbers = listed({chunk for _, chunk in chunks} or {0})
    try:
        ((n_whole, _),) = node.clients.read(
            f"SELECT countIf(key = {WHOLE}), sum(n) FROM col"
            f" WHERE run IN {runs} AND chunk IN {numbers}"
        )
        ((n_stored, _),) = node.clients.read(
            f"SELECT uniqExact(bitShiftRight(part, {PART_BITS}) AS chunk), sum(length(data))"
            f" FROM part WHERE run IN {runs} AND chunk IN {numbers}"
        )
    except Unavailable as error:
        return NodeState(
            f"ClickHouse at {node.address} answers, and no chart can be drawn: {error}",
            "see its log; meanwhile other replicas answer, or charts are unavailable",
        )
    n_lost = len(chunks) - min(n_whole, n_stored)
    if n_lost > 0:
        return NodeState(
            f"ClickHouse at {node.address} lacks rows of {n_lost} of the last {len(chunks)}"
            " chunks",
            "see `weft server check` for what is lost, and restore this node from its replica or"
            " backup",
        )
    return None
