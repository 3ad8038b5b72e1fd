"""Routes of projects."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.projects import (
    Project,
    ProjectActivityList,
    ProjectEdit,
    ProjectList,
    ProjectUndelete,
)
from weft.server.services import projects

_Days = Annotated[int, Query(ge=1, le=366)]

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])


@router.get("", response_model=ProjectList, operation_id="list_projects")
def list_projects(services: WithServices, actor: Asker) -> Response:
    """All projects, newest activity first."""
    return json_answer({"projects": services.projects.list(actor)})


@router.get("/activity", response_model=ProjectActivityList, operation_id="list_activity")
def list_activity(services: WithServices, actor: Asker, days: _Days = 30) -> Response:
    """How many runs were made on each of the last days, of the projects that have any."""
    return json_answer({"projects": services.projects.activity(actor, days)})


@router.get("/{entity}/{project}", response_model=Project, operation_id="get_project")
def get_project(entity: str, project: str, services: WithServices, actor: Asker) -> Response:
    """One project."""
    return json_answer(services.projects.get(actor, entity, project))


@router.put("/{entity}/{project}", response_model=Project, operation_id="put_project")
def put_project(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    edit: ProjectEdit | None = None,
) -> Response:
    """Make a project unless it is there, and describe it."""
    return json_answer(services.projects.put(actor, entity, project, _changes(edit)))


@router.patch("/{entity}/{project}", response_model=Project, operation_id="edit_project")
def edit_project(
    entity: str, project: str, edit: ProjectEdit, services: WithServices, actor: Asker
) -> Response:
    """Describe a project."""
    return json_answer(services.projects.edit(actor, entity, project, _changes(edit)))


@router.delete("/{entity}/{project}", status_code=204, operation_id="delete_project")
def delete_project(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    *,
    permanently: bool = False,
) -> Response:
    """Move a project and its runs to the trash, or delete it for good."""
    services.projects.delete(actor, entity, project, permanently=permanently)
    return Response(status_code=204)


@router.post(
    "/{entity}/{project}/undelete", response_model=Project, operation_id="undelete_project"
)
def undelete_project(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    body: ProjectUndelete | None = None,
) -> Response:
    """Bring the project of that name back that was deleted last, with its runs."""
    name = None if body is None else body.name
    return json_answer(services.projects.undelete(actor, entity, project, name=name))


def _changes(edit: ProjectEdit | None) -> projects.ProjectEdit:
    given = {} if edit is None else edit.model_dump(exclude_unset=True)
    return msgspec.convert(given, projects.ProjectEdit)
