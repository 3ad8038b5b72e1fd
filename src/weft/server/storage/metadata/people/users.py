"""Users in the metadata database."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select, true

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import (
    api_key,
    entity,
    report_star,
    team,
    team_member,
    user,
)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user with an account; `seen_micros` is the last use of a browser or key, None if there was
    none.
    """

    name: str
    is_admin: bool
    created_micros: int
    email: str | None = None
    display_name: str = ""
    seen_micros: int | None = None


@dataclass(frozen=True, slots=True)
class UserScope:
    """The members of some teams, and a user who need not be in any."""

    teams: Sequence[str]
    user: str | None


LAST_KEY_USE: Final = (
    select(func.max(api_key.c.used_micros)).where(api_key.c.user_id == user.c.id).scalar_subquery()
)
"""The last use of a key of the user of an outer query."""


def later(*micros: int | None) -> int | None:
    """The latest of some times, of which None is no time.

    >>> later(None, 2), later(None, None)
    (2, None)
    """
    return max((time for time in micros if time is not None), default=None)


def _has_text(search: str) -> ColumnElement[bool]:
    if not search:
        return true()
    return or_(
        *(
            column.icontains(search, autoescape=True)
            for column in (user.c.name, user.c.display_name, user.c.email)
        )
    )


class UserTable:
    """Reads and writes users."""

    def add_user(self, tx: Transaction, row: UserRow, seal: str) -> bool:
        """Add a user with an entity of the same name; False if there is such a user.

        An entity that exists already becomes the user's.
        """
        user_id = tx.connection.execute(
            insert(tx, user)
            .values(
                name=row.name,
                is_admin=row.is_admin,
                created_micros=row.created_micros,
                seal=seal,
            )
            .on_conflict_do_nothing()
            .returning(user.c.id)
        ).scalar_one_or_none()
        if user_id is None:
            return False
        statement = insert(tx, entity).values(
            name=row.name, user_id=user_id, created_micros=row.created_micros
        )
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"user_id": user_id})
        )
        return True

    def set_seal(self, tx: Transaction, name: str, seal: str) -> bool:
        """End all that was derived from a user's keys or password. False if there is no such
        user.
        """
        changed = tx.connection.execute(user.update().where(user.c.name == name).values(seal=seal))
        return changed.rowcount == 1

    def list(
        self, tx: Transaction, search: str = "", limit: int | None = None
    ) -> builtins.list[UserRow]:
        """The first users with `search` in their name, display name or mail address, by name."""
        columns = select(
            user.c.name, user.c.is_admin, user.c.created_micros, user.c.email,
            user.c.display_name, user.c.seen_micros, LAST_KEY_USE,
        )  # fmt: skip
        return [
            UserRow(*row[:-2], later(*row[-2:]))
            for row in tx.connection.execute(
                columns.where(_has_text(search)).order_by(user.c.name).limit(limit)
            )
        ]

    def count(self, tx: Transaction, search: str) -> int:
        """The number of users with `search` in their name, display name or mail address."""
        query = select(func.count()).select_from(user).where(_has_text(search))
        return tx.connection.execute(query).scalar_one()

    def match(
        self, tx: Transaction, search: str, scope: UserScope | None, limit: int
    ) -> builtins.list[tuple[str, str]]:
        """Names and display names of the first users that have `search` in either, at the
        beginning of a word first. `scope` None: of all users, whose mail addresses count as well.
        """
        words = (user.c.name, user.c.display_name)
        begins = or_(
            *(column.istartswith(search, autoescape=True) for column in words),
            *(column.icontains(f" {search}", autoescape=True) for column in words),
        )
        columns = words if scope is not None else (*words, user.c.email)
        query = select(user.c.name, user.c.display_name).where(
            or_(*(column.icontains(search, autoescape=True) for column in columns))
        )
        if scope is not None:
            members = (
                select(team_member.c.user_id)
                .join(team)
                .where(team.c.name.in_(scope.teams), team.c.trashed_micros.is_(None))
            )
            query = query.where(or_(user.c.id.in_(members), user.c.name == scope.user))
        query = query.order_by(case((begins, 0), else_=1), user.c.name).limit(limit)
        return [(name, display_name) for name, display_name in tx.connection.execute(query)]

    def remove(self, tx: Transaction, name: str) -> bool:
        """Remove a user, their keys and stars; their projects stay. False if there is no such
        user.
        """
        tx.connection.execute(report_star.delete().where(report_star.c.user == name))
        removed = tx.connection.execute(user.delete().where(user.c.name == name))
        return removed.rowcount == 1
