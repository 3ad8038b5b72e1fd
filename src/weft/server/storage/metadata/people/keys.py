"""API keys of users and service accounts in the metadata database: their hashes and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    api_key,
    api_key_limit,
    entity,
    project,
    user,
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key, without its hash.

    Attributes:
        row_id: 0 before the key is added.
        project: of the entity; None if the key is for all of its projects.
        used_micros: the last use, to some minutes; None if it was never used.
    """

    row_id: int
    user: str
    name: str
    prefix: str
    scope: str
    entity: str | None
    project: str | None
    created_micros: int
    expires_micros: int | None
    used_micros: int | None = None
    used_address: str | None = None


class KeyTable:
    """Reads and writes keys."""

    def add_key(self, tx: Transaction, row: KeyRow, key_hash: str) -> int | None:
        """Add a key and return its row id. None if there is such a key.

        The caller has checked that the limit's entity and project exist.
        """
        user_id = tx.connection.execute(select(user.c.id).where(user.c.name == row.user))
        values = {
            "user_id": user_id.scalar_one(),
            "key_hash": key_hash,
            "label": row.name,
            "prefix": row.prefix,
            "scope": row.scope,
            "created_micros": row.created_micros,
            "expires_micros": row.expires_micros,
        }
        statement = insert(tx, api_key).values(values).on_conflict_do_nothing()
        key_id = tx.connection.execute(statement.returning(api_key.c.id)).scalar_one_or_none()
        if key_id is None or row.entity is None:
            return key_id
        entity_id = tx.connection.execute(
            select(entity.c.id).where(entity.c.name == row.entity)
        ).scalar_one()
        project_id = None
        if row.project is not None:
            query = select(project.c.id).where(
                project.c.entity_id == entity_id,
                project.c.name == row.project,
                project.c.trashed_micros.is_(None),
            )
            project_id = tx.connection.execute(query).scalar_one()
        limit = api_key_limit.insert().values(
            key_id=key_id, entity_id=entity_id, project_id=project_id
        )
        tx.connection.execute(limit)
        return key_id

    def has_entity(self, tx: Transaction, name: str) -> bool:
        """Whether an owner of projects has a name."""
        query = select(entity.c.id).where(entity.c.name == name)
        return tx.connection.execute(query).first() is not None

    def of_user(self, tx: Transaction, name: str) -> list[KeyRow]:
        """The keys of a user, the newest first."""
        query = _rows().where(user.c.name == name).order_by(api_key.c.id.desc())
        return [KeyRow(*row) for row in tx.connection.execute(query)]

    def find_key(self, tx: Transaction, row_id: int) -> KeyRow | None:
        row = tx.connection.execute(_rows().where(api_key.c.id == row_id)).first()
        return None if row is None else KeyRow(*row)

    def rename(self, tx: Transaction, row_id: int, name: str) -> None:
        update_row(tx, api_key, row_id, label=name)

    def remove(self, tx: Transaction, row_id: int) -> None:
        tx.connection.execute(api_key.delete().where(api_key.c.id == row_id))

    def remove_of_user(self, tx: Transaction, name: str) -> None:
        of_user = select(user.c.id).where(user.c.name == name)
        tx.connection.execute(api_key.delete().where(api_key.c.user_id.in_(of_user)))

    def set_used(self, tx: Transaction, uses: Mapping[int, tuple[int, str]]) -> None:
        """Write the last uses of keys: time and address by row id."""
        statement = (
            api_key.update()
            .where(api_key.c.id == bindparam("key_id"))
            .values(used_micros=bindparam("at"), used_address=bindparam("address"))
        )
        rows = [
            {"key_id": row_id, "at": at, "address": address}
            for row_id, (at, address) in sorted(uses.items())
        ]
        tx.connection.execute(statement, rows)


def remove_keys_of_project(tx: Transaction, project_id: int) -> bool:
    """Remove the keys that are limited to a project which is about to be deleted: without the row
    of their limit, they would be for everything. Whether there were any.
    """
    limited = select(api_key_limit.c.key_id).where(api_key_limit.c.project_id == project_id)
    removed = tx.connection.execute(api_key.delete().where(api_key.c.id.in_(limited)))
    return removed.rowcount > 0


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            api_key.c.id, user.c.name, api_key.c.label, api_key.c.prefix, api_key.c.scope,
            entity.c.name, project.c.name, api_key.c.created_micros, api_key.c.expires_micros,
            api_key.c.used_micros, api_key.c.used_address,
        )
        .select_from(api_key)
        .join(user, user.c.id == api_key.c.user_id)
        .outerjoin(api_key_limit, api_key_limit.c.key_id == api_key.c.id)
        .outerjoin(entity, entity.c.id == api_key_limit.c.entity_id)
        .outerjoin(project, project.c.id == api_key_limit.c.project_id)
    )  # fmt: skip
