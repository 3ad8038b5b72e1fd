"""Users and the hashes of their API keys in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import api_key, entity, user


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user with an account."""

    name: str
    is_admin: bool
    created_micros: int


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key, as its SHA-256 in hexadecimal, and the name of its user."""

    key_hash: str
    user: str
    is_admin: bool


class UserTable:
    """Reads and writes users and their keys."""

    def add(self, tx: Transaction, row: UserRow, key_hash: str) -> bool:
        """Add a user with a key and an entity of the same name; False if there is such a user.

        An entity that exists already becomes the user's.
        """
        user_id = tx.connection.execute(
            insert(tx, user)
            .values(name=row.name, is_admin=row.is_admin, created_micros=row.created_micros)
            .on_conflict_do_nothing()
            .returning(user.c.id)
        ).scalar_one_or_none()
        if user_id is None:
            return False
        tx.connection.execute(
            insert(tx, api_key).values(
                user_id=user_id, key_hash=key_hash, created_micros=row.created_micros
            )
        )
        statement = insert(tx, entity).values(
            name=row.name, user_id=user_id, created_micros=row.created_micros
        )
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"user_id": user_id})
        )
        return True

    def change_key(self, tx: Transaction, name: str, key_hash: str, now_micros: int) -> bool:
        """Replace a user's keys by one. False if there is no such user."""
        query = select(user.c.id).where(user.c.name == name)
        user_id = tx.connection.execute(query).scalar_one_or_none()
        if user_id is None:
            return False
        tx.connection.execute(api_key.delete().where(api_key.c.user_id == user_id))
        tx.connection.execute(
            insert(tx, api_key).values(
                user_id=user_id, key_hash=key_hash, created_micros=now_micros
            )
        )
        return True

    def list(self, tx: Transaction) -> list[UserRow]:
        """All users, by name."""
        columns = select(user.c.name, user.c.is_admin, user.c.created_micros)
        return [UserRow(*row) for row in tx.connection.execute(columns.order_by(user.c.name))]

    def remove(self, tx: Transaction, name: str) -> bool:
        """Remove a user and their keys; their projects stay. False if there is no such user."""
        removed = tx.connection.execute(user.delete().where(user.c.name == name))
        return removed.rowcount == 1

    def keys(self, tx: Transaction) -> list[KeyRow]:
        query = select(api_key.c.key_hash, user.c.name, user.c.is_admin).join_from(api_key, user)
        return [KeyRow(*row) for row in tx.connection.execute(query)]
