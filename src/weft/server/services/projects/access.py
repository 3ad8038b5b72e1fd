"""Access to projects: visibility, roles of people in them, and why someone sees one."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from weft.errors import Conflict, NotFound
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import LEAST_ROLE, Action, grant, require
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ProjectAccessRow, Transaction
from weft.wire.projects.access import AccessExplanation, ProjectAccess, ProjectAccessEdit


class AccessService:
    """Reads, changes and explains who may see projects and registries. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people = stores.people

    def get(self, actor: Actor, path: ProjectPath) -> ProjectAccess:
        """Describe who may see a project."""
        require(actor, Action.READ, holder_of(path))
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.project_access.get(tx, self._find(tx, path))
        return self._describe(actor, path, row)

    def edit(self, actor: Actor, path: ProjectPath, edit: ProjectAccessEdit) -> ProjectAccess:
        """Change the visibility and roles of a project.

        Conflict if its team is closed and it would become open or public.
        """
        require(actor, Action.ADMIN, holder_of(path))
        table = self._stores.metadata.project_access
        values: dict[str, Any] = {}
        if edit.visibility is not UNSET:
            self._check_visibility(path, edit.visibility)
            values["visibility"] = edit.visibility
        if edit.open_role is not UNSET:
            values["open_role"] = edit.open_role
        with self._people.write() as tx:
            project_id = self._find(tx, path)
            before = table.get(tx, project_id)
            table.edit(tx, project_id, **values)
            for name, role in edit.members.items():
                if role is None:
                    table.remove_member(tx, project_id, name)
                elif not table.put_member(tx, project_id, name, role):
                    raise NotFound(f"no user {name!r}")
            self._note(tx, actor, path, before, table.get(tx, project_id))
        return self.get(actor, path)

    def explain(self, actor: Actor, path: ProjectPath, user: str) -> AccessExplanation:
        """Explain what a user may do in a project."""
        require(actor, Action.READ if actor.user == user else Action.ADMIN, holder_of(path))
        with self._stores.metadata.read() as tx:
            self._find(tx, path)
        entry = self._people.current.users.get(user)
        if entry is None:
            raise NotFound(f"no user {user!r}")
        person = Actor("user", user, is_admin=entry.is_admin, people=self._people)
        role, reason = grant(person, holder_of(path))
        if entry.is_disabled:
            role, reason = None, "the user is disabled"
        return AccessExplanation(
            user=user,
            role=None if role is None else role.text,
            reason=reason,
            may=[
                action.value
                for action, least in LEAST_ROLE.items()
                if role is not None and role >= least
            ],
        )

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        path: ProjectPath,
        before: ProjectAccessRow,
        after: ProjectAccessRow,
    ) -> None:
        """Note the changes in the audit log: those of all users, and those of each person."""
        note = self._stores.audit.note
        settings = [
            {"visibility": row.visibility, "open_role": row.open_role} for row in (before, after)
        ]
        if settings[0] != settings[1]:
            note(tx, actor, "project.access", path.entity, path, *settings)
        for name in sorted(before.members.keys() | after.members.keys()):
            roles = before.members.get(name), after.members.get(name)
            if roles[0] != roles[1]:
                note(
                    tx, actor, "project.member", path.entity, path,
                    {"user": name, "role": roles[0]}, {"user": name, "role": roles[1]},
                )  # fmt: skip

    def _check_visibility(self, path: ProjectPath, visibility: str) -> None:
        if path.entity == REGISTRY and visibility == "private":
            raise Conflict("a registry belongs to no one: make it restricted instead")
        team = self._people.current.teams.get(path.entity)
        if team is not None and team.is_closed and visibility in {"open", "public"}:
            raise Conflict(
                f"the team {path.entity} is closed: its projects can't be {visibility}; an admin "
                "of the team can change that"
            )

    def _find(self, tx: Transaction, path: ProjectPath) -> int:
        project_id = self._stores.metadata.projects.find(tx, *path)
        if project_id is None:
            raise NotFound(f"no project {path}")
        return project_id

    def _describe(self, actor: Actor, path: ProjectPath, row: ProjectAccessRow) -> ProjectAccess:
        role = grant(actor, holder_of(path)).role
        return ProjectAccess(
            visibility=row.visibility,
            open_role=row.open_role,
            # Someone who is not signed in learns no names.
            members=row.members if actor.user is not None or actor.may_all else {},
            role=None if role is None else role.text,
        )
