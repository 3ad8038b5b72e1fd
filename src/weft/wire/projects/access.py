"""Access to projects: visibility, roles, and why someone sees one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.limits import MAX_ID_BYTES
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.projects.projects import Project, RoleName
from weft.wire.server.teams import NewRole, NewVisibility, UserName, VisibilityName


class ProjectAccess(Struct, frozen=True, kw_only=True):
    """Who may see and change a project."""

    visibility: VisibilityName
    open_role: Annotated[
        RoleName, Meta(description="of all who are signed in, if the project is open or public")
    ]
    members: Annotated[dict[str, RoleName], Meta(description="users with roles of their own")]
    teams: Annotated[
        dict[str, RoleName], Meta(description="other teams, and the role of their members")
    ]
    role: Annotated[RoleName | None, Meta(description="yours")]


class ProjectAccessEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of the access to a project; fields that are left out stay."""

    visibility: NewVisibility | UnsetType = UNSET
    open_role: NewRole | UnsetType = UNSET
    members: Annotated[
        dict[UserName, NewRole | None],
        Meta(max_length=1000, description="roles to give; null takes one away"),
    ] = {}
    teams: Annotated[
        dict[UserName, NewRole | None],
        Meta(max_length=1000, description="roles of other teams' members; null takes one away"),
    ] = {}


class AccessExplanation(Struct, frozen=True, kw_only=True):
    """The role of a user in a project, and why."""

    user: str
    role: Annotated[RoleName | None, Meta(description="null: the user does not see the project")]
    reason: str
    may: Annotated[list[str], Meta(description="of read, log, write, share, delete and admin")]


class SeeAs(RequestBody, frozen=True, kw_only=True):
    """The view to take: of a user, of a role, or without both of someone who has no role."""

    user: UserName | None = None
    role: NewRole | None = None


class ProjectMove(RequestBody, frozen=True, kw_only=True):
    """Another entity or name for a project; what is left out stays."""

    entity: Annotated[str, Meta(max_length=MAX_ID_BYTES)] | None = None
    project: Annotated[str, Meta(max_length=MAX_ID_BYTES)] | None = None


class ProjectMoves(RequestBody, frozen=True, kw_only=True):
    """Another entity for several projects."""

    projects: Annotated[
        Sequence[Annotated[str, Meta(max_length=2 * MAX_ID_BYTES + 1)]],
        Meta(min_length=1, max_length=1000, description="each as ENTITY/PROJECT"),
    ]
    entity: Annotated[str, Meta(max_length=MAX_ID_BYTES, description="a user or a team")]
    dry_run: Annotated[bool, Meta(description="only report what would be refused")] = False


class MovedProject(Struct, frozen=True, kw_only=True):
    """One of several projects that are moved together."""

    project: str
    to: Annotated[str, Meta(description="its new path")]
    refusal: Annotated[str | None, Meta(description="why it can't be moved; null: it can")]


class ProjectMoveReport(Struct, frozen=True, kw_only=True):
    """The outcome of moving several projects."""

    moves: Sequence[MovedProject]
    is_moved: Annotated[bool, Meta(description="false for a dry run")]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="projects")
_projects = Endpoints("/api/v1/projects", tag="projects")
_server = Endpoints("/api/v1", tag="projects")


@_project.get("/access")
def get_project_access(entity: str, project: str) -> ProjectAccess:
    """Return who may see a project."""


@_project.patch("/access")
def edit_project_access(entity: str, project: str, edit: ProjectAccessEdit) -> ProjectAccess:
    """Change who may see a project. Its admins may."""


@_project.get("/access/{user}")
def explain_access(entity: str, project: str, user: str) -> AccessExplanation:
    """Explain what a user may do in a project, and why. Its admins may, and each user for
    themselves.
    """


@_project.post("/see-as")
def see_project_as(entity: str, project: str, choice: SeeAs) -> None:
    """Have this browser show pages as someone else sees them, until it is closed, for two hours at
    most. Its admins may.

    The answer sets a cookie, which counts with the present session alone, and not with a key.
    Meanwhile nothing can be changed, what you
    manage is shown as the user or role sees it, and the rest as to everyone who is signed in.
    """


@_server.delete("/see-as")
def stop_seeing_as() -> None:
    """Have this browser show pages as you see them again."""


@_project.post("/move")
def move_project(entity: str, project: str, move: ProjectMove) -> Project:
    """Move a project to another entity, or rename it, with all that it has. Its old addresses lead
    to it.

    Admins of the project may, if they are members of the other entity.
    """


@_projects.post("/move")
def move_projects(moves: ProjectMoves) -> ProjectMoveReport:
    """Move several projects to another entity, as `move_project` does, all of them or none.

    If one can't be moved, none is, and the error says why. A dry run answers for each.
    """
