"""Routes of runs: list, look at, their writers and alerts, edit, stop, delete."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query, Response

from weft.server.http.context import (
    MSGPACK_MEDIA_TYPE,
    Asker,
    WithServices,
    json_answer,
    typed_answer,
)
from weft.server.http.schemas.runs import AlertList, Run, RunEdit, RunList, State, WriterList
from weft.server.services import types
from weft.server.services.types import RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/runs", tags=["runs"])


@router.get(
    "",
    response_model=RunList,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="list_runs",
)
def list_runs(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    *,
    search: str = "",
    regex: bool = False,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: str | None = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Runs of a project whose id, name, notes, tags or group match, newest first."""
    page = services.runs.list(
        actor, entity, project,
        search=search, regex=regex, state=state, limit=limit, cursor=cursor,
    )  # fmt: skip
    return typed_answer(page, accept)


@router.get(
    "/{run}",
    response_model=Run,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="get_run",
)
def get_run(
    entity: str,
    project: str,
    run: str,
    services: WithServices,
    actor: Asker,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """One run; as msgpack its non-finite numbers come as they are."""
    return typed_answer(services.runs.get(actor, RunPath(entity, project, run)), accept)


@router.get("/{run}/writers", response_model=WriterList, operation_id="list_writers")
def list_writers(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """Who wrote to a run: scripts, their children, sidecars, with their labels."""
    return json_answer(services.runs.writers(actor, RunPath(entity, project, run)))


@router.get("/{run}/alerts", response_model=AlertList, operation_id="list_alerts")
def list_alerts(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """What a run's scripts wanted a person to see, oldest first."""
    return json_answer(services.runs.alerts(actor, RunPath(entity, project, run)))


@router.patch("/{run}", response_model=Run, operation_id="edit_run")
def edit_run(
    entity: str, project: str, run: str, edit: RunEdit, services: WithServices, actor: Asker
) -> Response:
    """Change name, notes, tags or config of a run."""
    changes = msgspec.convert(edit.model_dump(exclude_unset=True), types.RunEdit)
    return json_answer(services.runs.edit(actor, RunPath(entity, project, run), changes))


@router.delete("/{run}", status_code=204, operation_id="delete_run")
def delete_run(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """Delete a run for good; a tombstone refuses late uploads."""
    services.runs.delete(actor, RunPath(entity, project, run))
    return Response(status_code=204)


@router.post("/{run}/stop", status_code=202, operation_id="stop_run")
def stop_run(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt."""
    services.runs.stop(actor, RunPath(entity, project, run))
    nothing: dict[str, Any] = {}
    return json_answer(nothing, 202)
