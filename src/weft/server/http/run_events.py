"""The route of what happened in runs besides their values. Asks `services.run_events`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.run_events import RunEventList, RunEventQuery

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])


@router.post("/run-events", response_model=RunEventList, operation_id="query_run_events")
def query_run_events(
    entity: str, project: str, asked: RunEventQuery, services: WithServices, actor: Asker
) -> Response:
    """Alerts and gaps of some runs, oldest first, each with the steps that it lies between."""
    return json_answer(services.run_events.events(actor, entity, project, asked.runs))
