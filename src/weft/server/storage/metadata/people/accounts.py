"""Profiles, passwords and identities of users in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import (
    entity,
    team,
    team_member,
    user,
    user_identity,
    user_picture,
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The account of a user.

    Attributes:
        email: in lower case.
        disabled_micros: since when the user is refused.
    """

    name: str
    display_name: str
    email: str | None
    is_email_verified: bool
    password_hash: str | None
    is_admin: bool
    created_micros: int
    disabled_micros: int | None
    default_entity: str | None


@dataclass(frozen=True, slots=True)
class PictureRow:
    """The picture of a user."""

    media_type: str
    content: bytes


_COLUMNS = (
    user.c.name, user.c.display_name, user.c.email, user.c.is_email_verified,
    user.c.password_hash, user.c.is_admin, user.c.created_micros, user.c.disabled_micros,
    user.c.default_entity,
)  # fmt: skip


class AccountTable:
    """Reads and writes what signs users in, and their profiles."""

    def find_account(self, tx: Transaction, name: str) -> AccountRow | None:
        return self._one(tx, user.c.name == name)

    def find_like(self, tx: Transaction, name: str) -> AccountRow | None:
        """A user by name, in upper or lower case; the exact name first."""
        return self.find_account(tx, name) or self._one(
            tx, func.lower(user.c.name) == name.lower()
        )

    def is_free(self, tx: Transaction, name: str) -> bool:
        """Whether no user, team or entity has a name, in upper or lower case."""
        columns = (user.c.name, team.c.name, entity.c.name)
        queries = [select(column).where(func.lower(column) == name.lower()) for column in columns]
        return all(tx.connection.execute(query.limit(1)).first() is None for query in queries)

    def by_email(self, tx: Transaction, email: str) -> list[AccountRow]:
        """The users with a mail address."""
        query = select(*_COLUMNS).where(user.c.email == email.lower())
        return [AccountRow(*row) for row in tx.connection.execute(query.order_by(user.c.id))]

    def by_identity(self, tx: Transaction, issuer: str, subject: str) -> AccountRow | None:
        """The user of an identity at a provider."""
        query = select(*_COLUMNS).join_from(user_identity, user)
        query = query.where(user_identity.c.provider == issuer, user_identity.c.subject == subject)
        row = tx.connection.execute(query).first()
        return None if row is None else AccountRow(*row)

    def admins(self, tx: Transaction) -> list[AccountRow]:
        """The administrators, by name."""
        query = select(*_COLUMNS).where(user.c.is_admin).order_by(user.c.name)
        return [AccountRow(*row) for row in tx.connection.execute(query)]

    def has_password(self, tx: Transaction) -> bool:
        """Whether any user has a password."""
        query = select(user.c.id).where(user.c.password_hash.is_not(None)).limit(1)
        return tx.connection.execute(query).first() is not None

    def has_admin(self, tx: Transaction, *, without: str = "") -> bool:
        """Whether there is an administrator who is not disabled, other than `without`."""
        query = select(user.c.id).where(
            user.c.is_admin, user.c.disabled_micros.is_(None), user.c.name != without
        )
        return tx.connection.execute(query.limit(1)).first() is not None

    def change(self, tx: Transaction, name: str, **values: Any) -> bool:
        """Change columns of `AccountRow`. False if there is no such user."""
        changed = tx.connection.execute(user.update().where(user.c.name == name).values(**values))
        return changed.rowcount == 1

    def add_identity(self, tx: Transaction, name: str, issuer: str, subject: str) -> bool:
        """Add an identity of a user. False if it is a user's already."""
        row = tx.connection.execute(
            insert(tx, user_identity)
            .values(user_id=_user_id(name), provider=issuer, subject=subject)
            .on_conflict_do_nothing()
            .returning(user_identity.c.id)
        )
        return row.scalar_one_or_none() is not None

    def identities(self, tx: Transaction, name: str) -> list[tuple[str, str]]:
        """The identities of a user: issuer and subject."""
        query = select(user_identity.c.provider, user_identity.c.subject)
        query = query.where(user_identity.c.user_id == _user_id(name))
        return [tuple(row) for row in tx.connection.execute(query.order_by(user_identity.c.id))]

    def remove_identities(self, tx: Transaction, name: str, issuer: str) -> bool:
        """Remove the identities of a user at a provider. False if there are none."""
        statement = user_identity.delete().where(user_identity.c.user_id == _user_id(name))
        removed = tx.connection.execute(statement.where(user_identity.c.provider == issuer))
        return removed.rowcount > 0

    def picture(self, tx: Transaction, name: str) -> PictureRow | None:
        query = select(user_picture.c.media_type, user_picture.c.content)
        row = tx.connection.execute(query.where(user_picture.c.user_id == _user_id(name))).first()
        return None if row is None else PictureRow(*row)

    def set_picture(self, tx: Transaction, name: str, picture: PictureRow | None) -> None:
        """Replace or remove the picture of a user."""
        tx.connection.execute(
            user_picture.delete().where(user_picture.c.user_id == _user_id(name))
        )
        if picture is not None:
            statement = user_picture.insert().values(
                user_id=_user_id(name), media_type=picture.media_type, content=picture.content
            )
            tx.connection.execute(statement)

    def join_team(
        self, tx: Transaction, name: str, team_name: str, role: str, now_micros: int
    ) -> None:
        """Make a user a member of a team, or give a member another role."""
        values = {
            "team_id": select(team.c.id).where(team.c.name == team_name).scalar_subquery(),
            "user_id": _user_id(name),
            "role": role,
            "joined_micros": now_micros,
        }
        tx.connection.execute(
            insert(tx, team_member)
            .values(values)
            .on_conflict_do_update(index_elements=["team_id", "user_id"], set_={"role": role})
        )

    def leave_team(self, tx: Transaction, name: str, team_name: str) -> None:
        """Remove a user from a team."""
        team_id = select(team.c.id).where(team.c.name == team_name).scalar_subquery()
        statement = team_member.delete().where(team_member.c.team_id == team_id)
        tx.connection.execute(statement.where(team_member.c.user_id == _user_id(name)))

    def _one(self, tx: Transaction, condition: Any) -> AccountRow | None:
        query = select(*_COLUMNS).where(condition).order_by(user.c.id)
        row = tx.connection.execute(query).first()
        return None if row is None else AccountRow(*row)


def _user_id(name: str) -> ScalarSelect[Any]:
    return select(user.c.id).where(user.c.name == name).scalar_subquery()
