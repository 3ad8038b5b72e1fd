"""Visibility of projects, and people and teams with roles of their own in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Table, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    project,
    project_member,
    project_team,
    team,
    user,
)


@dataclass(frozen=True, slots=True)
class ProjectAccessRow:
    """Who may see a project. `members` are roles by user, `teams` by team."""

    visibility: str
    open_role: str
    members: dict[str, str] = field(default_factory=dict[str, str])
    teams: dict[str, str] = field(default_factory=dict[str, str])


class ProjectAccessTable:
    """Reads and writes visibility and roles of projects."""

    def get(self, tx: Transaction, project_id: int) -> ProjectAccessRow:
        """The visibility and the roles of a project."""
        return self.rows(tx, [project_id])[project_id]

    def rows(self, tx: Transaction, project_ids: Collection[int]) -> dict[int, ProjectAccessRow]:
        """The visibility and the roles of projects, by row id."""
        query = select(project.c.id, project.c.visibility, project.c.open_role)
        rows = {
            row[0]: ProjectAccessRow(row[1], row[2])
            for row in tx.connection.execute(query.where(project.c.id.in_(project_ids)))
        }
        members = (
            select(project_member.c.project_id, user.c.name, project_member.c.role)
            .join(user, user.c.id == project_member.c.user_id)
            .where(project_member.c.project_id.in_(project_ids))
            .order_by(user.c.name)
        )
        for row_id, name, role in tx.connection.execute(members):
            rows[row_id].members[name] = role
        teams = (
            select(project_team.c.project_id, team.c.name, project_team.c.role)
            .join(team, team.c.id == project_team.c.team_id)
            .where(project_team.c.project_id.in_(project_ids), team.c.trashed_micros.is_(None))
            .order_by(team.c.name)
        )
        for row_id, name, role in tx.connection.execute(teams):
            rows[row_id].teams[name] = role
        return rows

    def edit(self, tx: Transaction, project_id: int, **values: Any) -> None:
        """Set `visibility` and `open_role`."""
        if values:
            update_row(tx, project, project_id, **values)

    def put_member(self, tx: Transaction, project_id: int, name: str, role: str | None) -> bool:
        """Give a user a role, or take it away; False if there is no such user."""
        return _put(tx, project_member, project_id, _user_id(name), role)

    def put_team(self, tx: Transaction, project_id: int, name: str, role: str | None) -> bool:
        """Give the members of a team a role, or take it away; False if there is no such team."""
        query = select(team.c.id).where(team.c.name == name, team.c.trashed_micros.is_(None))
        return _put(tx, project_team, project_id, query, role)


def _user_id(name: str) -> Select[tuple[int]]:
    return select(user.c.id).where(user.c.name == name)


def _put(
    tx: Transaction,
    table: Table,
    project_id: int,
    holder: Select[*tuple[Any, ...]],
    role: str | None,
) -> bool:
    """Set the role of a user or team, which is the table's second column."""
    row_id = tx.connection.execute(holder).scalar_one_or_none()
    if row_id is None:
        return False
    key = list(table.primary_key.columns)[1]
    if role is None:
        tx.connection.execute(
            table.delete().where(table.c.project_id == project_id, key == row_id)
        )
        return True
    statement = insert(tx, table).values(
        {"project_id": project_id, key.name: row_id, "role": role}
    )
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["project_id", key.name], set_={"role": role}
        )
    )
    return True
