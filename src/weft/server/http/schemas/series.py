"""Wire shapes of charts' questions, for OpenAPI. The answer is Arrow: `http.answers.arrow`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Order(BaseModel):
    """Sort by a column; what is null or missing comes last in both directions."""

    column: str
    descending: bool = False


class NamedExpression(BaseModel):
    """A curve that is computed: `ema(loss, 0.9) - baseline(loss)`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="what its series have as their key")
    text: str = Field(max_length=10_000)


class Grouping(BaseModel):
    """One curve for all runs with the same values in `by`."""

    model_config = ConfigDict(extra="forbid")

    by: list[str] = Field([], max_length=8, description="columns of runs, such as `config.lr`")
    center: Literal["mean", "median"] = "mean"
    band: Literal["minmax", "std", "stderr", "ci95"] | None = "minmax"


class Bounds(BaseModel):
    """Percentiles, 0 to 1, where the y axis should end."""

    model_config = ConfigDict(extra="forbid")

    lo: float = Field(0.05, ge=0, le=1)
    hi: float = Field(0.95, ge=0, le=1)


class SeriesQuery(BaseModel):
    """One panel's question."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] | None = Field(None, description="ids; null: those of `filter`")
    filter: dict[str, Any] | str | None = Field(None, description="a tree or a text; null: all")
    order: list[Order] = Field([], description="of a filter's runs; newest first by default")
    limit: int = Field(1000, ge=1, le=100_000, description="runs of a filter, in that order")
    keys: list[str] = []
    expressions: list[NamedExpression] = Field([], max_length=100)
    baseline: str | None = Field(None, description="run that `baseline(...)` is about")
    axis: Literal["step", "time", "time_wall", "wall", "metric", "expression", "defined"] = Field(
        "defined",
        description="`defined`: each metric's step metric, as `define_metric` says, else the"
        " step; `time`: µs that the run had run, without pauses, as `_runtime`; `time_wall`: µs"
        " since its `origin_micros`",
    )
    axis_metric: str | None = Field(None, description="x of axis `metric`")
    axis_expression: str | None = Field(
        None, max_length=10_000, description="x of axis `expression`: `_step * config.batch_size`"
    )
    lo: float | None = Field(None, description="start of the range; null: the first point")
    hi: float | None = Field(None, description="end of the range, exclusive; null: to the last")
    n_buckets: int = Field(400, ge=64, le=10_000, description="at most this many in the range")
    by: str | None = Field(None, description="`writer`, or a label of writers")
    group: Grouping | None = None
    bounds: Bounds | None = None


class SeriesRequest(BaseModel):
    """Questions of one page, answered in this order."""

    model_config = ConfigDict(extra="forbid")

    panels: list[SeriesQuery] = Field(max_length=1000)
    full: bool = Field(False, description="also counts, first, last and float64 columns")
    reasons: bool = Field(False, description="also series without points, each with why")


class HistogramQuery(BaseModel):
    """Which histograms are wanted."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str]
    keys: list[str]
    axis: Literal["step", "time", "time_wall", "metric", "defined"] = "defined"
    axis_metric: str | None = None
    lo: float | None = Field(None, allow_inf_nan=False)
    hi: float | None = Field(None, allow_inf_nan=False, description="exclusive")
    n_columns: int = Field(100, ge=2, le=1000, description="at most this many in the range")


class HistogramColumn(BaseModel):
    """The last histogram of the bucket `[i * 2**level, (i + 1) * 2**level)`."""

    bucket: int
    n: int = Field(description="histograms in the bucket")
    x: float
    time_micros: int
    edges: list[float]
    counts: list[float]
    nan: int
    pos_inf: int
    neg_inf: int


class HistogramSeries(BaseModel):
    """A metric's histograms of one run."""

    run: str
    key: str
    level: int
    origin_micros: int
    axis_metric: str = Field(description="the metric whose value x is; empty: step or time")
    columns: list[HistogramColumn]


class HistogramList(BaseModel):
    """All series, on the same level."""

    series: list[HistogramSeries]
