"""Teams and their members in the metadata database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    entity,
    project,
    service_account,
    team,
    team_member,
    user,
)
from weft.server.storage.metadata.people.users import LAST_KEY_USE, later


@dataclass(frozen=True, slots=True)
class TeamRow:
    row_id: int
    name: str
    created_micros: int
    display_name: str
    description: str
    default_visibility: str
    is_closed: bool
    trashed_micros: int | None
    n_members: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    user: str
    display_name: str
    role: str
    joined_micros: int
    is_disabled: bool
    is_service_account: bool
    seen_micros: int | None


class TeamTable:
    """Reads and writes teams. Finds those in the trash, too."""

    def add_team(self, tx: Transaction, name: str, now_micros: int, **values: Any) -> int:
        """Add a team with an entity of the same name, and return its row id. An entity that
        exists already becomes the team's.
        """
        row_id: int = tx.connection.execute(
            insert(tx, team)
            .values(name=name, created_micros=now_micros, **values)
            .returning(team.c.id)
        ).scalar_one()
        statement = insert(tx, entity).values(name=name, team_id=row_id, created_micros=now_micros)
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"team_id": row_id})
        )
        return row_id

    def all(self, tx: Transaction) -> list[TeamRow]:
        """All teams, by name."""
        return [TeamRow(*row) for row in tx.connection.execute(_teams().order_by(team.c.name))]

    def find_team(self, tx: Transaction, name: str) -> TeamRow | None:
        row = tx.connection.execute(_teams().where(team.c.name == name)).one_or_none()
        return None if row is None else TeamRow(*row)

    def edit(self, tx: Transaction, row_id: int, **values: Any) -> None:
        """Set columns of a team."""
        if values:
            update_row(tx, team, row_id, **values)

    def delete(self, tx: Transaction, row_id: int) -> None:
        """Delete a team and its service accounts permanently. Its entity stays."""
        accounts = select(service_account.c.user_id).where(service_account.c.team_id == row_id)
        tx.connection.execute(user.delete().where(user.c.id.in_(accounts)))
        tx.connection.execute(team.delete().where(team.c.id == row_id))

    def members(self, tx: Transaction, row_id: int) -> list[MemberRow]:
        """The members of a team, by name."""
        query = (
            select(
                user.c.name,
                user.c.display_name,
                team_member.c.role,
                team_member.c.joined_micros,
                user.c.disabled_micros.is_not(None),
                service_account.c.user_id.is_not(None),
                user.c.seen_micros,
                LAST_KEY_USE,
            )
            .select_from(team_member)
            .join(user, user.c.id == team_member.c.user_id)
            .outerjoin(service_account, service_account.c.user_id == user.c.id)
            .where(team_member.c.team_id == row_id)
            .order_by(user.c.name)
        )
        return [MemberRow(*row[:-2], later(*row[-2:])) for row in tx.connection.execute(query)]

    def projects(self, tx: Transaction) -> dict[str, list[str]]:
        """Names of the projects of each team, without those in the trash."""
        query = (
            select(team.c.name, project.c.name)
            .join_from(project, entity, entity.c.id == project.c.entity_id)
            .join(team, team.c.id == entity.c.team_id)
            .where(project.c.trashed_micros.is_(None))
        )
        names: dict[str, list[str]] = {}
        for team_name, name in tx.connection.execute(query):
            names.setdefault(team_name, []).append(name)
        return names

    def shown_projects(self, tx: Transaction, row_id: int) -> list[str]:
        """Names of a team's projects that are open or public."""
        query = (
            select(project.c.name)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(
                entity.c.team_id == row_id,
                project.c.visibility.in_(("open", "public")),
                project.c.trashed_micros.is_(None),
            )
            .order_by(project.c.name)
        )
        return list(tx.connection.execute(query).scalars())

    def trashed_before(self, tx: Transaction, micros: int) -> Sequence[tuple[int, str]]:
        """Row ids and names of the teams that were deleted before a time."""
        query = select(team.c.id, team.c.name).where(team.c.trashed_micros < micros)
        return [(row[0], row[1]) for row in tx.connection.execute(query)]


def _teams() -> Select[*tuple[Any, ...]]:
    n_members = (
        select(func.count())
        .select_from(team_member)
        .where(team_member.c.team_id == team.c.id)
        .scalar_subquery()
    )
    columns: list[Any] = [
        team.c.id,
        team.c.name,
        team.c.created_micros,
        team.c.display_name,
        team.c.description,
        team.c.default_visibility,
        team.c.is_closed,
        team.c.trashed_micros,
        n_members,
    ]
    return select(*columns)
