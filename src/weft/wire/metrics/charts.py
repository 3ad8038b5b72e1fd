"""Requests of charts. Curves are returned as Arrow (`server.http.answers.arrow`), not as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.queries.filters import Order
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.projects.live import SeenMicros

MAX_PANELS: Final = 1000
MAX_SERIES: Final = 100_000
"""Most series (runs × (keys + expressions)) of one panel: about 20 s of work."""

MIN_BUCKETS: Final = 64
MAX_BUCKETS: Final = 10_000
MAX_EXPRESSION_CHARS: Final = 10_000
MAX_EXPRESSIONS: Final = 100
MAX_GROUP_COLUMNS: Final = 8
MAX_HISTOGRAMS: Final = 1000
"""Most histograms that one series shows."""

ChartAxis = Literal["step", "time", "time_wall", "wall", "metric", "expression", "defined"]
HistogramAxis = Literal["step", "time", "time_wall", "metric", "defined"]
Center = Literal["mean", "median"]
BandKind = Literal["minmax", "std", "stderr", "ci95"]


class NamedExpression(RequestBody, frozen=True):
    """A computed curve, such as `ema(loss, 0.9) - baseline(loss)`."""

    name: Annotated[str, Meta(description="key of its series")]
    text: Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARS)]


class Grouping(RequestBody, frozen=True):
    """Draw one curve for all runs that have the same values in `by`."""

    by: Annotated[
        Sequence[str], Meta(description="run columns such as `config.lr`; at most 8")
    ] = ()
    center: Center = "mean"
    band: BandKind | None = "minmax"


class Bounds(RequestBody, frozen=True):
    """Percentiles, 0 to 1, at which the y axis ends, so that outliers don't flatten the rest."""

    lo: Annotated[float, Meta(ge=0, le=1)] = 0.05
    hi: Annotated[float, Meta(ge=0, le=1)] = 0.95


class PanelQuery(RequestBody, frozen=True, kw_only=True):
    """The series that a panel shows, with their range and resolution."""

    runs: Annotated[
        Sequence[str] | None, Meta(description="ids; null: the runs that match `filter`")
    ] = None
    filter: Annotated[
        FilterForm, Meta(description="a filter tree, or its text; null: all runs")
    ] = None
    order: Annotated[
        Sequence[Order], Meta(description="order of the runs of `filter`; default: newest first")
    ] = ()
    limit: Annotated[
        int, Meta(ge=1, le=MAX_SERIES, description="most runs of `filter`, in `order`")
    ] = 1000
    keys: Sequence[str] = ()
    expressions: Annotated[
        Sequence[NamedExpression], Meta(description="at most 100 computed curves")
    ] = ()
    baseline: Annotated[
        str | None, Meta(description="id of the run that `baseline(...)` refers to")
    ] = None
    axis: Annotated[
        ChartAxis,
        Meta(
            description="x axis; `defined`: each metric's step metric from `define_metric`, else "
            "the step; `time`: µs that the run had run, without pauses, as `_runtime`; "
            "`time_wall`: µs since the run's `origin_micros`; `wall`: the same, but with `lo` and "
            "`hi` in µs since 1970"
        ),
    ] = "defined"
    axis_metric: Annotated[
        str | None, Meta(description="metric on the x axis, for axis `metric`")
    ] = None
    axis_expression: Annotated[
        Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARS)] | None,
        Meta(description="x axis for axis `expression`, such as `_step * config.batch_size`"),
    ] = None
    lo: Annotated[float | None, Meta(description="start of the range; null: the first point")] = (
        None
    )
    hi: Annotated[
        float | None, Meta(description="end of the range, exclusive; null: after the last point")
    ] = None
    n_buckets: Annotated[
        int, Meta(ge=MIN_BUCKETS, le=MAX_BUCKETS, description="most buckets in the range")
    ] = 400
    by: Annotated[
        str | None, Meta(description="split each series by `writer` or by a label of writers")
    ] = None
    group: Grouping | None = None
    bounds: Bounds | None = None


class PanelsQuery(RequestBody, frozen=True):
    """Queries of several panels, answered in this order."""

    panels: Annotated[list[PanelQuery], Meta(max_length=MAX_PANELS)]
    full: Annotated[
        bool, Meta(description="include the count, first, last and float64 columns")
    ] = False
    reasons: Annotated[
        bool, Meta(description="include series without points, each with the reason")
    ] = False


class HistogramQuery(RequestBody, frozen=True, kw_only=True):
    """The histograms to return."""

    runs: Sequence[str]
    keys: Sequence[str]
    axis: HistogramAxis = "defined"
    axis_metric: str | None = None
    lo: float | None = None
    hi: Annotated[float | None, Meta(description="end of the range, exclusive")] = None
    # At least 2: 0 is a bucket edge on every level, so a range around 0 never fits one bucket.
    n_columns: Annotated[
        int, Meta(ge=2, le=MAX_HISTOGRAMS, description="most columns in the range")
    ] = 100


class HistogramColumn(Struct, frozen=True, kw_only=True):
    """The last histogram of the bucket `[i * 2**level, (i + 1) * 2**level)`."""

    bucket: Annotated[int, Meta(description="index `i` of the bucket")]
    n: Annotated[int, Meta(description="number of histograms in the bucket")]
    x: Annotated[int | float, Meta(description="x at which the returned histogram was logged")]
    time_micros: int
    edges: Annotated[list[float], Meta(description="bin edges, one more than `counts`")]
    counts: list[float]
    nan: Annotated[
        int, Meta(description="number of NaNs; like `pos_inf` and `neg_inf` in no bin")
    ] = 0
    pos_inf: int = 0
    neg_inf: int = 0


class HistogramSeries(Struct, frozen=True, kw_only=True):
    """The histograms of one metric of one run."""

    run: str
    key: str
    level: int
    origin_micros: int
    axis_metric: Annotated[str, Meta(description="metric on the x axis; empty: step or time")]
    columns: list[HistogramColumn]


class HistogramList(Struct, frozen=True):
    """Series of histograms, all on the same level."""

    series: list[HistogramSeries]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="metrics")


@_project.post("/series")
def query_series(
    entity: str,
    project: str,
    query: PanelsQuery,
    *,
    seen_micros: SeenMicros = None,
) -> bytes:
    """Query series for charts, as exact buckets."""


@_project.post("/histograms")
def query_histograms(entity: str, project: str, query: HistogramQuery) -> HistogramList:
    """Query at most `n_columns` histograms of each metric, the last one of each bucket."""
