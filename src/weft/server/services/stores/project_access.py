"""Changes who may see a project or registry, in the transaction of a caller, and notes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from weft.errors import Conflict, NotFound
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction
from weft.wire.projects.access import ProjectAccessEdit


def change_access(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    path: ProjectPath,
    project_id: int,
    edit: ProjectAccessEdit,
) -> None:
    """Change visibility and roles. `tx` is one of `People.write`.

    Conflict if the project's team is closed and it would become open or public; NotFound for an
    unknown user or team.
    """
    table = stores.metadata.project_access
    values: dict[str, Any] = {}
    if edit.visibility is not UNSET:
        _check_visibility(stores, path, edit.visibility)
        values["visibility"] = edit.visibility
    if edit.open_role is not UNSET:
        values["open_role"] = edit.open_role
    before = table.get(tx, project_id)
    table.edit(tx, project_id, **values)
    for name, role in edit.members.items():
        # A role of a user who was removed meanwhile is gone already.
        if not table.put_member(tx, project_id, name, role) and role is not None:
            raise NotFound(f"no user {name!r}; `weft server user list` names them")
    for name, role in edit.teams.items():
        if name == path.entity:
            raise Conflict(f"{name} owns the project: its members have the roles of the team")
        if not table.put_team(tx, project_id, name, role) and role is not None:
            raise NotFound(f"no team {name!r}; `weft server team list` names them")
    after = table.get(tx, project_id)
    settings = [
        {"visibility": row.visibility, "open_role": row.open_role} for row in (before, after)
    ]
    if settings[0] != settings[1]:
        stores.audit.note(tx, actor, "project.access", path.entity, holder_of(path), *settings)
    _note_roles(stores, tx, actor, path, "user", before.members, after.members)
    _note_roles(stores, tx, actor, path, "team", before.teams, after.teams)


def _note_roles(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    path: ProjectPath,
    kind: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    """Note each role that changed in the audit log."""
    for name in sorted(before.keys() | after.keys()):
        roles = before.get(name), after.get(name)
        if roles[0] != roles[1]:
            stores.audit.note(
                tx, actor, "project.member", path.entity, holder_of(path),
                {kind: name, "role": roles[0]}, {kind: name, "role": roles[1]},
            )  # fmt: skip


def _check_visibility(stores: Stores, path: ProjectPath, visibility: str) -> None:
    if path.entity == REGISTRY and visibility == "private":
        raise Conflict("a registry belongs to no one: make it restricted instead")
    team = stores.people.current.teams.get(path.entity)
    if team is not None and team.is_closed and visibility in {"open", "public"}:
        raise Conflict(
            f"the team {path.entity} is closed: its projects can't be {visibility}; an admin "
            "of the team can change that"
        )
