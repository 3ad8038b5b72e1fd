"""Names of metrics and their numbers, which all projects of a server share. Does I/O."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.metrics.view import KeyOrder, order_keys


class Keys:
    """A copy in memory of the table of metrics, whose rows never change. Thread-safe."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._order = order_keys({})

    def find(self, name: str) -> int | None:
        """The number of a metric, as far as this server has seen it."""
        return self._numbers.get(name)

    def name(self, key: int, connection: Connection) -> str:
        """The name of a metric whose number a row of the database has."""
        if key not in self._names:
            self.refresh(connection)
        return self._names[key]

    def refresh(self, connection: Connection) -> None:
        """Read the metrics that others have added; all that the connection's snapshot has."""
        # Numbers ascend in the order of commits.
        highest = len(self._numbers)
        rows = connection.execute("SELECT name, key FROM key WHERE key > %s", (highest,))
        self._put(_decode(rows.fetchall()))

    def order(self) -> KeyOrder:
        """The metrics that this server has seen, by name."""
        with self._lock:
            if len(self._order.names) != len(self._numbers):
                self._order = order_keys(self._numbers)
            return self._order

    def numbers(self, names: Iterable[str]) -> dict[str, int]:
        """The numbers of metrics; missing ones are added, durably."""
        names = list(dict.fromkeys(names))
        if not all(name in self._numbers for name in names):
            # A transaction of its own: uploads that add metrics wait for each other only here.
            self._put(self._connections.change(lambda connection: self._add(connection, names)))
        return {name: self._numbers[name] for name in names}

    def _add(self, connection: Connection, names: list[str]) -> list[tuple[str, int]]:
        ((first,),) = connection.execute("SELECT next_key FROM key_counter FOR UPDATE").fetchall()
        rows = _decode(
            connection.execute(
                "SELECT name, key FROM key WHERE key > %s", (len(self._numbers),)
            ).fetchall()
        )
        present = {name for name, _ in rows}
        new = [name for name in names if name not in self._numbers and name not in present]
        added = list(zip(new, range(first, first + len(new)), strict=True))
        if added:
            connection.execute(
                "INSERT INTO key (name, key) SELECT * FROM unnest(%b::bytea[], %s::integer[])",
                ([encode_name(name) for name in new], [key for _, key in added]),
            )
            connection.execute("UPDATE key_counter SET next_key = %s", (first + len(new),))
        return [*rows, *added]

    def _put(self, rows: Iterable[tuple[str, int]]) -> None:
        with self._lock:
            for name, key in rows:
                self._names[key] = name
                self._numbers[name] = key


def encode_name(name: str) -> bytes:
    """A name of a metric as PostgreSQL takes any: text has no NUL and no lone surrogates."""
    return name.encode("utf-8", "surrogatepass")


def decode_name(name: bytes) -> str:
    """A name that `encode_name` encoded."""
    return name.decode("utf-8", "surrogatepass")


def _decode(rows: Iterable[tuple[bytes, int]]) -> list[tuple[str, int]]:
    return [(decode_name(name), key) for name, key in rows]
