"""The route that does one action on many runs."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Response

from weft.queries.filter_json import decode_filter
from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.bulk import BulkAnswer, BulkRequest
from weft.server.services.bulk import BulkAction, BulkTarget

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/runs", tags=["runs"])


@router.post("/bulk", response_model=BulkAnswer, operation_id="change_runs")
def change_runs(
    entity: str, project: str, asked: BulkRequest, services: WithServices, actor: Asker
) -> Response:
    """Edit, delete, bring back, stop or move many runs; those that can't be are listed."""
    tree = None if asked.filter is None else decode_filter(asked.filter)
    target = BulkTarget(runs=asked.runs, filter=tree)
    given: dict[str, Any] = asked.action.model_dump(exclude_unset=True)
    action = msgspec.convert(given | {"kind": asked.action.kind}, BulkAction)
    return json_answer(services.bulk.apply(actor, entity, project, target, action))
