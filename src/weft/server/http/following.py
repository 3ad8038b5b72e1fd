"""The route by which a reader waits for the run logs of a followed directory."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.health import CaughtUp

router = APIRouter(tags=["server"])

_WAIT_SECS: Final = 10.0


@router.post("/api/v1/server/catch-up", response_model=CaughtUp, operation_id="catch_up")
def catch_up(services: WithServices, actor: Asker) -> Response:
    """Wait until what lay in the followed directory has been read; at most 10 s.

    `caught_up` false: there was more; ask again. A server that follows none has always read all.
    """
    return json_answer({"caught_up": services.following.catch_up(actor, _WAIT_SECS)})
