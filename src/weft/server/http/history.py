"""The route of a run's history: joined rows, nothing sampled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from weft.server.http.context import (
    MSGPACK_MEDIA_TYPE,
    Asker,
    WithServices,
    listed,
    typed_answer,
)
from weft.server.http.schemas.metrics import History
from weft.server.services.types import RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/runs/{run}", tags=["metrics"])


@router.get(
    "/history",
    response_model=History,
    responses={200: {"content": {MSGPACK_MEDIA_TYPE: {}}}},
    operation_id="get_history",
)
def get_history(
    entity: str,
    project: str,
    run: str,
    services: WithServices,
    actor: Asker,
    *,
    keys: str | None = None,
    key: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1000,
    cursor: str | None = None,
    superseded: bool = False,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Joined rows of all writers by (step, time, writer, row); only those with one of the keys.

    Name keys as `keys=a,b`, or one by one as `key=a&key=b` where they hold commas. With
    `superseded` the run's own rows come, too, that a rewind no longer counts.
    """
    named = key if key is not None else listed(keys)
    page = services.history.rows(
        actor, RunPath(entity, project, run),
        keys=named, limit=limit, cursor=cursor, superseded=superseded,
    )  # fmt: skip
    return typed_answer(page, accept)
