"""Routes of the trash: list its content with sizes, and empty it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.projects.trash import Emptied, Trash, TrashedProjectList
from weft.wire.runs.runs import MAX_PAGE

routes = Routes("/api/v1", tag="trash")


@routes.get("/projects/{entity}/{project}/trash", threads=COSTLY)
def list_trash(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> Trash:
    """List the deleted runs of a project that can be restored, most recently deleted first."""
    return services.trash.list(actor, path, limit=limit, cursor=cursor)


@routes.delete("/projects/{entity}/{project}/trash", threads=COSTLY)
def empty_trash(path: ProjectPath, services: Services, actor: Actor) -> Emptied:
    """Permanently delete all runs in a project's trash and free their space at once."""
    return Emptied(services.trash.empty(actor, path))


@routes.get("/trash")
def list_trashed_projects(services: Services, actor: Actor) -> TrashedProjectList:
    """List the deleted projects that can be restored, most recently deleted first."""
    return TrashedProjectList(services.trash.list_projects(actor))


@routes.delete("/trash", threads=COSTLY)
def empty_trashed_projects(services: Services, actor: Actor) -> Emptied:
    """Permanently delete all projects in the trash."""
    return Emptied(services.trash.empty_projects(actor))
