"""Routes that tell what takes the space."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.sizes import ProjectSizes, RunSizes
from weft.server.services.types import MAX_PAGE, RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["sizes"])

_Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@router.get("/sizes", response_model=ProjectSizes, operation_id="get_project_sizes")
def get_project_sizes(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    *,
    limit: _Limit = 100,
    cursor: str | None = None,
) -> Response:
    """What a project takes on disk, and its runs, largest first."""
    sizes = services.sizes.project(actor, entity, project, limit=limit, cursor=cursor)
    return json_answer(sizes)


@router.get("/runs/{run}/sizes", response_model=RunSizes, operation_id="get_run_sizes")
def get_run_sizes(
    entity: str,
    project: str,
    run: str,
    services: WithServices,
    actor: Asker,
    *,
    search: str = "",
    limit: _Limit = 100,
    cursor: str | None = None,
) -> Response:
    """What a run takes on disk, and its metrics, largest first."""
    path = RunPath(entity, project, run)
    sizes = services.sizes.run(actor, path, search=search, limit=limit, cursor=cursor)
    return json_answer(sizes)
