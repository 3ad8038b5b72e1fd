"""The route of what a script needs to resume, fork or rewind a run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from weft.server.http.answers.value_lists import tag_run
from weft.server.http.context import MSGPACK_MEDIA_TYPE, Asker, WithServices, typed_answer
from weft.server.http.schemas.continuation import Continuation
from weft.server.services.types import RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/runs/{run}", tags=["runs"])


@router.get(
    "/continuation",
    response_model=Continuation,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="get_continuation",
)
def get_continuation(
    entity: str,
    project: str,
    run: str,
    services: WithServices,
    actor: Asker,
    *,
    step: int | float | None = None,
    joining: bool = False,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """A run as it was at a step, without one as it is now, for a script that goes on with it."""
    path = RunPath(entity, project, run)
    found = services.continuation.get(actor, path, step, joining=joining)
    return typed_answer(found, accept, tag=tag_run)
