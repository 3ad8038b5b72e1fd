"""Projects."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody

RoleName = Annotated[
    str,
    one_of(
        "viewer",
        "member",
        "admin",
        description="viewer: may read; member: may also log, edit and delete runs; admin: may "
        "also change settings, roles and visibility, and delete whole projects",
    ),
]


class Project(Struct, frozen=True, kw_only=True):
    """A set of runs to compare."""

    entity: str
    project: str
    description: Annotated[str | None, Meta(description="text that a user wrote")]
    created_micros: int
    active_micros: Annotated[int, Meta(description="last activity of any of its runs")]
    n_runs: int
    n_running: int
    role: Annotated[
        RoleName | None, Meta(description="yours; null: the server is older than this client")
    ] = None
    is_closed: Annotated[
        bool, Meta(description="it belongs to a closed team, of which nothing is shared")
    ] = False
    warnings: Annotated[
        list[str],
        Meta(
            description="possible mistakes, such as a name that differs from another project's in "
            "letter case only; empty in lists"
        ),
    ] = []


class ProjectList(Struct, frozen=True):
    """All projects, newest activity first."""

    projects: list[Project]


class ProjectActivity(Struct, frozen=True, kw_only=True):
    """The number of runs that were recently created in a project."""

    entity: str
    project: str
    n_new_runs: Annotated[
        list[int],
        Meta(description="runs created in each 24 hours, oldest first; the last 24 hours end now"),
    ]


class ProjectActivityList(Struct, frozen=True):
    """The projects in which runs were recently created."""

    projects: list[ProjectActivity]


class ProjectEdit(RequestBody, frozen=True, kw_only=True):
    """Fields to change. An omitted field stays the same, null clears it."""

    description: str | UnsetType | None = UNSET


class ProjectUndelete(RequestBody, frozen=True, kw_only=True):
    """Options to restore a project from the trash."""

    name: Annotated[str | None, Meta(description="new name, needed if the old one is taken")] = (
        None
    )


class ProjectLocks(Struct, frozen=True, kw_only=True):
    """The locked runs and versions of a project, and who locked each."""

    runs: Annotated[dict[str, str], Meta(description="users, by the ids of runs")]
    versions: Annotated[dict[str, str], Meta(description="users, by versions, as `digits:v3`")]


_projects = Endpoints("/api/v1/projects", tag="projects")


@_projects.get()
def list_projects() -> ProjectList:
    """List all projects, most recent activity first."""


@_projects.get("/activity")
def list_activity(*, days: Annotated[int, Meta(ge=1, le=366)] = 30) -> ProjectActivityList:
    """Count the runs created on each of the last days, for projects that have any."""


@_projects.get("/{entity}/{project}")
def get_project(entity: str, project: str) -> Project:
    """Return one project."""


@_projects.put("/{entity}/{project}")
def put_project(
    entity: str,
    project: str,
    edit: ProjectEdit = ProjectEdit(),  # noqa: B008 (a frozen struct)
) -> Project:
    """Create a project if it does not exist, and set its description."""


@_projects.patch("/{entity}/{project}")
def edit_project(entity: str, project: str, edit: ProjectEdit) -> Project:
    """Edit a project's description."""


@_projects.delete("/{entity}/{project}")
def delete_project(entity: str, project: str, *, permanently: bool = False) -> None:
    """Move a project and its runs to the trash, or delete it permanently."""


@_projects.get("/{entity}/{project}/locks")
def list_project_locks(entity: str, project: str) -> ProjectLocks:
    """List what is locked against deletion in a project. While there is any, the project can't be
    deleted.
    """


@_projects.post("/{entity}/{project}/undelete")
def undelete_project(
    entity: str,
    project: str,
    options: ProjectUndelete = ProjectUndelete(),  # noqa: B008 (a frozen struct)
) -> Project:
    """Restore the most recently deleted project of that name, with its runs."""
