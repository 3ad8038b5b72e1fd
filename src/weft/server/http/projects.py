"""Routes of projects."""

from __future__ import annotations

from fastapi import APIRouter, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.projects import Project, ProjectList

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])


@router.get("", response_model=ProjectList, operation_id="list_projects")
def list_projects(services: WithServices, actor: Asker) -> Response:
    """All projects, newest activity first."""
    return json_answer({"projects": services.projects.list(actor)})


@router.get("/{entity}/{project}", response_model=Project, operation_id="get_project")
def get_project(entity: str, project: str, services: WithServices, actor: Asker) -> Response:
    """One project."""
    return json_answer(services.projects.get(actor, entity, project))


@router.delete("/{entity}/{project}", status_code=204, operation_id="delete_project")
def delete_project(entity: str, project: str, services: WithServices, actor: Asker) -> Response:
    """Delete a project and its runs; their tombstones stay."""
    services.projects.delete(actor, entity, project)
    return Response(status_code=204)
