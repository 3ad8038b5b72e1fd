"""Metrics of runs: lists, last values, history, events, and deletion."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.metrics.media import ObjectKind
from weft.wire.runs.runs import Cursor, RunIds

PAGE_OF_METRICS: Final = 10_000
"""Default page size."""

MAX_METRICS: Final = 100_000
MAX_NAMES: Final = 200_000
"""Most names in one `MetricNames`."""

MAX_DELETED_KEYS: Final = 10_000
MAX_EVENT_RUNS: Final = 1000

MetricKind = Annotated[str, one_of("int", "float", "bool", "object")]
Origin = Annotated[str, one_of("logged", "system")]


class Metric(Struct, frozen=True, kw_only=True):
    """A metric across several runs."""

    key: str
    kinds: list[MetricKind]
    origins: Annotated[
        list[Origin], Meta(description="logged by scripts, sampled as system metrics, or both")
    ]
    n_runs: int
    n_points: int


class MetricList(Struct, frozen=True):
    """A page of metrics, sorted by key."""

    metrics: list[Metric]
    cursor: Cursor
    total: Annotated[int, Meta(description="number of matches on all pages")]


class MetricNames(Struct, frozen=True, kw_only=True):
    """Names of metrics, sorted."""

    numbers: Annotated[list[str], Meta(description="metrics with numbers, which have curves")]
    objects: Annotated[list[str], Meta(description="metrics whose values are all objects")]
    kinds: Annotated[
        list[ObjectKind],
        Meta(description="kind of each of `objects`, as its last value in the newest run says"),
    ]
    chart_tables: Annotated[
        list[str],
        Meta(description="those of `objects` that a chart was logged with: the rows it draws"),
    ]
    n_runs: Annotated[
        list[int],
        Meta(description="number of runs with each metric of `numbers`, then of `objects`"),
    ]
    system: Annotated[
        list[str], Meta(description="system metrics: sampled from machines and processes")
    ]
    both: Annotated[list[str], Meta(description="metrics of `system` that scripts logged, too")]
    hidden: Annotated[
        list[str],
        Meta(description="metrics that every run with them hides: `define_metric(hidden=True)`"),
    ]
    steps: Annotated[
        list[str],
        Meta(description="metrics that runs use as x axes: `define_metric(step_metric=…)`"),
    ]
    total: Annotated[
        int, Meta(description="number of metrics; a response has at most 200,000 names")
    ]


class LatestQuery(RequestBody, frozen=True, kw_only=True):
    """The metrics and runs to return last values of."""

    runs: Annotated[RunIds | None, Meta(description="ids; null: the runs that match `filter`")] = (
        None
    )
    filter: Annotated[
        FilterForm, Meta(description="a filter tree, or its text; null: all runs")
    ] = None
    keys: Annotated[list[str], Meta(max_length=MAX_METRICS)]


class RunLatest(Struct, frozen=True):
    """Last values of those requested metrics that a run has."""

    run: str
    values: Annotated[
        dict[str, Any],
        Meta(description="by metric; nonfinite numbers as text: NaN, Infinity, -Infinity"),
    ]


class LatestList(Struct, frozen=True):
    """Runs that have any of the requested metrics."""

    runs: list[RunLatest]


class History(Struct, frozen=True, kw_only=True):
    """A page of history, not sampled, with fragments joined to rows."""

    rows: Annotated[
        list[dict[str, Any]],
        Meta(
            description="rows with `_step`, `_runtime` (s), `_timestamp` (s since 1970) and their "
            "metrics; `_superseded` is true in rows that no longer count after a rewind; "
            "`_writer` only on request"
        ),
    ]
    cursor: Cursor


class RunEventQuery(RequestBody, frozen=True):
    """The runs to return events of."""

    runs: Annotated[list[str], Meta(max_length=MAX_EVENT_RUNS)]


class RunEvent(Struct, frozen=True, kw_only=True):
    """An alert, a gap (rows that were lost), a resumption, or an end other than `finished`."""

    run: str
    kind: Literal["alert", "gap", "resume", "end"]
    writer: str
    time_micros: Annotated[
        int,
        Meta(
            description="time of the alert, of the first row that the gap lost, or of the end"
            " before the run was resumed"
        ),
    ]
    end_micros: Annotated[
        int,
        Meta(
            description="time of the last row that the gap lost, or of the resumption; else"
            " `time_micros`"
        ),
    ]
    runtime_micros: Annotated[
        int,
        Meta(description="how long the run had run at `time_micros`, without pauses; 0 of an end"),
    ] = 0
    end_runtime_micros: int = 0
    step: Annotated[
        int | float | None,
        Meta(
            description="step of the last row before the event; null: no such row, or the event"
            " is the run's end"
        ),
    ] = None
    end_step: Annotated[
        int | float | None, Meta(description="step of the first row after the event")
    ] = None
    level: Annotated[str, Meta(description="INFO, WARN or ERROR of an alert; else empty")] = ""
    title: Annotated[
        str, Meta(description="the alert's; of a resumption and an end: the state before it")
    ] = ""
    text: str = ""
    exit_code: Annotated[
        int | None, Meta(description="exit code of the script that ended, if it is known")
    ] = None
    n_rows: Annotated[int, Meta(description="number of rows that a gap lost")] = 0
    n_lines: Annotated[int, Meta(description="number of console lines that a gap lost")] = 0


class RunEventList(Struct, frozen=True):
    """The newest 10,000 events, oldest first."""

    events: list[RunEvent]
    truncated: Annotated[bool, Meta(description="whether there are older events")] = False


class MetricDeletion(RequestBody, frozen=True, kw_only=True):
    """Metrics to delete: `runs` or `filter` selects the runs, `keys` or `regex` the metrics."""

    runs: Annotated[RunIds | None, Meta(description="ids of the runs")] = None
    filter: Annotated[FilterForm, Meta(description="a filter tree, or its text")] = None
    keys: Annotated[list[str], Meta(max_length=MAX_DELETED_KEYS)] | None = None
    regex: Annotated[
        str | None, Meta(description="RE2 pattern that matches anywhere in the name")
    ] = None


class DeletedMetrics(Struct, frozen=True, kw_only=True):
    """The result of a deletion."""

    n_runs: Annotated[int, Meta(description="number of runs that had any of the metrics")]
    n_metrics: Annotated[
        int, Meta(description="number of metrics deleted in all these runs together")
    ]
    locked: Annotated[
        list[str], Meta(description="ids of locked runs with any of the metrics; they keep them")
    ] = []


MAX_ROWS: Final = 100_000
"""Most rows of a run's history on one page."""

_run = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}", tag="metrics")
_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="metrics")


@_run.get("/history")
def get_history(
    entity: str,
    project: str,
    run: str,
    *,
    keys: str | None = None,
    key: list[str] | None = None,
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 1000,
    cursor: str | None = None,
    superseded: bool = False,
    step_lo: float | None = None,
    step_hi: float | None = None,
    writers: Literal["merged", "apart"] = "merged",
    system: bool = False,
    samples: Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None = None,
) -> History:
    """Return a run's history as joined rows of all writers, by (step, time, writer, row).

    Only rows with at least one of the keys are returned. Name keys as `keys=a,b`, or one by one as
    `key=a&key=b` if they contain commas. With `superseded`, the run's own rows that no longer
    count after a rewind are included. Steps are those in `[step_lo, step_hi)`. With
    `writers=apart`, rows come writer after writer, each writer's by row number, and have
    `_writer`. With `system`, the rows are samples of machines and processes instead.

    With `samples`, at most that many rows are returned, on one page: the first and the last row
    and, for each of several ranges of equal length, the rows in which any metric is lowest,
    highest or first nonfinite.
    """


@_project.get("/metrics")
def list_metrics(
    entity: str,
    project: str,
    *,
    runs: str | None = None,
    system: bool | None = None,
    search: str = "",
    regex: bool = False,
    limit: Annotated[int, Meta(ge=1, le=MAX_METRICS)] = PAGE_OF_METRICS,
    cursor: str | None = None,
) -> MetricList:
    """List the metrics of a project, or of the runs in `runs` (ids, separated by commas), by name.

    `search` has words that the name contains or, with `regex`, an RE2 pattern. `system=true` lists
    only metrics measured on machines and processes, `system=false` only metrics that scripts
    logged.
    """


@_project.get("/metrics/names")
def list_metric_names(entity: str, project: str, *, runs: str | None = None) -> MetricNames:
    """List only the names of all metrics of a project, or of the runs in `runs`."""


@_project.post("/latest")
def latest_values(entity: str, project: str, query: LatestQuery) -> LatestList:
    """Return the last values of some metrics of many runs, if they have any."""


@_project.delete("/runs/{run}/metrics/{key:path}")
def delete_metric(entity: str, project: str, run: str, key: str) -> None:
    """Delete the present values of one metric of a run; later ones are stored."""


@_project.post("/metrics/delete", is_long=True)
def delete_metrics(entity: str, project: str, deletion: MetricDeletion) -> DeletedMetrics:
    """Delete the present values of metrics of many runs, chosen by name or pattern."""


@_project.post("/run-events")
def query_run_events(entity: str, project: str, query: RunEventQuery) -> RunEventList:
    """Query the alerts and gaps of some runs, oldest first, with the steps before and after."""
