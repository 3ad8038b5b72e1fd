"""Access to projects: visibility, roles of people in them, and why someone sees one."""

from __future__ import annotations

from weft.errors import ConfigError, NotFound
from weft.server.services.access.actors import Actor, SeenAs
from weft.server.services.access.directory import Grant
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import LEAST_ROLE, Action, grant, may, require
from weft.server.services.access.roles import Role
from weft.server.services.stores.project_access import change_access
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ProjectAccessRow, Transaction
from weft.wire.projects.access import AccessExplanation, ProjectAccess, ProjectAccessEdit, SeeAs


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
        with self._people.write() as tx:
            change_access(self._stores, tx, actor, path, self._find(tx, path), edit)
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
        granted = grant(person, holder_of(path))
        if entry.is_disabled:
            granted = Grant(None, "the user is disabled")
        role = granted.role
        return AccessExplanation(
            user=user,
            role=None if role is None else role.text,
            reason=granted.reason,
            may=[
                action.value
                for action in LEAST_ROLE
                if role is not None and may(person, action, holder_of(path))
            ],
        )

    def see_as(self, actor: Actor, path: ProjectPath, choice: SeeAs) -> SeenAs:
        """The view that an admin of a project takes from now on; noted in the audit log."""
        require(actor, Action.ADMIN, holder_of(path))
        if choice.user is not None and choice.role is not None:
            raise ConfigError("role: name a user or a role, not both", field="role")
        if choice.role == Role.ADMIN.text:
            raise ConfigError("role: admins see what you see; choose another role", field="role")
        with self._stores.metadata.read() as tx:
            self._find(tx, path)
        if choice.user is not None and choice.user not in self._people.current.users:
            raise NotFound(f"no user {choice.user!r}")
        seen_as = SeenAs(None if choice.role is None else Role.parse(choice.role), choice.user)
        after = {"user": choice.user, "role": choice.role}
        self._stores.audit.note_alone(actor, "project.see_as", path.entity, path, after)
        return seen_as

    def _find(self, tx: Transaction, path: ProjectPath) -> int:
        project_id = self._stores.metadata.projects.find_project(tx, *path)
        if project_id is None:
            raise NotFound(f"no project {path}")
        return project_id

    def _describe(self, actor: Actor, path: ProjectPath, row: ProjectAccessRow) -> ProjectAccess:
        role = grant(actor, holder_of(path)).role
        is_known = actor.user is not None or actor.may_all
        return ProjectAccess(
            visibility=row.visibility,
            open_role=row.open_role,
            # Someone who is not signed in learns no names.
            members=row.members if is_known else {},
            teams=row.teams if is_known else {},
            role=None if role is None else role.text,
        )
