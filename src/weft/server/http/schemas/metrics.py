"""Wire shapes of metrics and history, for OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Metric(BaseModel):
    """A metric over several runs."""

    key: str
    kinds: list[Literal["int", "float", "bool", "object"]]
    n_runs: int
    n_points: int


class MetricList(BaseModel):
    """Metrics by key."""

    metrics: list[Metric]


class History(BaseModel):
    """A page of joined rows, nothing sampled."""

    rows: list[dict[str, Any]] = Field(
        description="each with `_step`, `_runtime` (s), `_timestamp` (s since 1970), and its keys"
    )
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
