"""Connections to PostgreSQL for the engine's own statements, and its transactions. Does I/O."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from weft.errors import Unavailable
from weft.server.storage.postgres import LIMITS, connect

MOST_CONNECTIONS: Final = 32
KEPT_CONNECTIONS: Final = 8
WAIT_SECS: Final = 10.0

_BEGIN_SNAPSHOT: Final = (
    b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    b" SET LOCAL idle_in_transaction_session_timeout = 0"
)
"""In one round trip. Its reader may wait for ClickHouse or a browser meanwhile."""

_TRIES: Final = 5
_IN_THE_WAY: Final = (DeadlockDetected, SerializationFailure, UniqueViolation)

_T = TypeVar("_T")

Connection = psycopg.Connection[Any]


class Connections:
    """A pool of connections to one database. Thread-safe.

    Connections that failed are not used again. Each error of the database that has another cause
    than a statement becomes `Unavailable`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._free = threading.Semaphore(MOST_CONNECTIONS)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []

    @contextmanager
    def use(self) -> Generator[Connection]:
        """A connection outside of a transaction; the caller leaves it so."""
        if not self._free.acquire(timeout=WAIT_SECS):
            raise Unavailable("metrics: all connections to PostgreSQL are in use")
        connection: Connection | None = None
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                connection = _connect(self._url)
            yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unavailable(f"metrics: PostgreSQL is not available: {_line(error)}") from error
        finally:
            if connection is not None:
                self._give_back(connection)
            self._free.release()

    def _give_back(self, connection: Connection) -> None:
        with suppress(psycopg.Error):
            connection.rollback()
        useless = [connection]
        with self._lock:
            if connection.closed:
                # After a restart of PostgreSQL the others have ended, too.
                useless, self._idle = self._idle, []
            elif len(self._idle) < KEPT_CONNECTIONS:
                self._idle.append(connection)
                return
        for ended in useless:
            ended.close()

    @contextmanager
    def snapshot(self) -> Generator[Connection]:
        """A transaction that only reads and sees one unchanging state, for as long as it takes."""
        with self.use() as connection:
            connection.execute(_BEGIN_SNAPSHOT)
            yield connection

    def change(self, work: Callable[[Connection], _T], *, pipelined: bool = False) -> _T:
        """Do work in a transaction, and again if others' transactions were in its way.

        Pipelined statements wait only where the work reads rows, so it learns of errors late, and
        must not read `rowcount`.
        """
        for nth in range(_TRIES):
            try:
                with (
                    self.use() as connection,
                    connection.pipeline() if pipelined else nullcontext(),
                    connection.transaction(),
                ):
                    return work(connection)
            except (Unavailable, UniqueViolation) as error:
                cause = error.__cause__ or error
                if not isinstance(cause, _IN_THE_WAY) or nth + 1 == _TRIES:
                    raise
                time.sleep(0.01 * 2**nth)
        raise AssertionError("the last try returned or raised")

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _connect(url: str) -> Connection:
    address = conninfo_to_dict(url)
    options = f"{LIMITS['options']} -c search_path=weft_metrics"
    connection = connect(**{**address, "options": options}, autocommit=True)
    connection.prepare_threshold = None  # a pooler between us may not keep prepared statements
    return connection


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
