"""Routes of metrics: which there are, and deleting one."""

from __future__ import annotations

from fastapi import APIRouter, Response

from weft.server.http.context import Asker, WithServices, json_answer, listed
from weft.server.http.schemas.metrics import MetricList
from weft.server.services.types import RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])


@router.get("/metrics", response_model=MetricList, operation_id="list_metrics")
def list_metrics(
    entity: str, project: str, services: WithServices, actor: Asker, runs: str | None = None
) -> Response:
    """The metrics of a project, or of the runs named in `runs` (ids, separated by commas)."""
    metrics = services.metrics.keys(actor, entity, project, listed(runs))
    return json_answer({"metrics": metrics})


@router.delete("/runs/{run}/metrics/{key:path}", status_code=204, operation_id="delete_metric")
def delete_metric(
    entity: str, project: str, run: str, key: str, services: WithServices, actor: Asker
) -> Response:
    """Delete one metric of a run, up to what its writers have sent so far."""
    services.metrics.delete(actor, RunPath(entity, project, run), key)
    return Response(status_code=204)
