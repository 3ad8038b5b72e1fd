"""Routes of metrics: which there are, their last values, and deleting one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from weft.queries.filter_json import decode_filter
from weft.server.http.context import Asker, WithServices, json_answer, listed
from weft.server.http.schemas.metrics import LatestList, LatestQuery, MetricList, MetricNames
from weft.server.services.metrics import MAX_METRICS, PAGE_OF_METRICS
from weft.server.services.types import RunPath

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}", tags=["metrics"])


@router.get("/metrics", response_model=MetricList, operation_id="list_metrics")
def list_metrics(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    runs: str | None = None,
    system: bool | None = None,
    search: str = "",
    regex: bool = False,
    limit: Annotated[int, Query(ge=1, le=MAX_METRICS)] = PAGE_OF_METRICS,
    cursor: str | None = None,
) -> Response:
    """The metrics of a project, or of the runs named in `runs` (ids, separated by commas).

    By name; `search` is a part of the name or, with `regex`, a pattern of RE2. With `system`
    only what was measured of machines and processes (true), or what scripts logged (false).
    """
    page = services.metrics.list(
        actor, entity, project, listed(runs),
        system=system, search=search, regex=regex, limit=limit, cursor=cursor,
    )  # fmt: skip
    return json_answer({"metrics": page.metrics, "cursor": page.cursor, "total": page.total})


@router.get("/metrics/names", response_model=MetricNames, operation_id="list_metric_names")
def list_metric_names(
    entity: str, project: str, services: WithServices, actor: Asker, runs: str | None = None
) -> Response:
    """The names of all metrics of a project, or of the runs named in `runs`, and nothing else."""
    found = services.metrics.names(actor, entity, project, listed(runs))
    return json_answer(found)


@router.post("/latest", response_model=LatestList, operation_id="latest_values")
def latest_values(
    entity: str, project: str, asked: LatestQuery, services: WithServices, actor: Asker
) -> Response:
    """The last values of some metrics of many runs, those that have any."""
    tree = None if asked.filter is None else decode_filter(asked.filter)
    found = services.metrics.latest(actor, entity, project, asked.runs, asked.keys, tree)
    return json_answer({"runs": [{"run": one.run, "values": one.values} for one in found]})


@router.delete("/runs/{run}/metrics/{key:path}", status_code=204, operation_id="delete_metric")
def delete_metric(
    entity: str, project: str, run: str, key: str, services: WithServices, actor: Asker
) -> Response:
    """Delete one metric of a run, up to what its writers have sent so far."""
    services.metrics.delete(actor, RunPath(entity, project, run), key)
    return Response(status_code=204)
