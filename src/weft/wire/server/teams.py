"""Teams: groups of users that own projects together."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.limits import MAX_ID_BYTES
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.projects.projects import ProjectLocks, RoleName

NewRole = Literal["viewer", "member", "admin"]
NewVisibility = Literal["private", "restricted", "open", "public"]
VisibilityName = Annotated[
    str,
    one_of(
        "private", "restricted", "open", "public",
        description="private: its user or team; restricted: people named in it; open: all who are "
        "signed in; public: anyone may read",
    ),
]  # fmt: skip

UserName = Annotated[str, Meta(max_length=MAX_ID_BYTES)]
_DisplayName = Annotated[str, Meta(max_length=128)]
_Description = Annotated[str, Meta(max_length=10_000)]


class Team(Struct, frozen=True, kw_only=True):
    """A team, which owns the entity of its name."""

    name: str
    display_name: str
    description: str
    created_micros: int
    default_visibility: Annotated[VisibilityName, Meta(description="of new projects")]
    is_closed: Annotated[
        bool, Meta(description="none of its projects can become open or public, or be shared")
    ]
    trashed_micros: Annotated[int | None, Meta(description="when it was deleted")]
    n_members: int
    n_projects: Annotated[int, Meta(description="those that you may see")]
    role: Annotated[RoleName | None, Meta(description="yours; null: you are not a member")]


class TeamList(Struct, frozen=True, kw_only=True):
    """Teams, by name."""

    teams: list[Team]
    may_create: Annotated[bool, Meta(description="whether you may create a team")]


class TeamMember(Struct, frozen=True, kw_only=True):
    """A member of a team."""

    user: str
    display_name: str
    role: RoleName
    joined_micros: int
    is_disabled: bool
    is_service_account: bool
    seen_micros: Annotated[
        int | None,
        Meta(
            description="when they last used this server, by a browser or key, to ten minutes; "
            "null: never, or you are not an admin of the team"
        ),
    ]


class TeamDetails(Struct, frozen=True, kw_only=True):
    """A team and its members, by name."""

    team: Team
    members: list[TeamMember]


class TeamLocks(Struct, frozen=True, kw_only=True):
    """The projects of a team that have something locked, by name."""

    projects: dict[str, ProjectLocks]


class TeamAddition(RequestBody, frozen=True, kw_only=True):
    """A team to create."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            description="1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`, first a letter or "
            "digit; also the name of the team's entity",
        ),
    ]
    display_name: _DisplayName = ""
    description: _Description = ""
    default_visibility: NewVisibility = "private"
    is_closed: bool = False
    members: Annotated[
        dict[UserName, NewRole],
        Meta(max_length=1000, description="roles by user; you become an admin without it"),
    ] = {}
    take_over: Annotated[
        bool, Meta(description="own the projects that are left under this name, else refused")
    ] = False


class TeamEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a team; fields that are left out stay."""

    display_name: _DisplayName | UnsetType = UNSET
    description: _Description | UnsetType = UNSET
    default_visibility: NewVisibility | UnsetType = UNSET
    is_closed: bool | UnsetType = UNSET


class Membership(RequestBody, frozen=True, kw_only=True):
    """The role of a member."""

    role: NewRole


_teams = Endpoints("/api/v1/teams", tag="teams")


@_teams.get()
def list_teams(*, trashed: bool = False) -> TeamList:
    """List your teams; administrators see all. With `trashed`, those in the trash instead."""


@_teams.post()
def add_team(new: TeamAddition) -> TeamDetails:
    """Create a team. Administrators may, and all users if the server's settings say so."""


@_teams.get("/{team}")
def get_team(team: str) -> TeamDetails:
    """Return a team and its members. Members and administrators may see it."""


@_teams.patch("/{team}")
def edit_team(team: str, edit: TeamEdit) -> TeamDetails:
    """Change a team. Its admins may."""


@_teams.delete("/{team}")
def delete_team(team: str) -> None:
    """Move a team with its projects to the trash: only administrators of the server see them."""


@_teams.get("/{team}/locks")
def list_team_locks(team: str) -> TeamLocks:
    """List what is locked against deletion in the projects of a team. While there is any, the team
    can't be deleted. Admins of the team may.
    """


@_teams.post("/{team}/undelete")
def undelete_team(team: str) -> TeamDetails:
    """Restore a team with its members and projects. Its former admins may."""


@_teams.put("/{team}/members/{user}")
def put_team_member(team: str, user: str, membership: Membership) -> TeamDetails:
    """Add a user to a team, or change their role. Admins of the team may."""


@_teams.delete("/{team}/members/{user}")
def remove_team_member(team: str, user: str) -> None:
    """Take a user out of a team. Admins of the team may, and each member themselves."""
