"""Routes that report how much disk space projects, runs and metrics take."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.wire.projects.sizes import ProjectSizes, RunSizes
from weft.wire.runs.runs import MAX_PAGE

routes = Routes("/api/v1/projects/{entity}/{project}", tag="sizes")

_Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE)]


@routes.get("/sizes", threads=COSTLY)
def get_project_sizes(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    limit: _Limit = 100,
    cursor: str | None = None,
) -> ProjectSizes:
    """Return the disk space that a project takes, its runs and its artifacts, largest first.

    A content is stored once: it counts once for the project, and for each run that has it.
    """
    return services.sizes.project(actor, path, limit=limit, cursor=cursor)


@routes.get("/runs/{run}/sizes", threads=COSTLY)
def get_run_sizes(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    search: str = "",
    limit: _Limit = 100,
    cursor: str | None = None,
) -> RunSizes:
    """Return the disk space that a run takes, and its metrics, largest first."""
    return services.sizes.run(actor, path, search=search, limit=limit, cursor=cursor)
