"""Routes of projects."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.projects.projects import (
    Project,
    ProjectActivityList,
    ProjectEdit,
    ProjectList,
    ProjectUndelete,
)

routes = Routes("/api/v1/projects", tag="projects")


@routes.get()
def list_projects(services: Services, actor: Actor) -> ProjectList:
    """List all projects, most recent activity first."""
    return ProjectList(services.projects.list(actor))


@routes.get("/activity", threads=COSTLY)
def list_activity(
    services: Services, actor: Actor, *, days: Annotated[int, Meta(ge=1, le=366)] = 30
) -> ProjectActivityList:
    """Count the runs created on each of the last days, for projects that have any."""
    return ProjectActivityList(services.projects.activity(actor, days))


@routes.get("/{entity}/{project}")
def get_project(path: ProjectPath, services: Services, actor: Actor) -> Project:
    """Return one project."""
    return services.projects.get(actor, path)


@routes.put("/{entity}/{project}")
def put_project(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    edit: ProjectEdit = ProjectEdit(),  # noqa: B008 - a frozen struct
) -> Project:
    """Create a project if it does not exist, and set its description."""
    return services.projects.put(actor, path, edit)


@routes.patch("/{entity}/{project}")
def edit_project(
    path: ProjectPath, edit: ProjectEdit, services: Services, actor: Actor
) -> Project:
    """Edit a project's description."""
    return services.projects.edit(actor, path, edit)


@routes.delete("/{entity}/{project}", threads=COSTLY)
def delete_project(
    path: ProjectPath, services: Services, actor: Actor, *, permanently: bool = False
) -> None:
    """Move a project and its runs to the trash, or delete it permanently."""
    services.projects.delete(actor, path, permanently=permanently)


@routes.post("/{entity}/{project}/undelete")
def undelete_project(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    options: ProjectUndelete = ProjectUndelete(),  # noqa: B008 - a frozen struct
) -> Project:
    """Restore the most recently deleted project of that name, with its runs."""
    return services.projects.undelete(actor, path, name=options.name)
