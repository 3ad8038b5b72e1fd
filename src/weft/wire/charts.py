"""Questions of charts. Curves are answered as Arrow (`server.http.answers.arrow`), not as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.queries.filters import Order

MAX_PANELS: Final = 1000
MAX_SERIES: Final = 100_000
"""Most runs × (keys + expressions) of one panel: about 20 s of work."""

FEWEST_BUCKETS: Final = 64
MAX_BUCKETS: Final = 10_000
MAX_EXPRESSION_CHARS: Final = 10_000
MAX_EXPRESSIONS: Final = 100
MAX_GROUP_COLUMNS: Final = 8
MAX_HISTOGRAMS: Final = 1000
"""Histograms that one series shows at most."""

ChartAxis = Literal["step", "time", "time_wall", "wall", "metric", "expression", "defined"]
HistogramAxis = Literal["step", "time", "time_wall", "metric", "defined"]
Center = Literal["mean", "median"]
BandKind = Literal["minmax", "std", "stderr", "ci95"]


class NamedExpression(Struct, frozen=True, forbid_unknown_fields=True):
    """A curve that is computed: `ema(loss, 0.9) - baseline(loss)`."""

    name: Annotated[str, Meta(description="what its series have as their key")]
    text: Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARS)]


class Grouping(Struct, frozen=True, forbid_unknown_fields=True):
    """One curve for all runs with the same values in `by`."""

    by: Annotated[
        Sequence[str], Meta(description="columns of runs, such as `config.lr`; at most 8")
    ] = ()
    center: Center = "mean"
    band: BandKind | None = "minmax"


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """Percentiles, 0 to 1, where the y axis should end: outliers must not flatten the rest."""

    lo: Annotated[float, Meta(ge=0, le=1)] = 0.05
    hi: Annotated[float, Meta(ge=0, le=1)] = 0.95


class PanelQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One panel's question."""

    runs: Annotated[Sequence[str] | None, Meta(description="ids; null: those of `filter`")] = None
    filter: Annotated[FilterForm, Meta(description="a tree, or its text; null: all runs")] = None
    order: Annotated[
        Sequence[Order], Meta(description="of a filter's runs; newest first by default")
    ] = ()
    limit: Annotated[
        int, Meta(ge=1, le=MAX_SERIES, description="runs of a filter, in that order")
    ] = 1000
    keys: Sequence[str] = ()
    expressions: Annotated[Sequence[NamedExpression], Meta(description="at most 100")] = ()
    baseline: Annotated[str | None, Meta(description="run that `baseline(...)` is about")] = None
    axis: Annotated[
        ChartAxis,
        Meta(
            description="`defined`: each metric's step metric, as `define_metric` says, else the "
            "step; `time`: µs that the run had run, without pauses, as `_runtime`; `time_wall`: "
            "µs since its `origin_micros`; `wall`: the same, `lo` and `hi` in µs since 1970"
        ),
    ] = "defined"
    axis_metric: Annotated[str | None, Meta(description="x of axis `metric`")] = None
    axis_expression: Annotated[
        Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARS)] | None,
        Meta(description="x of axis `expression`: `_step * config.batch_size`"),
    ] = None
    lo: Annotated[float | None, Meta(description="start of the range; null: the first point")] = (
        None
    )
    hi: Annotated[
        float | None, Meta(description="end of the range, exclusive; null: to the last")
    ] = None
    n_buckets: Annotated[
        int,
        Meta(ge=FEWEST_BUCKETS, le=MAX_BUCKETS, description="at most this many in the range"),
    ] = 400
    by: Annotated[str | None, Meta(description="`writer`, or a label of writers")] = None
    group: Grouping | None = None
    bounds: Bounds | None = None


class PanelsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Questions of one page, answered in this order."""

    panels: Annotated[list[PanelQuery], Meta(max_length=MAX_PANELS)]
    full: Annotated[bool, Meta(description="also counts, first, last and float64 columns")] = False
    reasons: Annotated[bool, Meta(description="also series without points, each with why")] = False


class HistogramQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which histograms are wanted."""

    runs: Sequence[str]
    keys: Sequence[str]
    axis: HistogramAxis = "defined"
    axis_metric: str | None = None
    lo: float | None = None
    hi: Annotated[float | None, Meta(description="exclusive")] = None
    # Two at least: 0 is an edge on every level, so what lies on both sides is never in one bucket.
    n_columns: Annotated[
        int, Meta(ge=2, le=MAX_HISTOGRAMS, description="at most this many in the range")
    ] = 100


class HistogramColumn(Struct, frozen=True, kw_only=True):
    """The last histogram of the bucket `[i * 2**level, (i + 1) * 2**level)`."""

    bucket: Annotated[int, Meta(description="the bucket's index `i`")]
    n: Annotated[int, Meta(description="histograms in the bucket")]
    x: Annotated[int | float, Meta(description="where the shown one was logged")]
    time_micros: int
    edges: Annotated[list[float], Meta(description="one more than `counts`")]
    counts: list[float]
    nan: Annotated[int, Meta(description="values that are in no bin, as the next two")] = 0
    pos_inf: int = 0
    neg_inf: int = 0


class HistogramSeries(Struct, frozen=True, kw_only=True):
    """A metric's histograms of one run."""

    run: str
    key: str
    level: int
    origin_micros: int
    axis_metric: Annotated[
        str, Meta(description="the metric whose value x is; empty: step or time")
    ]
    columns: list[HistogramColumn]


class HistogramList(Struct, frozen=True):
    """All series, on the same level."""

    series: list[HistogramSeries]
