"""Routes of the trash: what lies there, with its size; emptying it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.trash import Emptied, Trash, TrashedProjectList
from weft.server.services.types import MAX_PAGE

router = APIRouter(prefix="/api/v1", tags=["trash"])


@router.get("/projects/{entity}/{project}/trash", response_model=Trash, operation_id="list_trash")
def list_trash(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    *,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> Response:
    """Runs of a project that were deleted and can be brought back, last deleted first."""
    return json_answer(services.trash.list(actor, entity, project, limit=limit, cursor=cursor))


@router.delete(
    "/projects/{entity}/{project}/trash", response_model=Emptied, operation_id="empty_trash"
)
def empty_trash(entity: str, project: str, services: WithServices, actor: Asker) -> Response:
    """Delete what a project has in the trash for good; the space comes back at once."""
    return json_answer({"n_done": services.trash.empty(actor, entity, project)})


@router.get("/trash", response_model=TrashedProjectList, operation_id="list_trashed_projects")
def list_trashed_projects(services: WithServices, actor: Asker) -> Response:
    """Projects that were deleted and can be brought back, last deleted first."""
    return json_answer({"projects": services.trash.list_projects(actor)})


@router.delete("/trash", response_model=Emptied, operation_id="empty_trashed_projects")
def empty_trashed_projects(services: WithServices, actor: Asker) -> Response:
    """Delete all projects in the trash for good."""
    return json_answer({"n_done": services.trash.empty_projects(actor)})
