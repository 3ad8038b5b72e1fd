"""Browsers that are signed in, in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import session, user


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session.

    Attributes:
        address, agent: of the browser when it signed in.
        method: `password`, `key`, `link`, `proxy`, or the name of a provider.
    """

    row_id: int
    user: str
    created_micros: int
    used_micros: int
    expires_micros: int
    address: str
    agent: str
    method: str


_COLUMNS = (
    session.c.id, user.c.name, session.c.created_micros, session.c.used_micros,
    session.c.expires_micros, session.c.address, session.c.agent, session.c.method,
)  # fmt: skip


class SessionTable:
    """Reads and writes sessions. A session is found by the hash of its token."""

    def add_session(self, tx: Transaction, row: SessionRow, token_hash: str) -> None:
        """Add a session; its `row_id` is ignored."""
        values = {
            "user_id": _user_id(row.user),
            "token_hash": token_hash,
            "created_micros": row.created_micros,
            "used_micros": row.used_micros,
            "expires_micros": row.expires_micros,
            "address": row.address,
            "agent": row.agent,
            "method": row.method,
        }
        tx.connection.execute(session.insert().values(values))
        _note_seen(tx, user.c.name == row.user, row.used_micros)

    def find_session(self, tx: Transaction, token_hash: str) -> SessionRow | None:
        query = select(*_COLUMNS).join_from(session, user)
        row = tx.connection.execute(query.where(session.c.token_hash == token_hash)).first()
        return None if row is None else SessionRow(*row)

    def of_user(self, tx: Transaction, name: str) -> list[SessionRow]:
        """The sessions of a user, the one used last first."""
        query = select(*_COLUMNS).join_from(session, user).where(user.c.name == name)
        rows = tx.connection.execute(query.order_by(session.c.used_micros.desc(), session.c.id))
        return [SessionRow(*row) for row in rows]

    def touch(
        self, tx: Transaction, row_id: int, *, used_micros: int, expires_micros: int
    ) -> None:
        """Note that a session was used."""
        statement = session.update().where(session.c.id == row_id)
        tx.connection.execute(
            statement.values(used_micros=used_micros, expires_micros=expires_micros)
        )
        own_user = select(session.c.user_id).where(session.c.id == row_id).scalar_subquery()
        _note_seen(tx, user.c.id == own_user, used_micros)

    def remove(self, tx: Transaction, row_id: int, name: str) -> bool:
        """Remove a session of a user. False if the user has no such session."""
        statement = session.delete().where(session.c.id == row_id)
        removed = tx.connection.execute(statement.where(session.c.user_id == _user_id(name)))
        return removed.rowcount == 1

    def remove_of_user(self, tx: Transaction, name: str) -> None:
        tx.connection.execute(session.delete().where(session.c.user_id == _user_id(name)))

    def remove_expired(self, tx: Transaction, now_micros: int) -> None:
        """Remove the sessions that have ended by themselves."""
        tx.connection.execute(session.delete().where(session.c.expires_micros <= now_micros))


def _note_seen(tx: Transaction, condition: ColumnElement[bool], micros: int) -> None:
    """Note when a user was last at a browser: sessions go, and the time stays."""
    tx.connection.execute(user.update().where(condition).values(seen_micros=micros))


def _user_id(name: str) -> ScalarSelect[Any]:
    return select(user.c.id).where(user.c.name == name).scalar_subquery()
