"""All that decides who may do what, in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Connection, Text, cast, null, select, union_all

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import (
    api_key,
    api_key_limit,
    entity,
    project,
    project_address,
    project_member,
    project_team,
    service_account,
    setting,
    team,
    team_member,
    user,
)

_VERSION: Final = "people"
"""The setting with the number of changes."""

_LOCAL_OWNER: Final = "local_owner"
"""The setting with the entity that `local` stands for."""


@dataclass(frozen=True, slots=True)
class DirectoryRows:
    """The rows, by name.

    Attributes:
        users: name, whether an administrator, whether disabled, default entity, team of a service
            account, seal.
        keys: hash, row id, user, prefix, scope, entity and project of the limit, end.
        teams: name, whether closed, whether in the trash.
        members: team, user, role.
        projects: entity, project, visibility, role of all users; those that are not private.
        project_members: entity, project, user, role.
        project_teams: entity, project, team, role.
        quotas: entity, project (None: all of the entity), bytes, runs.
        moved: earlier entity and project, present entity and project.
    """

    version: int
    local_owner: str | None
    users: list[tuple[str, bool, bool, str | None, str | None, str]]
    keys: list[tuple[str, int, str, str, str, str | None, str | None, int | None]]
    teams: list[tuple[str, bool, bool]]
    members: list[tuple[str, str, str]]
    projects: list[tuple[str, str, str, str]]
    project_members: list[tuple[str, str, str, str]]
    project_teams: list[tuple[str, str, str, str]]
    quotas: list[tuple[str, str | None, int | None, int | None]]
    moved: list[tuple[str, str, str, str]]


_PRESENT_ENTITY = entity.c.team_id.is_(None) | entity.c.team_id.not_in(
    select(team.c.id).where(team.c.trashed_micros.is_not(None))
)
_PRESENT = project.c.trashed_micros.is_(None) & _PRESENT_ENTITY
_QUERIES: Final = (
    select(
        user.c.name, user.c.is_admin, user.c.disabled_micros.is_not(None),
        user.c.default_entity, team.c.name, user.c.seal,
    )
    .select_from(user)
    .outerjoin(service_account, service_account.c.user_id == user.c.id)
    .outerjoin(team, team.c.id == service_account.c.team_id),
    select(
        api_key.c.key_hash, api_key.c.id, user.c.name, api_key.c.prefix, api_key.c.scope,
        entity.c.name, project.c.name, api_key.c.expires_micros,
    )
    .select_from(api_key)
    .join(user, user.c.id == api_key.c.user_id)
    .outerjoin(api_key_limit, api_key_limit.c.key_id == api_key.c.id)
    .outerjoin(entity, entity.c.id == api_key_limit.c.entity_id)
    .outerjoin(project, project.c.id == api_key_limit.c.project_id),
    select(team.c.name, team.c.is_closed, team.c.trashed_micros.is_not(None)),
    select(team.c.name, user.c.name, team_member.c.role)
    .select_from(team_member)
    .join(team, team.c.id == team_member.c.team_id)
    .join(user, user.c.id == team_member.c.user_id),
    select(entity.c.name, project.c.name, project.c.visibility, project.c.open_role)
    .join_from(project, entity)
    .where(_PRESENT, project.c.visibility != "private"),
    select(entity.c.name, project.c.name, user.c.name, project_member.c.role)
    .select_from(project_member)
    .join(project, project.c.id == project_member.c.project_id)
    .join(entity, entity.c.id == project.c.entity_id)
    .join(user, user.c.id == project_member.c.user_id)
    .where(_PRESENT),
    select(entity.c.name, project.c.name, team.c.name, project_team.c.role)
    .select_from(project_team)
    .join(project, project.c.id == project_team.c.project_id)
    .join(entity, entity.c.id == project.c.entity_id)
    .join(team, team.c.id == project_team.c.team_id)
    .where(_PRESENT),
    union_all(
        select(entity.c.name, null(), entity.c.quota_bytes, entity.c.quota_runs).where(
            entity.c.quota_bytes.is_not(None) | entity.c.quota_runs.is_not(None)
        ),
        select(entity.c.name, project.c.name, project.c.quota_bytes, project.c.quota_runs)
        .join_from(project, entity)
        .where(
            _PRESENT,
            project.c.quota_bytes.is_not(None) | project.c.quota_runs.is_not(None),
        ),
    ),
    select(
        project_address.c.entity, project_address.c.project, entity.c.name, project.c.name
    )
    .select_from(project_address)
    .join(project, project.c.id == project_address.c.project_id)
    .join(entity, entity.c.id == project.c.entity_id)
    .where(_PRESENT),
)  # fmt: skip
"""The queries of the fields from `users` on: to write them takes longer than to run them."""


class DirectoryTable:
    """Reads users, teams, roles and visibility, and counts their changes."""

    def version(self, tx: Transaction) -> int:
        """The number of changes so far; each process compares it with its copy."""
        query = select(setting.c.value).where(setting.c.key == _VERSION)
        return int(tx.connection.execute(query).scalar_one_or_none() or 0)

    def advance(self, tx: Transaction) -> None:
        """Count a change. Each transaction that changes what `rows` reads does."""
        advance(tx.connection, tx)

    def set_local_owner(self, tx: Transaction, entity_name: str) -> None:
        """Have `local` stand for an entity."""
        statement = insert(tx, setting).values(key=_LOCAL_OWNER, value=entity_name)
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": entity_name})
        )

    def rows(self, tx: Transaction) -> DirectoryRows:
        """Read all of it."""
        version = self.version(tx)
        owner = select(setting.c.value).where(setting.c.key == _LOCAL_OWNER)
        local_owner = tx.connection.execute(owner).scalar_one_or_none()
        results = [[tuple(row) for row in tx.connection.execute(query)] for query in _QUERIES]
        return DirectoryRows(version, local_owner, *results)


def advance(connection: Connection, tx: Transaction) -> None:
    """See `DirectoryTable.advance`."""
    tx.things.add(("people", 0))
    # One more, in SQL, so that changes in two processes both count.
    next_version = cast(cast(setting.c.value, BigInteger) + 1, Text)
    statement = insert(tx, setting).values(key=_VERSION, value="1")
    connection.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": next_version})
    )
