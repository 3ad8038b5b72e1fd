"""Connections to ClickHouse by its native protocol. Does I/O."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from weft.errors import ConfigError, Unavailable

CONNECT_SECS: Final = 8
SILENCE_SECS: Final = 15
"""Of a query: ClickHouse sends its progress several times a second."""

CHANGE_SECS: Final = 60
"""The longest time of a change, of which ClickHouse says nothing until it is done. It may wait for
ZooKeeper."""

KEPT_CLIENTS: Final = 8

_OPTIONS: Final = (
    # Blobs are bytes. What is inserted by one call stays one block, which appears as a whole.
    f"strings_as_bytes=1&insert_block_size={1 << 24}"
    f"&connect_timeout={CONNECT_SECS}&send_receive_timeout={SILENCE_SECS}"
)

_PORTS: Final = {"clickhouse": 9000, "clickhouses": 9440}
"""Default ports of the native protocol, by scheme; the second one is over TLS."""

_DATABASE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Rows = list[tuple[Any, ...]]


def split_url(url: str) -> list[tuple[str, str]]:
    """The nodes of an address with several hosts: `HOST:PORT` and URL of each.

    >>> split_url("clickhouse://weft:secret@a,b:9001/weft")[1]
    ('b:9001', 'clickhouse://weft:secret@b:9001/weft')
    """
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    database = parts.path.strip("/")
    addresses = [host if ":" in host else f"{host}:{_PORTS.get(parts.scheme)}" for host in
                 hosts.split(",") if host]  # fmt: skip
    if parts.scheme not in _PORTS or not addresses or not _DATABASE.fullmatch(database):
        raise ConfigError(
            "invalid metrics_url: it must be clickhouse://HOST,…/DATABASE", field="metrics_url"
        )
    return [
        (address, urlunsplit(parts._replace(netloc=f"{user}{at}{address}")))
        for address in dict.fromkeys(addresses)
    ]


def settings_of(version: tuple[int, ...]) -> dict[str, int]:
    """Settings for all queries at a server of a version.

    Servers since 21.11 may join the inserts of several clients, and newer ones do so by default:
    an insert would no longer be one block.

    >>> settings_of((26, 9, 1)), settings_of((18, 16, 1))
    ({'async_insert': 0}, {})
    """
    return {"async_insert": 0} if version >= (21, 11) else {}


class Clients:
    """A pool of connections to one database of one node. Thread-safe.

    Each error becomes `Unavailable`, and its connection is not used again: of an insert that
    fails so, it is unknown whether its rows are there.
    """

    def __init__(self, url: str) -> None:
        # Of the extra weft[clickhouse], which servers without ClickHouse don't need.
        try:
            import clickhouse_driver
            from clickhouse_driver.errors import Error
        except ImportError as error:
            raise ConfigError(
                "points in ClickHouse need its driver: pip install 'weft[clickhouse]'"
            ) from error
        # Each failed connection would be logged with its traceback; errors are raised anyway.
        logging.getLogger("clickhouse_driver").setLevel(logging.ERROR)
        driver: Any = clickhouse_driver
        self._open = driver.Client.from_url
        self._errors = (Error, OSError, EOFError)
        parts = urlsplit(url)
        query = f"{parts.query}&{_OPTIONS}" if parts.query else _OPTIONS
        self.database = parts.path.strip("/")
        self._address = parts.netloc.rpartition("@")[2]
        self._url = urlunsplit(parts._replace(query=query))
        self._server_url = urlunsplit(parts._replace(query=query, path=""))
        self._lock = threading.Lock()
        self._idle: list[Any] = []

    @contextmanager
    def _use(self) -> Generator[Any]:
        with self._lock:
            client = self._idle.pop() if self._idle else None
        client = client or self._connect()
        try:
            yield client
        except BaseException:
            client.disconnect()
            raise
        with self._lock:
            if len(self._idle) < KEPT_CLIENTS:
                self._idle.append(client)
                return
        client.disconnect()

    def _connect(self) -> Any:
        client = self._open(self._url)
        client.connection.connect()
        client.settings.update(settings_of(client.connection.server_info.version_tuple()))
        return client

    def read(self, query: str) -> Rows:
        """The rows of a query's answer."""
        with self._available(), self._use() as client:
            return client.execute(query)

    def change(self, statement: str) -> None:
        """Do a statement without an answer, which may take long."""
        with self._available(), self._use() as client, _patient(client):
            client.execute(statement)

    def insert(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Insert rows, given column by column, as one block."""
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES"
        with self._available(), self._use() as client, _patient(client):
            client.execute(statement, values, columnar=True)

    def read_of_server(self, query: str) -> Rows:
        """The rows of a query's answer, where the database may not be there yet."""
        client = self._open(self._server_url)
        with self._available():
            try:
                return client.execute(query)
            finally:
                client.disconnect()

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            client.disconnect()

    @contextmanager
    def _available(self) -> Generator[None]:
        try:
            yield
        except self._errors as error:
            line = " ".join(str(error).split())[:300] or type(error).__name__
            raise Unavailable(
                f"metrics: ClickHouse at {self._address} is not available: {line}"
            ) from error


@contextmanager
def _patient(client: Any) -> Generator[None]:
    """Waits up to `CHANGE_SECS` for answers meanwhile."""
    if not client.connection.connected:
        client.connection.connect()
    with client.connection.timeout_setter(CHANGE_SECS):
        yield
