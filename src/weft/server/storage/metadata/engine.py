"""Opens SQLite or PostgreSQL the way weft needs them, and begins transactions. Does I/O."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeoutError

from weft.errors import ConfigError, Unavailable
from weft.server.storage.metadata.changes import ChangeLog, Part

# Requests run on up to 40 threads of the server, background jobs on a few more.
_MAX_CONNECTIONS = 64
_KEPT_CONNECTIONS = 8

_WRITER_CACHE_KIB: Final = 32 * 1024
"""Of the one connection that writes to SQLite: with the usual 2 MiB the pages of a run of 100,000
keys are written to the log over and over within one transaction. Readers keep 2 MiB each."""

MAX_PARAMETERS: Final = 10_000
"""Values in one IN list. SQLite takes 32,766 parameters, PostgreSQL 65,535."""


class Transaction:
    """An open transaction; the stores of each subject take one first.

    Attributes:
        connection: what SQL runs on.
        touched: parts of runs that may have changed, as (part, run's row id): whoever writes to
            one adds it, and what is kept of runs in memory is told after the commit.
    """

    __slots__ = ("_after_commit", "_side_engine", "connection", "touched")

    def __init__(self, connection: Connection, side_engine: Engine | None = None) -> None:
        self.connection = connection
        self._side_engine = side_engine
        self._after_commit: list[Callable[[], None]] = []
        self.touched: set[tuple[Part, int]] = set()

    @contextmanager
    def aside(self) -> Generator[Connection, None, None]:
        """A connection for shared rows that may stay whatever becomes of this transaction.

        In PostgreSQL a transaction of its own, so that no two of us ever wait for each other's
        shared rows while holding a run. SQLite has one writer at a time: this transaction.
        """
        if self._side_engine is None:
            yield self.connection
        else:
            with self._side_engine.begin() as connection:
                yield connection

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` run once the transaction is durable; not at all if it is rolled back."""
        self._after_commit.append(call)

    def run_after_commit(self) -> None:
        """Run what was asked for with `after_commit`."""
        for call in self._after_commit:
            call()


class Database:
    """An engine with two ways in: `read` and `write`. Thread-safe.

    Attributes:
        changes: which runs changed since it was opened.
    """

    def __init__(self, url: str) -> None:
        self.changes = ChangeLog()
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise ConfigError(
                "the metadata database must be an address such as sqlite:///metadata.db or"
                " postgresql://user@host/weft"
            ) from error
        backend = parsed.get_backend_name()
        if backend == "postgresql":
            self._engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_size=_KEPT_CONNECTIONS,
                max_overflow=_MAX_CONNECTIONS - _KEPT_CONNECTIONS,
                pool_pre_ping=True,
            )
            self._writing = self._engine.execution_options(weft_write=True)
            self._write_lock = None
        elif backend == "sqlite":
            self._engine = create_engine(
                parsed,
                pool_size=_KEPT_CONNECTIONS,
                max_overflow=_MAX_CONNECTIONS - _KEPT_CONNECTIONS,
            )
            # SQLite lets waiting writers sleep and poll; a lock of our own wakes them at once.
            self._write_lock = threading.Lock()
            _set_up_sqlite(self._engine)
            writer = create_engine(parsed, pool_size=1, max_overflow=0)
            _set_up_sqlite(writer, cache_kib=_WRITER_CACHE_KIB)
            self._writing = writer.execution_options(weft_write=True)
        else:
            raise ConfigError(f"metadata database must be sqlite or postgresql, not {backend}")

    @contextmanager
    def read(self) -> Generator[Transaction, None, None]:
        """A transaction that only reads.

        Raises:
            Unavailable: the database can't be reached, or takes nothing now.
        """
        with _connect(self._engine) as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def snapshot(self) -> Generator[Transaction, None, None]:
        """A transaction that only reads, and sees one state until its end.

        Raises:
            Unavailable: the database can't be reached, or takes nothing now.
        """
        engine = self._engine
        if self._write_lock is None:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with _connect(engine) as connection, connection.begin():
            # Neither engine takes its snapshot before the first read.
            connection.exec_driver_sql("SELECT 1 FROM setting LIMIT 1").all()
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Generator[Transaction, None, None]:
        """A transaction that may write; durable when the block is left without an exception.

        Raises:
            Unavailable: the database can't be reached, or takes nothing now; nothing was changed.
        """
        side_engine = None if self._write_lock is not None else self._engine
        announced: set[tuple[Part, int]] = set()
        try:
            with (
                self._write_lock or nullcontext(),
                _connect(self._writing) as connection,
                connection.begin(),
            ):
                transaction = Transaction(connection, side_engine)
                yield transaction
                announced = transaction.touched
                self.changes.announce(announced)
        finally:
            self.changes.settle(announced)
        transaction.run_after_commit()

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()
        self._writing.dispose()


@contextmanager
def _connect(engine: Engine) -> Generator[Connection, None, None]:
    try:
        with engine.connect() as connection:
            yield connection
    except (OperationalError, SQLAlchemyTimeoutError) as error:
        # Disk full, server gone, a lock held for too long, two that waited for each other.
        cause = getattr(error, "orig", None) or error
        raise Unavailable(f"metadata database is not available: {cause}") from error


def _set_up_sqlite(engine: Engine, *, cache_kib: int | None = None) -> None:
    # The driver begins transactions late and never as IMMEDIATE: a transaction that reads before
    # it writes would fail at the write whenever another one wrote in between.
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "busy_timeout = 10000",
            *([] if cache_kib is None else [f"cache_size = -{cache_kib}"]),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writes = connection.get_execution_options().get("weft_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert(transaction: Transaction, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what to do on conflict, in the dialect of the database."""
    if transaction.connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
