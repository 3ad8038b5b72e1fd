"""Pieces of contents that several servers receive in turn. Does I/O.

PostgreSQL only; with one server, a draft is a file of its data directory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.leases import database_micros
from weft.server.storage.metadata.database.schema import draft_piece as table

_MICROS: Final = 1_000_000


class DraftPieceTable:
    """Pieces of drafts: for each its start, its number of bytes, and the key of its object."""

    def of_draft(self, tx: Transaction, draft: str) -> list[tuple[int, int, str]]:
        """The pieces of a draft, in order."""
        query = select(table.c.start, table.c.n_bytes, table.c.key)
        rows = tx.connection.execute(query.where(table.c.draft == draft).order_by(table.c.start))
        return [(start, n_bytes, key) for start, n_bytes, key in rows]

    def add_piece(self, tx: Transaction, draft: str, start: int, n_bytes: int, key: str) -> bool:
        """Add a piece; False unless it begins where the draft ends."""
        if start:
            # Locked, so that the draft is not removed before this piece is there.
            before = (
                select(table.c.start)
                .where(table.c.draft == draft, table.c.start + table.c.n_bytes == start)
                .with_for_update(read=True)
            )
            if tx.connection.execute(before).first() is None:
                return False
        statement = insert(tx, table).values(
            draft=draft, start=start, n_bytes=n_bytes, key=key, micros=database_micros(tx.dialect)
        )
        added = tx.connection.execute(statement.on_conflict_do_nothing().returning(table.c.start))
        return added.first() is not None

    def remove(self, tx: Transaction, drafts: Iterable[str]) -> list[str]:
        """Remove drafts, and return the keys of their pieces."""
        statement = table.delete().where(table.c.draft.in_([*drafts])).returning(table.c.key)
        return [*tx.connection.execute(statement).scalars()]

    def sizes(self, tx: Transaction, drafts: Collection[str] | None = None) -> dict[str, int]:
        """The bytes of drafts, by name; of all, if none are named."""
        query = select(table.c.draft, func.sum(table.c.n_bytes)).group_by(table.c.draft)
        if drafts is not None:
            query = query.where(table.c.draft.in_(drafts))
        return {draft: int(n_bytes) for draft, n_bytes in tx.connection.execute(query)}

    def left(self, tx: Transaction, secs: float) -> dict[str, int]:
        """The bytes of drafts whose last piece is older than a time, by name."""
        due = database_micros(tx.dialect) - int(secs * _MICROS)
        query = (
            select(table.c.draft, func.sum(table.c.n_bytes))
            .group_by(table.c.draft)
            .having(func.max(table.c.micros) < due)
        )
        return {draft: int(n_bytes) for draft, n_bytes in tx.connection.execute(query)}

    def keys(self, tx: Transaction) -> set[str]:
        return {*tx.connection.execute(select(table.c.key)).scalars()}
