"""The state of a cluster that servers use, or are about to use. Does I/O, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse.clients import Clients, split_url
from weft.server.storage.clickhouse.cluster import Node
from weft.server.storage.clickhouse.connections import Connections

BEHIND_SECS: Final = 300
"""A replica that is so far behind the others needs a look."""


class NodeState(NamedTuple):
    """The state of a node in words; `remedy` is empty if the node can be used."""

    text: str
    remedy: str = ""


def look_at_cluster(metadata_url: str, url: str | None) -> Iterator[NodeState]:
    """Look at the nodes of `url`; if None, at those that the metadata database has of earlier
    starts. Unavailable if that database does not answer.
    """
    noted_url, noted_nodes = _noted_nodes(metadata_url)
    used_url = url or noted_url
    nodes = {} if used_url is None else dict(split_url(used_url))
    if noted_nodes and noted_nodes != nodes.keys():
        yield NodeState(
            "metrics_url names other nodes of ClickHouse than the server that started last, which "
            f"has {', '.join(sorted(noted_nodes))}",
            "start all servers with the same nodes",
        )
    for address, node_url in nodes.items():
        node = Node(address, Clients(node_url))
        try:
            yield _look_at_node(node)
        except ConfigError as error:
            yield NodeState(str(error), "correct what this line names")
        except Unavailable as error:
            yield NodeState(
                str(error),
                "start it, or check the address; meanwhile other replicas answer, or points wait "
                "in PostgreSQL",
            )
        finally:
            node.clients.close()


def _noted_nodes(metadata_url: str) -> tuple[str | None, set[str]]:
    connections = Connections(metadata_url)
    try:
        with connections.use() as connection:
            if connection.execute("SELECT to_regclass('cluster')").fetchone() == (None,):
                return None, set()
            row = connection.execute("SELECT url, nodes FROM cluster").fetchone()
    finally:
        connections.close()
    return (None, set()) if row is None else (row[0], set(row[1]))


def _look_at_node(node: Node) -> NodeState:
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
    return NodeState(answer)
