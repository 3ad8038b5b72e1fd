"""The route by which a reader waits for the run logs of a followed directory."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.health import CaughtUp

router = APIRouter(tags=["server"])

_MAX_WAIT_MILLIS: Final = 10_000


@router.post("/api/v1/server/catch-up", response_model=CaughtUp, operation_id="catch_up")
def catch_up(
    services: WithServices,
    actor: Asker,
    timeout_millis: Annotated[int, Query(ge=0, le=_MAX_WAIT_MILLIS)] = _MAX_WAIT_MILLIS,
) -> Response:
    """Wait until what lay in the followed directory has been read.

    `caught_up` false: there was more; ask again. A server that follows none has always read all.
    """
    caught_up = services.following.catch_up(actor, timeout_millis / 1000)
    info = services.following.info(actor)
    answer: dict[str, Any] = {
        "caught_up": caught_up,
        "n_read_bytes": info.n_read_bytes if info else 0,
        "n_bytes": info.n_bytes if info else 0,
        "warnings": info.warnings if info else [],
    }
    return json_answer(answer)
