"""Removals of contents that all servers of a database must agree on. Does I/O.

PostgreSQL only; with SQLite one process has the files, and its own locks suffice.

A content may be removed once no file names it, while another server is storing the same content
again for a file that will. So a removal has a row. It holds the lock of its content alone when it
looks for files that name the content, and while it removes it. Transactions that name contents
hold these locks together with others (`share`), and look at the rows (`marks`): one that changed
since the content was stored means that the content may be gone.

Locks are advisory ones of PostgreSQL, `N_LOCKS` for all contents. A removal never waits for one,
so it can't be part of a deadlock: it is noted as due, and tried again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import select

from weft.errors import Unavailable
from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.leases import database_micros
from weft.server.storage.metadata.database.schema import content_removal as table

N_LOCKS: Final = 32

LEFT_MICROS: Final = 60_000_000
"""The time after which a removal that was begun counts as left: longer than PostgreSQL lets its
transaction do nothing."""

FORGET_MICROS: Final = 86_400_000_000
"""The time for which a removal is known. No upload lasts so long."""

_LOCKS: Final = 0x77656663
"""The first number of the locks. Metric stores may have theirs in the same database, from another
one: an import holds these locks and waits for those."""

_SHARE: Final = (
    "SELECT pg_advisory_xact_lock_shared(%s, lock) FROM unnest(%s::int[]) AS locks (lock)"
)
_TAKE: Final = "SELECT pg_try_advisory_xact_lock(%s, %s)"


class RemovalTable:
    """Notes removals of contents, and holds their locks."""

    def share(self, tx: Transaction, blobs: Iterable[str]) -> None:
        """See `share_contents`."""
        share_contents(tx, blobs)

    def share_all(self, tx: Transaction) -> None:
        """Like `share`, of all contents, for a transaction that lasts long and does nothing."""
        if tx.dialect == "postgresql":
            tx.connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            tx.connection.exec_driver_sql(_SHARE, (_LOCKS, [*range(N_LOCKS)]))

    def check(self, tx: Transaction) -> None:
        """Check that a transaction still has its locks; MetadataUnavailable if it was ended."""
        tx.connection.exec_driver_sql("SELECT 1")

    def marks(self, tx: Transaction, blobs: Collection[str]) -> dict[str, str]:
        """The marks of the last removals of contents, some of them; Unavailable if one of them is
        under way, or was left by a server that was killed.
        """
        query = select(table.c.sha256, table.c.state, table.c.mark)
        rows = tx.connection.execute(query.where(table.c.sha256.in_(blobs))).all()
        if any(state == "begun" for _, state, _ in rows):
            raise Unavailable("a file with this content is being removed: try again")
        return {sha256: mark for sha256, _, mark in rows}

    def note_due(self, tx: Transaction, blobs: Iterable[str]) -> None:
        """Have contents removed later, if nothing names them then."""
        statement = insert(tx, table).values(_rows(tx, blobs, "due"))
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.sha256],
                set_={"state": "due", "micros": statement.excluded.micros},
                where=table.c.state == "done",
            )
        )

    def begin(self, tx: Transaction, unused: Collection[str]) -> None:
        """Note that contents are being removed: nothing may name them until `end`.

        The transaction holds their lock, and saw that nothing names them.
        """
        statement = insert(tx, table).values(_rows(tx, unused, "begun"))
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.sha256],
                set_={"state": "begun", "micros": statement.excluded.micros},
            )
        )

    def spare(self, tx: Transaction, used: Collection[str]) -> None:
        """Note that contents whose removal may be due are named by something."""
        tx.connection.execute(
            table.update()
            .where(table.c.sha256.in_(used), table.c.state == "due")
            .values(state="done")
        )

    def take(self, tx: Transaction, number: int) -> bool:
        """Hold a lock alone until the transaction ends; False if others hold it."""
        return bool(tx.connection.exec_driver_sql(_TAKE, (_LOCKS, number)).scalar_one())

    def begun(self, tx: Transaction, blobs: Collection[str]) -> list[str]:
        """Contents, among some, whose removal was begun."""
        query = select(table.c.sha256).where(table.c.sha256.in_(blobs), table.c.state == "begun")
        return [*tx.connection.execute(query).scalars()]

    def end(self, tx: Transaction, blobs: Collection[str]) -> None:
        """Note that contents were removed, each with a new mark."""
        tx.connection.execute(
            table.update()
            .where(table.c.sha256.in_(blobs))
            .values(state="done", mark=secrets.token_hex(8), micros=database_micros(tx.dialect))
        )

    def left(self, tx: Transaction, limit: int) -> list[str]:
        """Contents whose removal is due, or was begun by a server that did not end it."""
        late = database_micros(tx.dialect) - LEFT_MICROS
        is_left = (table.c.state == "begun") & (table.c.micros < late)
        query = select(table.c.sha256).where((table.c.state == "due") | is_left)
        return [*tx.connection.execute(query.limit(limit)).scalars()]

    def forget(self, tx: Transaction) -> None:
        """Delete the rows of removals that ended long ago."""
        old = database_micros(tx.dialect) - FORGET_MICROS
        tx.connection.execute(table.delete().where(table.c.state == "done", table.c.micros < old))


def share_contents(tx: Transaction, blobs: Iterable[str]) -> None:
    """Keep contents that are there from being removed until the transaction ends; does nothing
    with SQLite. Waits for removals that are under way.
    """
    numbers = sorted({lock_number(sha256) for sha256 in blobs})
    if numbers and tx.dialect == "postgresql":
        tx.connection.exec_driver_sql(_SHARE, (_LOCKS, numbers))


def lock_number(sha256: str) -> int:
    """The number of the lock of a content."""
    return int(sha256[:4], 16) % N_LOCKS


def _rows(tx: Transaction, blobs: Iterable[str], state: str) -> list[dict[str, object]]:
    # In one order, so that no two transactions wait for each other's rows.
    micros = database_micros(tx.dialect)
    return [
        {"sha256": sha256, "state": state, "mark": "", "micros": micros}
        for sha256 in sorted(set(blobs))
    ]
