"""Bytes of quotas that several servers count together. Does I/O.

PostgreSQL only. A row of `quota_usage` has what an entity or project stores: as it was measured,
and what servers have stored since. Rows of `quota_claim` have what each server may still receive.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.leases import database_micros
from weft.server.storage.metadata.database.schema import quota_claim, quota_usage

SILENT_MICROS: Final = 60_000_000
"""The time after which the claim of a server that does not renew it no longer counts."""

_MICROS: Final = 1_000_000


class QuotaUsage(NamedTuple):
    """Bytes of a quota. `measured_micros` is the time of the measurement, 0 before the first."""

    n_bytes: int
    measured_micros: int
    age_secs: float


class QuotaTable:
    """Counts what entities and projects store, and what servers may receive for them."""

    def usage(self, tx: Transaction, owner: str, *, for_update: bool = False) -> QuotaUsage:
        """The bytes of an owner; with `for_update`, transactions of one owner take turns."""
        table = quota_usage
        if for_update:
            new = insert(tx, table).values(owner=owner, n_bytes=0, micros=0)
            tx.connection.execute(new.on_conflict_do_nothing())
        age = database_micros(tx.dialect) - table.c.micros
        query = select(table.c.n_bytes, table.c.micros, age).where(table.c.owner == owner)
        row = tx.connection.execute(query.with_for_update() if for_update else query).first()
        if row is None:
            return QuotaUsage(0, 0, float("inf"))
        n_bytes, micros, age_micros = row
        return QuotaUsage(n_bytes, micros, age_micros / _MICROS)

    def add_bytes(self, tx: Transaction, owner: str, n_bytes: int) -> None:
        """Add bytes that a server has stored since the measurement."""
        table = quota_usage
        change = table.update().where(table.c.owner == owner)
        tx.connection.execute(change.values(n_bytes=table.c.n_bytes + n_bytes))

    def measured(self, tx: Transaction, owner: str, n_bytes: int) -> None:
        """Note the bytes as they were measured now."""
        table = quota_usage
        change = table.update().where(table.c.owner == owner)
        tx.connection.execute(change.values(n_bytes=n_bytes, micros=database_micros(tx.dialect)))

    def claimed(self, tx: Transaction, owner: str, server: str) -> int:
        """The bytes that servers other than `server` may receive."""
        table = quota_claim
        since = database_micros(tx.dialect) - SILENT_MICROS
        query = select(func.coalesce(func.sum(table.c.n_bytes), 0)).where(
            table.c.owner == owner, table.c.server != server, table.c.micros > since
        )
        return int(tx.connection.execute(query).scalar_one())

    def claim(self, tx: Transaction, owner: str, server: str, n_bytes: int) -> None:
        """Set the bytes that a server may receive for an owner."""
        table = quota_claim
        if n_bytes <= 0:
            own_claim = (table.c.owner == owner) & (table.c.server == server)
            tx.connection.execute(table.delete().where(own_claim))
            return
        new = insert(tx, table).values(
            owner=owner, server=server, n_bytes=n_bytes, micros=database_micros(tx.dialect)
        )
        tx.connection.execute(
            new.on_conflict_do_update(
                index_elements=[table.c.owner, table.c.server],
                set_={"n_bytes": new.excluded.n_bytes, "micros": new.excluded.micros},
            )
        )

    def forget_silent(self, tx: Transaction) -> None:
        """Delete the claims of servers that are gone."""
        late = database_micros(tx.dialect) - SILENT_MICROS
        tx.connection.execute(quota_claim.delete().where(quota_claim.c.micros < late))
