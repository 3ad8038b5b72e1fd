"""Wire shapes of metrics and history, for OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.http.schemas.selecting import FilterBody
from weft.server.services.metrics import MAX_METRICS
from weft.server.services.selecting.types import MAX_RUNS


class Metric(BaseModel):
    """A metric over several runs."""

    key: str
    kinds: list[Literal["int", "float", "bool", "object"]]
    origins: list[Literal["logged", "system"]] = Field(
        description="logged by scripts, measured of machines and processes, or both"
    )
    n_runs: int
    n_points: int


class MetricList(BaseModel):
    """A page of metrics by key."""

    metrics: list[Metric]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many match, on all pages")


class MetricNames(BaseModel):
    """Names of metrics, ascending."""

    numbers: list[str] = Field(description="of metrics with numbers: they have curves")
    objects: list[str] = Field(description="of metrics of which every value is an object")
    histograms: list[str] = Field(
        description="of those among the objects that are histograms, of the newest runs' metrics"
    )
    n_runs: list[int] = Field(
        description="how many runs have each of the numbers, then each of the objects"
    )
    system: list[str] = Field(description="of those that were measured of machines and processes")
    both: list[str] = Field(description="of those among `system` that scripts logged, too")
    hidden: list[str] = Field(
        description="of those that all runs with them hide, by `define_metric(hidden=True)`"
    )
    total: int = Field(description="how many there are; an answer has at most 200,000 names")


class LatestQuery(BaseModel):
    """Of which metrics of which runs."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] | None = Field(
        None, description="ids; null: those of `filter`", max_length=MAX_RUNS
    )
    filter: FilterBody = Field(None, description="a tree, or its text; null: all runs")
    keys: list[str] = Field(max_length=MAX_METRICS)


class RunLatest(BaseModel):
    """Last values of a run, of the metrics that it has."""

    run: str
    values: dict[str, Any] = Field(description="non-finite ones as text: NaN, Infinity, -Infinity")


class LatestList(BaseModel):
    """Runs that have one of the metrics."""

    runs: list[RunLatest]


class History(BaseModel):
    """A page of joined rows, nothing sampled."""

    rows: list[dict[str, Any]] = Field(
        description="each with `_step`, `_runtime` (s), `_timestamp` (s since 1970), its keys; "
        "`_superseded`, true, of rows that a rewind no longer counts; `_writer` where asked for"
    )
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
