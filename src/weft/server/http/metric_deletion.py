"""The route that deletes metrics of many runs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from weft.queries.filter_json import decode_filter
from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.services.metric_deletion import MAX_KEYS, MetricTarget
from weft.server.services.selecting.types import MAX_RUNS

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/metrics", tags=["metrics"])


class MetricDeletion(BaseModel):
    """Which metrics of which runs: `runs` or `filter`, `keys` or `regex`."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] | None = Field(None, max_length=MAX_RUNS, description="by id")
    filter: dict[str, Any] | str | None = Field(None, description="tree or text")
    keys: list[str] | None = Field(None, max_length=MAX_KEYS)
    regex: str | None = Field(None, description="RE2, found anywhere in the name")


class DeletedMetrics(BaseModel):
    """What was deleted."""

    n_runs: int = Field(description="that had any of the metrics")
    n_metrics: int = Field(description="of all of them together")


@router.post("/delete", response_model=DeletedMetrics, operation_id="delete_metrics")
def delete_metrics(
    entity: str, project: str, asked: MetricDeletion, services: WithServices, actor: Asker
) -> Response:
    """Delete metrics of many runs, by name or pattern, up to what has been sent so far."""
    tree = None if asked.filter is None else decode_filter(asked.filter)
    target = MetricTarget(runs=asked.runs, filter=tree, keys=asked.keys, regex=asked.regex)
    return json_answer(services.metric_deletion.delete(actor, entity, project, target))
