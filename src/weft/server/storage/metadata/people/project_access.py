"""Visibility of projects, and people with roles of their own in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import project, project_member, user


@dataclass(frozen=True, slots=True)
class ProjectAccessRow:
    """Who may see a project. `members` are roles by user."""

    visibility: str
    open_role: str
    members: dict[str, str]


class ProjectAccessTable:
    """Reads and writes visibility and roles of projects."""

    def get(self, tx: Transaction, project_id: int) -> ProjectAccessRow:
        """The visibility and the roles of a project."""
        visibility, open_role = tx.connection.execute(
            select(project.c.visibility, project.c.open_role).where(project.c.id == project_id)
        ).one()
        query = (
            select(user.c.name, project_member.c.role)
            .join(project_member, project_member.c.user_id == user.c.id)
            .where(project_member.c.project_id == project_id)
            .order_by(user.c.name)
        )
        roles = {row[0]: row[1] for row in tx.connection.execute(query)}
        return ProjectAccessRow(visibility, open_role, roles)

    def edit(self, tx: Transaction, project_id: int, **values: Any) -> None:
        """Set `visibility` and `open_role`."""
        if values:
            tx.connection.execute(
                project.update().where(project.c.id == project_id).values(**values)
            )

    def put_member(self, tx: Transaction, project_id: int, name: str, role: str) -> bool:
        """Give a user a role; False if there is no such user."""
        user_id = tx.connection.execute(
            select(user.c.id).where(user.c.name == name)
        ).scalar_one_or_none()
        if user_id is None:
            return False
        statement = insert(tx, project_member).values(
            project_id=project_id, user_id=user_id, role=role
        )
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["project_id", "user_id"], set_={"role": role}
            )
        )
        return True

    def remove_member(self, tx: Transaction, project_id: int, name: str) -> None:
        """Take a user's own role away."""
        of_user = select(user.c.id).where(user.c.name == name)
        tx.connection.execute(
            project_member.delete().where(
                project_member.c.project_id == project_id, project_member.c.user_id.in_(of_user)
            )
        )
