"""Service accounts of teams in the metadata database: users without a password and an entity."""

from __future__ import annotations

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import service_account, team, team_member, user


class ServiceAccountTable:
    """Adds and lists service accounts; `UserTable.remove` removes one."""

    def add_service_account(
        self, tx: Transaction, team_name: str, name: str, *, role: str, seal: str, now_micros: int
    ) -> None:
        """Add a service account, as a member of a team that exists. The name is free."""
        team_id = select(team.c.id).where(team.c.name == team_name).scalar_subquery()
        values = {"name": name, "is_admin": False, "created_micros": now_micros, "seal": seal}
        statement = insert(tx, user).values(values).returning(user.c.id)
        user_id = tx.connection.execute(statement).scalar_one()
        tx.connection.execute(service_account.insert().values(user_id=user_id, team_id=team_id))
        tx.connection.execute(
            team_member.insert().values(
                team_id=team_id, user_id=user_id, role=role, joined_micros=now_micros
            )
        )

    def of_team(self, tx: Transaction, team_name: str) -> list[tuple[str, int]]:
        """Name and time of creation of a team's service accounts, by name."""
        query = (
            select(user.c.name, user.c.created_micros)
            .select_from(service_account)
            .join(user, user.c.id == service_account.c.user_id)
            .join(team, team.c.id == service_account.c.team_id)
            .where(team.c.name == team_name)
            .order_by(user.c.name)
        )
        return [(name, created) for name, created in tx.connection.execute(query)]
