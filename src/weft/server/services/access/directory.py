"""The directory: users, teams, roles and visibility, as of one version of the metadata. Pure.

It is small even for a company (2,000 users, 100 teams, 5,000 projects), so all of it is in memory:
a permission costs some look-ups and no query. `services.stores.people.People` loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import force_setattr

from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.roles import Role, Visibility

_NOTHING: Final[Mapping[str, Role]] = MappingProxyType({})


class UserEntry(NamedTuple):
    """A user.

    Attributes:
        home: the entity of runs that name none, None for the user's own.
        team: the team of a service account.
        seal: changes when a key or password is taken away, and ends what was derived from it.
    """

    name: str
    is_admin: bool = False
    is_disabled: bool = False
    home: str | None = None
    team: str | None = None
    seal: str = ""


class KeyEntry(NamedTuple):
    """An API key: its user, and what it is limited to."""

    row_id: int
    user: str
    prefix: str
    scope: str
    entity: str | None
    project: str | None
    expires_micros: int | None

    @property
    def is_whole(self) -> bool:
        """Whether the key allows all that its user may, without an end."""
        return self.scope == "admin" and self.entity is None and self.expires_micros is None


class Grant(Struct, frozen=True, gc=False):
    """A role or None, and the reason.

    Thousands of decisions need the role alone, so the sentence is formatted when it is read. A
    struct is made in a tenth of the time of a named tuple.

    >>> Grant(Role.VIEWER, "{1.text} of the team {0}", ("vision", Role.VIEWER)).reason
    'viewer of the team vision'
    """

    role: Role | None
    pattern: str
    values: tuple[object, ...] = ()

    @property
    def reason(self) -> str:
        """The reason in words."""
        return self.pattern.format(*self.values)


# `Role.ADMIN` is a call in Python up to 3.11, and each decision needs it.
_ADMIN: Final = Role.ADMIN

_NOT_SIGNED_IN: Final = Grant(None, "not signed in")
_PUBLIC: Final = Grant(Role.VIEWER, "the project is public")
OUTSIDER: Final = Grant(None, "neither named in the project nor a member of its team")
_TO_ALL: Final = {
    visibility: {
        role: Grant(role, "the project is {}: all users are {.text}s", (visibility, role))
        for role in Role
    }
    for visibility in ("open", "public")
}
_OWNER: Final = Grant(Role.ADMIN, "the owner of the project")


class TeamEntry(Struct, frozen=True):
    """A team and the roles of its members."""

    members: Mapping[str, Role]
    is_closed: bool = False


class ProjectEntry(Struct, frozen=True):
    """A project that is not simply private to its entity.

    Attributes:
        members: users with roles of their own.
        teams: the roles of the members of other teams.
        to_all: the grant of users with no other role.
    """

    visibility: Visibility = "private"
    open_role: Role = Role.VIEWER
    members: Mapping[str, Role] = _NOTHING
    teams: Mapping[str, Role] = _NOTHING
    to_all: Grant = OUTSIDER

    def __post_init__(self) -> None:
        grants = _TO_ALL.get(self.visibility)
        if grants is not None:
            force_setattr(self, "to_all", grants[self.open_role])


class Quota(NamedTuple):
    """The bytes and runs that an entity or project may have; None without a limit."""

    n_bytes: int | None
    n_runs: int | None


NO_QUOTA: Final = Quota(None, None)

_PRIVATE: Final = ProjectEntry()


@dataclass(frozen=True, slots=True)
class Directory:
    """All that decides who may do what."""

    version: int = 0
    users: Mapping[str, UserEntry] = field(default_factory=dict[str, UserEntry])
    keys: Mapping[str, KeyEntry] = field(default_factory=dict[str, KeyEntry])
    """By the hash of the key."""
    keys_by_id: Mapping[int, KeyEntry] = field(default_factory=dict[int, KeyEntry])
    teams: Mapping[str, TeamEntry] = field(default_factory=dict[str, TeamEntry])
    trashed_teams: Mapping[str, TeamEntry] = field(default_factory=dict[str, TeamEntry])
    projects: Mapping[tuple[str, str], ProjectEntry] = field(
        default_factory=dict[tuple[str, str], ProjectEntry]
    )
    quotas: Mapping[str, Quota] = field(default_factory=dict[str, Quota])
    """By entity, and by the path of a project."""
    moved: Mapping[tuple[str, str], tuple[str, str]] = field(
        default_factory=dict[tuple[str, str], tuple[str, str]]
    )
    """The present paths of projects by earlier ones."""
    has_public: bool = False
    local_owner: str | None = None
    """The entity that `local` stands for since the first administrator was made."""

    @property
    def names(self) -> list[str]:
        """The names of all users and teams, those in the trash included."""
        return [*self.users, *self.teams, *self.trashed_teams]

    def project(self, entity: str, project: str) -> ProjectEntry:
        return self.projects.get((entity, project), _PRIVATE)

    def role_in_team(self, user: str, team: str) -> Role | None:
        entry = self.teams.get(team)
        return None if entry is None else entry.members.get(user)

    def teams_of(self, user: str) -> dict[str, Role]:
        """The user's teams and roles in them, by name of the team."""
        return {
            name: entry.members[user]
            for name, entry in sorted(self.teams.items())
            if user in entry.members
        }

    def grant(self, user: str | None, entity: str, project: str) -> Grant:
        """The role of a user in a project, and why. `user` None: someone who is not signed in.

        An owner, or an admin of the team, may do anything. Else a role of one's own in the project
        counts, be it more or less than that in the team; else the greatest of the role in the team
        (unless the project is restricted), the roles that the project gives to other teams of the
        user, and the role of all users (if it is open or public).
        """
        entry = self.projects.get((entity, project), _PRIVATE)
        if user is None:
            return _PUBLIC if entry.visibility == "public" else _NOT_SIGNED_IN
        if user == entity:
            account = self.users.get(user)
            if account is not None and account.team is not None:
                return Grant(None, "a service account logs to its team {} alone", (account.team,))
            return _OWNER
        team = self.teams.get(entity)
        in_team = None if team is None else team.members.get(user)
        if in_team is _ADMIN:
            return Grant(_ADMIN, "an admin of the team {}", (entity,))
        own = entry.members.get(user)
        if own is not None:
            return Grant(own, "named in the project as {.text}", (own,))
        if in_team is None and not entry.teams:  # most of a list's projects, and most refusals
            return entry.to_all
        granted = _grant_of_role(entry, in_team, entity, user)
        if entry.teams:
            for name, role in entry.teams.items():
                if role > (granted.role or 0) and self.role_in_team(user, name) is not None:
                    granted = Grant(role, "members of the team {} are {.text}s here", (name, role))
        return granted

    def grant_of_role(self, in_team: Role | None, entity: str, project: str) -> Grant:
        """The role in a project of someone with a role in its team, but none in the project."""
        entry = self.projects.get((entity, project), _PRIVATE)
        return _grant_of_role(entry, in_team, entity, "someone")


def _grant_of_role(entry: ProjectEntry, in_team: Role | None, entity: str, user: str) -> Grant:
    if in_team is None:
        grant = OUTSIDER
    elif entry.visibility == "restricted":
        reason = "the project is restricted to named people, and {} is not one"
        grant = Grant(None, reason, (user,))
    else:
        grant = Grant(in_team, "{.text} of the team {}", (in_team, entity))
    return entry.to_all if (entry.to_all.role or 0) > (grant.role or 0) else grant


class DirectoryHolder:
    """The current directory. Each change replaces it, so who has the holder sees the newest."""

    def __init__(self, current: Directory | None = None) -> None:
        self.current = current or Directory()

    def look_for(self, target: ProjectPath | RunPath) -> None:
        """Read what is read for a project or run that is not there.

        A refusal that says so takes the time of one that is true.
        """


NO_PEOPLE: Final = DirectoryHolder()
"""The holder of actors that were made without one: users have their own entity alone."""
