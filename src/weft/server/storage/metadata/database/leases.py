"""Leases: which of several servers does a piece of work, by the database's clock. Does I/O.

A lease has a name, an owner, an end, and a number that grows each time that it is taken. Its owner
renews it; once it has ended, others may take it. `fence` keeps an owner that was paused from work
whose lease another has taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, literal_column, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.fence import Lease, hold, is_of
from weft.server.storage.metadata.database.schema import lease as table

_MICROS: Final = 1_000_000
_NOW: Final = {
    "postgresql": "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)",
}


class LeaseRow(NamedTuple):
    """A lease as others see it; `left_secs` is 0 or less once it has ended."""

    name: str
    owner: str
    number: int
    left_secs: float


class LeaseTable:
    """Takes, renews and gives back leases.

    Each method changes one row, so a transaction of its own suffices.
    """

    def take(self, tx: Transaction, name: str, owner: str, secs: float) -> Lease | None:
        """Take a lease for a time, with a new number; None if another owner has it, or a
        transaction holds it.

        An owner who has it already, such as one that was restarted, takes it from itself.
        """
        connection, now = tx.connection, database_micros(tx.dialect)
        is_free = (table.c.expires_micros <= now) | (table.c.owner == owner)
        # Looked at first without a lock, as all servers but one ask in vain.
        free = connection.execute(select(is_free).where(table.c.name == name)).scalar_one_or_none()
        if free is False:
            return None
        expires = now + int(secs * _MICROS)
        if free is None:
            statement = insert(tx, table).values(
                name=name, owner=owner, number=1, expires_micros=expires
            )
            added = connection.execute(
                statement.on_conflict_do_nothing().returning(table.c.number)
            )
            if added.scalar_one_or_none() is not None:
                return Lease(name, owner, 1)
        # A mere UPDATE would not see that a transaction holds the lease.
        row = select(table.c.name).where(table.c.name == name).with_for_update(skip_locked=True)
        if connection.execute(row).scalar_one_or_none() is None:
            return None
        number = connection.execute(
            table.update()
            .where(table.c.name == name, is_free)
            .values(owner=owner, number=table.c.number + 1, expires_micros=expires)
            .returning(table.c.number)
        ).scalar_one_or_none()
        return None if number is None else Lease(name, owner, number)

    def renew(self, tx: Transaction, leases: Sequence[Lease], secs: float) -> set[Lease]:
        """Have leases last for a time from now, and return those that are still their owner's,
        even if they had ended.
        """
        expires = database_micros(tx.dialect) + int(secs * _MICROS)
        renewed: set[Lease] = set()
        for lease in sorted(leases):  # in one order, so that no two transactions wait in a ring
            done = tx.connection.execute(
                table.update().where(is_of(lease)).values(expires_micros=expires)
            )
            if done.rowcount:
                renewed.add(lease)
        return renewed

    def give_back(self, tx: Transaction, leases: Sequence[Lease]) -> None:
        """End leases, so that others may take them at once."""
        for lease in sorted(leases):
            tx.connection.execute(table.update().where(is_of(lease)).values(expires_micros=0))

    def hold(self, tx: Transaction, lease: Lease) -> None:
        """Keep a lease from being taken until the transaction ends; LeaseLost if it has been."""
        hold(tx.connection, lease)

    def rows(self, tx: Transaction) -> list[LeaseRow]:
        """All leases, by name."""
        left = table.c.expires_micros - database_micros(tx.dialect)
        query = select(table.c.name, table.c.owner, table.c.number, left).order_by(table.c.name)
        return [
            LeaseRow(name, owner, number, micros / _MICROS)
            for name, owner, number, micros in tx.connection.execute(query)
        ]


def database_micros(dialect: str) -> ColumnElement[Any]:
    """The time by the database's own clock."""
    return literal_column(_NOW[dialect], BigInteger)


def read_micros(tx: Transaction) -> int:
    """Ask for that time, in µs since 1970 UTC."""
    return tx.connection.execute(select(database_micros(tx.dialect))).scalar_one()
