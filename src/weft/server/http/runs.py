"""Routes of runs: list, look at, their writers and alerts, edit, stop, delete."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query, Response

from weft.queries.filter_text import parse_filter
from weft.queries.filters import And, Comparison
from weft.queries.orders import NEWEST_FIRST, order_from_text
from weft.records.states import RunState
from weft.server.http.answers.value_lists import tag_run, tag_runs
from weft.server.http.context import (
    MSGPACK_MEDIA_TYPE,
    Asker,
    WithServices,
    json_answer,
    typed_answer,
)
from weft.server.http.schemas.runs import (
    AlertList,
    Run,
    RunEdit,
    RunList,
    Undeleted,
    WriterList,
)
from weft.server.services import types
from weft.server.services.selecting.types import RunQuestion
from weft.server.services.types import MAX_PAGE, RunPath

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
    filter_text: Annotated[str, Query(alias="filter")] = "",
    order: str = "-created",
    search: str = "",
    regex: bool = False,
    state: RunState | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Runs of a project that match a filter, and whose texts hold a search; newest first."""
    tree = parse_filter(filter_text)
    if state is not None:
        tree = And((tree, Comparison("state", "=", state)))
    question = RunQuestion(
        tree=tree,
        order=order_from_text(order) or (NEWEST_FIRST,),
        search=search,
        regex=regex,
        limit=limit,
        cursor=cursor,
    )
    page = services.runs.list(actor, entity, project, question)
    return typed_answer(page, accept, tag=tag_runs)


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
    found = services.runs.get(actor, RunPath(entity, project, run))
    return typed_answer(found, accept, tag=tag_run)


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


@router.patch(
    "/{run}",
    response_model=Run,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="edit_run",
)
def edit_run(
    entity: str,
    project: str,
    run: str,
    edit: RunEdit,
    services: WithServices,
    actor: Asker,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Change name, notes, tags, group, job type, colour, config or summary of a run."""
    changes = msgspec.convert(edit.model_dump(exclude_unset=True), types.RunEdit)
    edited = services.runs.edit(actor, RunPath(entity, project, run), changes)
    return typed_answer(edited, accept, tag=tag_run)


@router.delete("/{run}", status_code=204, operation_id="delete_run")
def delete_run(
    entity: str,
    project: str,
    run: str,
    services: WithServices,
    actor: Asker,
    *,
    permanently: bool = False,
) -> Response:
    """Move a run to the trash, or delete it for good; a tombstone refuses late uploads."""
    services.runs.delete(actor, RunPath(entity, project, run), permanently=permanently)
    return Response(status_code=204)


@router.post("/{run}/undelete", response_model=Undeleted, operation_id="undelete_run")
def undelete_run(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """Bring a deleted run back; once the trash was emptied, only admit uploads again."""
    restored = services.runs.undelete(actor, RunPath(entity, project, run))
    return json_answer({"restored": restored})


@router.post("/{run}/stop", status_code=202, operation_id="stop_run")
def stop_run(
    entity: str, project: str, run: str, services: WithServices, actor: Asker
) -> Response:
    """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt."""
    services.runs.stop(actor, RunPath(entity, project, run))
    nothing: dict[str, Any] = {}
    return json_answer(nothing, 202)
