"""The nodes of ClickHouse: shards, and the replicas of each. Does I/O.

The macros `shard` and `replica` of each node name them. A node without macros is alone. Reads ask
the replicas of a shard in turn; an insert goes to one of them, and ClickHouse copies it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any, Final

from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse.clients import CONNECT_SECS, Clients, Rows, split_url

OLDEST: Final = (18, 16)
"""The oldest version of ClickHouse whose dialect is tested."""

REST_SECS: Final = 5.0
"""The shortest time for which a node that failed is asked last."""

_SILENT_RESTS: Final = 12
"""So much longer rests a node that was silent: it costs each reader who asks it 20 s."""

_REFUSALS: Final = frozenset({164, 192, 193, 194, 195, 291, 497, 516})
"""ClickHouse's codes for missing rights, unknown users and wrong passwords."""


@dataclass(slots=True)
class Node:
    """One server of ClickHouse.

    `replica` is None of a node without macros, `version` of one that has not answered yet.
    """

    address: str
    clients: Clients
    shard: str = ""
    replica: str | None = None
    version: tuple[int, ...] | None = None
    rests_until_secs: float = field(default=float("-inf"))

    def read(self, query: str) -> Rows:
        """The rows of a query's answer."""
        with self._resting_after_failure():
            return self.clients.read(query)

    def change(self, statement: str) -> None:
        """Do a statement without an answer, which may take long."""
        with self._resting_after_failure():
            self.clients.change(statement)

    def insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Insert rows, given column by column, as one block."""
        with self._resting_after_failure():
            self.clients.insert(table, columns, values)

    @contextmanager
    def _resting_after_failure(self) -> Generator[None]:
        begin = time.monotonic()
        try:
            yield
        except Unavailable:
            self.rest(time.monotonic() - begin)
            raise

    def rest(self, waited_secs: float = 0.0) -> None:
        """Ask the others of its shard first for a while, longer if its failure took long."""
        n_rests = _SILENT_RESTS if waited_secs >= CONNECT_SECS else 1
        self.rests_until_secs = time.monotonic() + n_rests * REST_SECS

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self.rests_until_secs

    def identify(self) -> str:
        """Read macros and return the version; ConfigError if weft can't use this node."""
        try:
            ((version,),) = self.clients.read_of_server("SELECT version()")
            macros = dict(
                self.clients.read_of_server("SELECT macro, substitution FROM system.macros")
            )
        except Unavailable as error:
            raise self.refusal(error) from error
        text = version.decode()
        self.version = tuple(int(part) for part in text.split(".")[:2])
        if self.version < OLDEST:
            raise ConfigError(
                f"ClickHouse at {self.address} is version {text}, and weft needs "
                f"{OLDEST[0]}.{OLDEST[1]} or later: upgrade it"
            )
        if b"shard" in macros and b"replica" in macros:
            self.shard, self.replica = macros[b"shard"].decode(), macros[b"replica"].decode()
        return text

    def refusal(self, error: Unavailable) -> Unavailable | ConfigError:
        """The error of the start where a node refuses a user or a statement."""
        if getattr(error.__cause__, "code", 0) not in _REFUSALS:
            return error
        return ConfigError(
            f"ClickHouse at {self.address} refuses weft's user: {error}; grant it SELECT, INSERT, "
            f"ALTER DELETE, CREATE TABLE and CREATE DATABASE on {self.clients.database}.*"
        )


class Shard:
    """The replicas that have the same rows. Thread-safe."""

    def __init__(self, name: str, nodes: Collection[Node]) -> None:
        self.name = name
        self.nodes = list(nodes)
        self._turn = count()

    def in_turn(self) -> list[Node]:
        """The replicas, another one first each time, and last those that failed lately."""
        first = next(self._turn) % len(self.nodes)
        nodes = self.nodes[first:] + self.nodes[:first]
        return sorted(nodes, key=lambda node: node.is_resting)

    @property
    def is_resting(self) -> bool:
        """Whether all replicas failed lately."""
        return all(node.is_resting for node in self.nodes)

    @property
    def title(self) -> str:
        """A name for messages."""
        addresses = ", ".join(node.address for node in self.nodes)
        return f"shard {self.name} ({addresses})" if self.name else addresses


class Cluster:
    """The shards behind an address `clickhouse://HOST,…/DATABASE`."""

    def __init__(self, url: str, shards_of: Mapping[str, str]) -> None:
        """Identify the nodes.

        `shards_of` are the shards of addresses, which the metadata database has of earlier starts:
        a node that is not reachable now must be one of them, else Unavailable.
        """
        self.nodes = [Node(address, Clients(node_url)) for address, node_url in split_url(url)]
        self.reachable: list[Node] = []
        try:
            for node in self.nodes:
                self._identify(node, shards_of)
            self._check_macros()
        except BaseException:
            self.close()
            raise
        names = sorted({node.shard for node in self.nodes})
        self.shards = {
            name: Shard(name, [node for node in self.nodes if node.shard == name])
            for name in names
        }

    def _identify(self, node: Node, shards_of: Mapping[str, str]) -> None:
        try:
            node.identify()
            self.reachable.append(node)
        except Unavailable:
            if node.address not in shards_of:
                raise
            node.shard = shards_of[node.address]
            node.rest()

    def _check_macros(self) -> None:
        names: set[tuple[str, str | None]] = set()
        for node in self.reachable:
            if len(self.nodes) > 1 and node.replica is None:
                raise ConfigError(
                    f"ClickHouse at {node.address} has no macros shard and replica, by which weft "
                    "tells apart the nodes of --metrics-url: set them in its config.d"
                )
            if (node.shard, node.replica) in names:
                raise ConfigError(
                    f"ClickHouse at {node.address} has the macros of another node, shard "
                    f"{node.shard} and replica {node.replica}: give each its own, or name each "
                    "node once in --metrics-url"
                )
            names.add((node.shard, node.replica))

    def shard_of(self, run: int) -> str:
        """The shard of a new run's chunks; where it is stays noted with each chunk."""
        return max(self.shards, key=lambda name: sha256(f"{run} {name}".encode()).digest())

    def shard(self, name: str) -> Shard:
        """A shard that has chunks."""
        if name not in self.shards:
            raise Unavailable(f"metrics: ClickHouse's shard {name} is not in metrics_url")
        return self.shards[name]

    def reachable_of(self, shard: Shard) -> Iterator[Node]:
        """The replicas of a shard that answered at the start."""
        return (node for node in self.reachable if node.shard == shard.name)

    def close(self) -> None:
        """Close the connections."""
        for node in self.nodes:
            node.clients.close()
