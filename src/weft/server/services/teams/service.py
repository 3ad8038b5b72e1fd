"""Teams: create, describe, edit, delete, restore; members and their roles."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET, structs

from weft.errors import ConfigError, Conflict, Forbidden, NotFound
from weft.records.actions.audit import AuditAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.last_admins import check_admin_remains
from weft.server.services.access.locked import check_projects_unlocked
from weft.server.services.access.names import check_entity_name
from weft.server.services.access.paths import EntityPath, ProjectPath, TrashedTeamPath
from weft.server.services.access.permissions import (
    SERVER,
    Action,
    grant,
    may,
    require,
    require_own,
)
from weft.server.services.access.roles import Role
from weft.server.services.artifacts.linking import check_unlinked
from weft.server.services.removal.deleting import lockers, locks_of_project
from weft.server.services.stores.heritage import check_no_heritage
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import TeamRow, Transaction, clean_text
from weft.wire.projects.projects import ProjectLocks
from weft.wire.server.teams import (
    Membership,
    Team,
    TeamAddition,
    TeamDetails,
    TeamEdit,
    TeamLocks,
    TeamMember,
)

_SHOWN: Final = ("open", "public")


class TeamService:
    """Operations on teams. Thread-safe."""

    def __init__(self, stores: Stores, *, users_create: bool = False) -> None:
        """Make the service; `users_create` lets all users create teams."""
        self._stores = stores
        self._people = stores.people
        self._users_create = users_create

    def may_create(self, actor: Actor) -> bool:
        """Whether the actor may create teams."""
        require(actor, Action.READ, SERVER)
        if may(actor, Action.ADMIN, SERVER):
            return True
        entry = self._people.current.users.get(actor.user or "")
        is_person = entry is not None and entry.team is None
        return (
            self._users_create
            and is_person
            and may(actor, Action.ADMIN, EntityPath(actor.user or ""))
        )

    def list(self, actor: Actor, *, trashed: bool = False) -> builtins.list[Team]:
        """List the actor's teams, or those in the trash that the actor may restore."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.teams.all(tx)
            projects = self._stores.metadata.teams.projects(tx)
        return [
            _team(actor, row, projects.get(row.name, []))
            for row in rows
            if (row.trashed_micros is not None) == trashed
            and may(actor, Action.ADMIN if trashed else Action.READ, _path(row))
        ]

    def get(self, actor: Actor, team: str) -> TeamDetails:
        """Describe a team and its members."""
        require(actor, Action.READ, EntityPath(team))
        with self._stores.metadata.read() as tx:
            return self._details(tx, actor, self._row(tx, team))

    def add_team(self, actor: Actor, new: TeamAddition) -> TeamDetails:
        """Create a team. A user who creates one is an admin of it."""
        require(actor, Action.READ, SERVER)
        if not self.may_create(actor):
            require(actor, Action.ADMIN, SERVER)
        members: dict[str, str] = dict(new.members)
        is_named = Role.ADMIN.text in members.values()
        if actor.user is not None and not (is_named and actor.may_all):
            members[actor.user] = Role.ADMIN.text
        elif not is_named:
            raise ConfigError("members: a team needs an admin: name one", field="members")
        _check_default(new.default_visibility, is_closed=new.is_closed)
        metadata = self._stores.metadata
        with self._people.write() as tx:
            directory = self._people.current
            check_entity_name(new.name, directory.names)
            if new.take_over:
                require(actor, Action.ADMIN, SERVER)  # the projects of an entity without an owner
            check_no_heritage(self._stores, tx, new.name, "team", take_over=new.take_over)
            metadata.teams.add_team(
                tx, new.name, self._stores.now(),
                display_name=clean_text(new.display_name),
                description=clean_text(new.description),
                default_visibility=new.default_visibility, is_closed=new.is_closed,
            )  # fmt: skip
            self._note(tx, actor, "team.add", new.name)
            for user, role in sorted(members.items()):
                self._put_member(tx, actor, new.name, user, role)
        return self.get(actor, new.name)

    def edit(self, actor: Actor, team: str, edit: TeamEdit) -> TeamDetails:
        """Change a team. Conflict if it is to be closed while projects are open or public."""
        require(actor, Action.ADMIN, EntityPath(team))
        values: dict[str, Any] = {
            name: clean_text(value) if isinstance(value, str) else value
            for name, value in structs.asdict(edit).items()
            if value is not UNSET
        }
        with self._people.write() as tx:
            row = self._row(tx, team)
            is_closed = values.get("is_closed", row.is_closed)
            visibility = values.get("default_visibility", row.default_visibility)
            if is_closed and not row.is_closed and "default_visibility" not in values:
                visibility = "private" if visibility in _SHOWN else visibility
                values["default_visibility"] = visibility
            _check_default(visibility, is_closed=is_closed)
            shown = self._stores.metadata.teams.shown_projects(tx, row.row_id)
            if is_closed and shown:
                raise Conflict(
                    f"projects of {team} are open or public: {', '.join(shown[:10])}; make them "
                    "private or restricted first"
                )
            self._stores.metadata.teams.edit(tx, row.row_id, **values)
            before = {name: getattr(row, name) for name in values}
            self._stores.audit.note(tx, actor, "team.change", team, team, before, values)
        return self.get(actor, team)

    def delete(self, actor: Actor, team: str) -> None:
        """Move a team to the trash. Its members lose their roles, until it is restored.

        Conflict if a version of one of its projects is linked in a registry, or if something in
        them is locked.
        """
        require(actor, Action.ADMIN, EntityPath(team))
        metadata = self._stores.metadata
        with self._people.write() as tx:
            row = self._row(tx, team)
            for project_id in metadata.projects.ids_of_entities(tx, [team]):
                links = metadata.links.to_project(tx, project_id)
                check_unlinked(actor, links, f"an artifact of {team}")
            locks = {
                f"{team}/{project}": lockers(of_project, prefix=f"{team}/{project}/")
                for project, of_project in self._locks(tx, team).items()
            }
            check_projects_unlocked(locks, f"team {team}")
            metadata.teams.edit(tx, row.row_id, trashed_micros=self._stores.now())
            self._note(tx, actor, "team.remove", team)

    def locks(self, actor: Actor, team: str) -> TeamLocks:
        """List what is locked in the projects of a team."""
        require(actor, Action.ADMIN, EntityPath(team))
        with self._stores.metadata.read() as tx:
            self._row(tx, team)
            return TeamLocks(projects=self._locks(tx, team))

    def undelete(self, actor: Actor, team: str) -> TeamDetails:
        """Restore a team from the trash, with its members and projects."""
        require(actor, Action.ADMIN, TrashedTeamPath(team))
        metadata = self._stores.metadata
        with self._people.write() as tx:
            row = metadata.teams.find_team(tx, team)
            if row is None or row.trashed_micros is None:
                raise NotFound(f"no team {team!r} in the trash")
            metadata.teams.edit(tx, row.row_id, trashed_micros=None)
            self._note(tx, actor, "team.restore", team)
        return self.get(actor, team)

    def put_member(
        self, actor: Actor, team: str, user: str, membership: Membership
    ) -> TeamDetails:
        """Give a user a role in a team. Conflict if the last admin would lose theirs."""
        require(actor, Action.ADMIN, EntityPath(team))
        with self._people.write() as tx:
            self._row(tx, team)
            if membership.role != Role.ADMIN.text:
                check_admin_remains(self._people.current, team, user)
            self._put_member(tx, actor, team, user, membership.role)
        if not may(actor, Action.READ, EntityPath(team)):
            raise Forbidden(f"{actor.shown} is not a member of {team} any more")
        return self.get(actor, team)

    def remove_member(self, actor: Actor, team: str, user: str) -> None:
        """Take a user out of a team. Each user may leave; Conflict for the last admin."""
        require(actor, Action.READ if actor.user == user else Action.ADMIN, EntityPath(team))
        require_own(actor, EntityPath(team))
        with self._people.write() as tx:
            self._row(tx, team)
            entry = self._people.current.users.get(user)
            if user not in self._people.current.teams[team].members:
                raise NotFound(f"{user} is not a member of {team}")
            if entry is not None and entry.team == team:
                raise Conflict(f"{user} is a service account of {team}: delete it instead")
            check_admin_remains(self._people.current, team, user)
            self._stores.metadata.accounts.leave_team(tx, user, team)
            self._note(tx, actor, "member.remove", team, user)

    def _put_member(self, tx: Transaction, actor: Actor, team: str, user: str, role: str) -> None:
        entry = self._people.current.users.get(user)
        if entry is None:
            raise NotFound(f"no user {user!r}; invite them, or `weft server user add {user}`")
        if entry.team not in {None, team}:
            raise Conflict(f"{user} is a service account of the team {entry.team}")
        before = self._people.current.role_in_team(user, team)
        self._stores.metadata.accounts.join_team(tx, user, team, role, self._stores.now())
        self._stores.audit.note(
            tx, actor, "member.add" if before is None else "member.role", team, user,
            None if before is None else {"role": before.text}, {"role": role},
        )  # fmt: skip

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        action: AuditAction,
        team: str,
        user: str | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self._stores.audit.note(tx, actor, action, team, user or team, None, after)

    def _row(self, tx: Transaction, team: str) -> TeamRow:
        row = self._stores.metadata.teams.find_team(tx, team)
        if row is None or row.trashed_micros is not None:
            raise NotFound(f"no team {team!r}")
        return row

    def _locks(self, tx: Transaction, team: str) -> dict[str, ProjectLocks]:
        """The locked runs and versions of a team's projects that have any, by name."""
        metadata = self._stores.metadata
        locks: dict[str, ProjectLocks] = {}
        for project_id in metadata.projects.ids_of_entities(tx, [team]):
            path = metadata.projects.path(tx, project_id)
            of_project = locks_of_project(metadata, tx, project_id)
            # a project in the trash has nothing that is locked
            if path is not None and (of_project.runs or of_project.versions):
                locks[path[1]] = of_project
        return dict(sorted(locks.items()))

    def _details(self, tx: Transaction, actor: Actor, row: TeamRow) -> TeamDetails:
        rows = self._stores.metadata.teams.members(tx, row.row_id)
        projects = self._stores.metadata.projects.names_of_entity(tx, row.name)
        may_manage = may(actor, Action.ADMIN, EntityPath(row.name))
        return TeamDetails(
            team=_team(actor, row, projects),
            members=[
                TeamMember(
                    user=member.user,
                    display_name=member.display_name,
                    role=member.role,
                    joined_micros=member.joined_micros,
                    is_disabled=member.is_disabled,
                    is_service_account=member.is_service_account,
                    seen_micros=member.seen_micros if may_manage else None,
                )
                for member in rows
            ],
        )


def _path(row: TeamRow) -> EntityPath | TrashedTeamPath:
    return EntityPath(row.name) if row.trashed_micros is None else TrashedTeamPath(row.name)


def _team(actor: Actor, row: TeamRow, projects: Sequence[str]) -> Team:
    role = grant(actor, _path(row)).role
    # A team in the trash is listed for those who may restore all of it.
    visible = (
        projects
        if row.trashed_micros is not None
        else [
            project
            for project in projects
            if may(actor, Action.READ, ProjectPath(row.name, project))
        ]
    )
    return Team(
        name=row.name,
        display_name=row.display_name,
        description=row.description,
        created_micros=row.created_micros,
        default_visibility=row.default_visibility,
        is_closed=row.is_closed,
        trashed_micros=row.trashed_micros,
        n_members=row.n_members,
        n_projects=len(visible),
        role=None if role is None else role.text,
    )


def _check_default(visibility: str, *, is_closed: bool) -> None:
    if is_closed and visibility in _SHOWN:
        raise ConfigError(
            f"default_visibility: projects of a closed team can't be {visibility}",
            field="default_visibility",
        )
