"""Opens SQLite or PostgreSQL with the settings weft needs and begins transactions. Does I/O."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, Executable, Table, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeoutError
from sqlalchemy.pool import QueuePool

from weft.errors import ConfigError, Damaged, Unavailable
from weft.server.storage.metadata.database.changes import ChangeLog, Kind, OthersChanges, Part
from weft.server.storage.metadata.database.fence import held_leases, hold
from weft.server.storage.metadata.database.outage import Outage
from weft.server.storage.metadata.database.shared_changes import SharedChanges, add_on_sqlite
from weft.server.storage.metadata.database.sqlite import make_sqlite_file, parse_url, set_up_sqlite
from weft.server.storage.metadata.database.write_gate import WriteGate

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    from weft.server.storage.metadata.database.notices import Notices

# Requests run on up to 40 threads of the server, background jobs on a few more.
_MAX_CONNECTIONS = 64
_KEPT_CONNECTIONS = 8

WAIT_SECS: Final = 10.0
"""The longest wait of a transaction for a free connection."""

_LOOK_AGAIN_SECS: Final = 0.05

_WRITER_CACHE_KIB: Final = 32 * 1024
"""Page cache of the one connection that writes to SQLite. With the usual 2 MiB, one transaction
writes the pages of a run with 100,000 keys to the log repeatedly. Readers have 2 MiB each."""

MAX_PARAMETERS: Final = 10_000
"""The most values in one IN list. SQLite allows 32,766 parameters, PostgreSQL 65,535."""


class Transaction:
    """An open transaction, the first argument of the tables' methods.

    Accessing `connection` first runs the queued statements. `touched` are parts of runs that may
    have changed, as (part, run's row id); code that writes to a part adds it, and in-memory caches
    of runs learn of it after the commit. `things` are others that servers have in memory.
    `path_ids` are those of paths that this transaction was the first to name.
    """

    __slots__ = (
        "_after_commit", "_connection", "_queued", "_take_another",
        "path_ids", "things", "touched",
    )  # fmt: skip

    def __init__(
        self, connection: Connection, take_another: Callable[[], Connection] | None = None
    ) -> None:
        self._connection = connection
        self._take_another = take_another
        self._queued: dict[Executable, list[dict[str, Any]]] = {}
        self._after_commit: list[Callable[[], None]] = []
        self.touched: set[tuple[Part, int]] = set()
        self.things: set[tuple[Kind, int]] = set()
        self.path_ids: dict[str, int] = {}

    @property
    def connection(self) -> Connection:
        self.flush()
        return self._connection

    @property
    def dialect(self) -> str:
        """The database's name: `sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def queue(self, statement: Executable, values: dict[str, Any]) -> None:
        """Queue a statement, with values for all its columns, to run before anything is read.

        A statement that is queued several times runs once, with all values in order: this writes
        many new runs in a third of the time. Different statements may run in another order than
        queued, so no two of them may write the same data.
        """
        self._queued.setdefault(statement, []).append(values)

    def flush(self) -> None:
        """Run the queued statements."""
        if self._queued:
            queued, self._queued = self._queued, {}
            for statement, values in queued.items():
                self._connection.execute(statement, values)

    @contextmanager
    def aside(self) -> Generator[Connection, None, None]:
        """A connection for writing shared rows that may stay even if this transaction fails.

        In PostgreSQL this is a separate transaction, so that two transactions that hold runs never
        wait for each other's shared rows. SQLite has one writer at a time: this transaction.
        """
        if self._take_another is None:
            yield self.connection
        else:
            with self._take_another() as connection, connection.begin():
                yield connection

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the transaction is durable, or never if it is rolled back."""
        self._after_commit.append(call)

    def run_after_commit(self) -> None:
        """Run the calls registered with `after_commit`."""
        for call in self._after_commit:
            call()


class MetadataUnavailable(Unavailable):
    """The metadata database failed; the outage has been logged."""


class Database:
    """A database with transactions for reading and writing.

    Thread-safe. `changes` tells which runs have changed since it was opened. `on_shared` is called
    after each commit that other servers have to know of. `n_change_reads` counts the completed
    calls of `read_changes`.
    """

    def __init__(self, url: str) -> None:
        self.changes = ChangeLog()
        self.n_change_reads = 0
        self.gate = WriteGate()
        self._away = Outage("the metadata database")
        self._refusing = Outage("writing to the metadata database")
        self._postgres: ModuleType | None = None
        self._shared: SharedChanges | None = None
        self._notices: Notices | None = None
        self.on_shared: Callable[[], None] = lambda: None
        backend = url.partition(":")[0].partition("+")[0]
        if backend == "postgresql":
            self._engine = create_engine(
                "postgresql+psycopg://",
                pool_size=_KEPT_CONNECTIONS,
                max_overflow=_MAX_CONNECTIONS - _KEPT_CONNECTIONS,
                pool_timeout=WAIT_SECS,
            )
            from weft.server.storage.metadata.database import postgres

            address = postgres.address_of(f"postgresql:{url.partition(':')[2]}")
            postgres.bound_waits(self._engine, address)
            postgres.check_idle(self._engine)
            self._postgres = postgres
            self._shared = SharedChanges()
            self._notices = postgres.open_notices(address)
            # Saves the round trips of BEGIN and COMMIT; a statement has its own snapshot anyway.
            self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            self._writing = self._engine.execution_options(weft_write=True)
            self._write_lock = None
        elif backend == "sqlite":
            parsed = parse_url(url)
            make_sqlite_file(parsed.database)
            self._engine = create_engine(
                parsed,
                pool_size=_KEPT_CONNECTIONS,
                max_overflow=_MAX_CONNECTIONS - _KEPT_CONNECTIONS,
                pool_timeout=WAIT_SECS,
            )
            # In SQLite, waiting writers sleep and poll; this lock wakes them at once.
            self._write_lock = threading.Lock()
            set_up_sqlite(self._engine)
            self._reading = self._engine
            writer = create_engine(parsed, pool_size=1, max_overflow=0)
            set_up_sqlite(writer, cache_kib=_WRITER_CACHE_KIB)
            self._writing = writer.execution_options(weft_write=True)
        else:
            backend = parse_url(url).get_backend_name()
            raise ConfigError(f"metadata database must be sqlite or postgresql, not {backend}")

    def connections(self) -> dict[str, int]:
        """See `MetadataStore.connections`."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return {}
        return {"in use": pool.checkedout(), "idle": pool.checkedin()}

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to it."""
        return self._write_lock is None

    @contextmanager
    def read(self) -> Generator[Transaction, None, None]:
        """A transaction that only reads. In PostgreSQL each of its statements sees what is
        committed by then, and no lock outlasts one.
        """
        with self._connect(self._reading) as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def holding(self) -> Generator[Transaction, None, None]:
        """A transaction for locks, which it holds until its end."""
        with self._connect(self._engine) as connection, connection.begin():
            yield Transaction(connection)

    @contextmanager
    def snapshot(self) -> Generator[Transaction, None, None]:
        """A transaction that only reads and sees one unchanging state."""
        engine = self._engine
        if self._write_lock is None:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with self._connect(engine) as connection, connection.begin():
            if self._write_lock is None:  # a backup may do other work meanwhile
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            # Both engines take the snapshot only at the first read.
            connection.exec_driver_sql("SELECT 1 FROM setting LIMIT 1").all()
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Generator[Transaction, None, None]:
        """A transaction that may write; durable when the block is left without an exception. It
        holds the leases of `fence.fenced`.
        """
        leases = held_leases()
        take_another = None
        if self._write_lock is None:
            take_another = partial(self._take_connection, self._engine)
        announced: set[tuple[Part, int]] = set()
        try:
            with (
                self.gate.passage(),
                self._write_lock or nullcontext(),
                self._connect(self._writing) as connection,
                connection.begin(),
            ):
                transaction = Transaction(connection, take_another)
                for lease in leases:
                    hold(connection, lease)
                yield transaction
                transaction.flush()
                announced = transaction.touched
                self.changes.announce(announced)
                _delete_path_sets(connection, announced)
                if self._shared is None:
                    add_on_sqlite(connection, announced)
                else:
                    self._shared.add(connection, announced, transaction.things)
        finally:
            self.changes.settle(announced)
        transaction.run_after_commit()
        if announced or transaction.things:
            self.on_shared()

    def read_changes(self) -> OthersChanges:
        """Note in `changes` what other processes have changed since the last call, and return it.
        Call it from one thread at a time.
        """
        if self._shared is None:
            return OthersChanges()
        with self.read() as tx:
            others = self._shared.read(tx.connection)
        if not others.is_whole:
            self.changes.lose()
        self.changes.announce(others.touched)
        self.changes.settle(others.touched)
        self.n_change_reads += 1
        return others

    def send_notices(self, texts: Sequence[str]) -> None:
        """Send short texts to the other servers of a shared database."""
        if self._notices is not None and texts:
            with self.read() as tx:
                self._notices.send(tx.connection, texts)

    def wait_for_notices(self, secs: float) -> list[str]:
        """The texts of others since the last call; waits for the first, at most so long. Call it
        from one thread. MetadataUnavailable if the database is away.
        """
        if self._notices is None or self._postgres is None:
            return []
        try:
            return self._notices.wait(secs)
        except self._postgres.Error as error:
            raise MetadataUnavailable(
                f"metadata database is not available: {self._postgres.reason_of(error)}"
            ) from error

    def close(self) -> None:
        """Close all connections that are not in use."""
        if self._notices is not None:
            self._notices.close()
        self._engine.dispose()
        self._writing.dispose()

    @contextmanager
    def _connect(self, engine: Engine) -> Generator[Connection, None, None]:
        writes = engine is self._writing
        since_secs = time.monotonic()
        is_connected = False
        try:
            with self._take_connection(engine) as connection:
                is_connected = True
                yield connection
        except (OperationalError, SQLAlchemyTimeoutError) as error:
            # The disk is full, the server is down, a lock was held too long, or a deadlock.
            cause = getattr(error, "orig", None) or error
            is_lost = not is_connected or getattr(error, "connection_invalidated", False)
            outage = self._refusing if writes and not is_lost else self._away
            outage.begin(str(cause), since_secs)
            reason = self._reason_of(cause) if self._away.was_up else " ".join(str(cause).split())
            raise MetadataUnavailable(f"metadata database is not available: {reason}") from error
        except DatabaseError as error:
            if self._postgres is not None or type(error) is not DatabaseError:
                raise
            raise Damaged(
                f"metadata database is damaged: {error.orig}; restore a backup, or look at it"
                " with `sqlite3`"
            ) from error
        self._away.end()
        if writes:
            self._refusing.end()

    def _take_connection(self, engine: Engine) -> Connection:
        """A connection; waits if the pool or PostgreSQL has none free."""
        deadline = time.monotonic() + WAIT_SECS
        while True:
            try:
                return engine.connect()
            except OperationalError as error:
                postgres = self._postgres
                if postgres is None or not postgres.is_full(error.orig):
                    raise
                if time.monotonic() > deadline:
                    raise
            # Wait for others to return connections to the pool or to PostgreSQL.
            time.sleep(_LOOK_AGAIN_SECS)

    def _reason_of(self, cause: BaseException) -> str:
        if isinstance(cause, SQLAlchemyTimeoutError):
            return "all of its connections are in use"
        return str(cause) if self._postgres is None else self._postgres.reason_of(cause)


def _delete_path_sets(connection: Connection, touched: Collection[tuple[Part, int]]) -> None:
    """Delete the saved path sets of the runs that a transaction touched and has locked."""
    for part in ("config", "summary"):
        row_ids = [row_id for touched_part, row_id in touched if touched_part == part]
        if not row_ids:
            continue
        # Plain SQL, which is faster than SQLAlchemy's statements: this runs for each upload.
        if connection.dialect.name == "sqlite":
            listed: Any = "[" + ",".join(map(str, row_ids)) + "]"
            query = (
                "DELETE FROM run_path_set WHERE root = ?"
                " AND run_id IN (SELECT value FROM json_each(?))"
            )
        else:
            listed = row_ids
            query = "DELETE FROM run_path_set WHERE root = %s AND run_id = ANY(%s)"
        connection.exec_driver_sql(query, (part, listed))


def insert(transaction: Transaction, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that supports ON CONFLICT, in the dialect of the database."""
    return insert_of(transaction.dialect, table)


def insert_of(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Like `insert`, for statements that are built once per dialect."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # imported late: it loads all drivers, 0.1 s

    return postgresql.insert(table)
