"""Metrics of runs: which there are, their last values, history, events, and deleting them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.wire.choices import one_of
from weft.wire.runs import Cursor, RunIds

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
    """A metric over several runs."""

    key: str
    kinds: list[MetricKind]
    origins: Annotated[
        list[Origin],
        Meta(description="logged by scripts, measured of machines and processes, or both"),
    ]
    n_runs: int
    n_points: int


class MetricList(Struct, frozen=True):
    """A page of metrics by key."""

    metrics: list[Metric]
    cursor: Cursor
    total: Annotated[int, Meta(description="how many match, on all pages")]


class MetricNames(Struct, frozen=True, kw_only=True):
    """Names of metrics, ascending."""

    numbers: Annotated[list[str], Meta(description="of metrics with numbers: they have curves")]
    objects: Annotated[list[str], Meta(description="of metrics of which every value is an object")]
    histograms: Annotated[
        list[str],
        Meta(
            description="of those among the objects that are histograms, of the newest runs' "
            "metrics"
        ),
    ]
    n_runs: Annotated[
        list[int],
        Meta(description="how many runs have each of the numbers, then each of the objects"),
    ]
    system: Annotated[
        list[str], Meta(description="of those that were measured of machines and processes")
    ]
    both: Annotated[
        list[str], Meta(description="of those among `system` that scripts logged, too")
    ]
    hidden: Annotated[
        list[str],
        Meta(description="of those that all runs with them hide, by `define_metric(hidden=True)`"),
    ]
    total: Annotated[
        int, Meta(description="how many there are; an answer has at most 200,000 names")
    ]


class LatestQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which metrics of which runs."""

    runs: Annotated[RunIds | None, Meta(description="ids; null: those of `filter`")] = None
    filter: Annotated[FilterForm, Meta(description="a tree, or its text; null: all runs")] = None
    keys: Annotated[list[str], Meta(max_length=MAX_METRICS)]


class RunLatest(Struct, frozen=True):
    """Last values of a run, of the metrics that it has."""

    run: str
    values: Annotated[
        dict[str, Any], Meta(description="non-finite ones as text: NaN, Infinity, -Infinity")
    ]


class LatestList(Struct, frozen=True):
    """Runs that have one of the metrics."""

    runs: list[RunLatest]


class History(Struct, frozen=True, kw_only=True):
    """A page of joined rows, nothing sampled."""

    rows: Annotated[
        list[dict[str, Any]],
        Meta(
            description="each with `_step`, `_runtime` (s), `_timestamp` (s since 1970) and its "
            "keys; `_superseded`, true, of rows that a rewind no longer counts; `_writer` where "
            "asked for"
        ),
    ]
    cursor: Cursor


class RunEventQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose events are wanted."""

    runs: Annotated[list[str], Meta(max_length=MAX_EVENT_RUNS)]


class RunEvent(Struct, frozen=True, kw_only=True):
    """An alert, or a gap: rows that were lost."""

    run: str
    kind: Literal["alert", "gap"]
    writer: str
    time_micros: Annotated[int, Meta(description="of a gap: of the first row that was lost")]
    end_micros: Annotated[
        int, Meta(description="of a gap: of the last row; of an alert: as `time_micros`")
    ]
    runtime_micros: Annotated[
        int, Meta(description="how long the run had run then, pauses left out")
    ] = 0
    end_runtime_micros: int = 0
    step: Annotated[
        int | float | None, Meta(description="of the last row before it; null: there is none")
    ] = None
    end_step: Annotated[int | float | None, Meta(description="of the first row after it")] = None
    level: Annotated[str, Meta(description="INFO, WARN or ERROR; empty of a gap")] = ""
    title: str = ""
    text: str = ""
    n_rows: Annotated[int, Meta(description="that a gap lost")] = 0
    n_lines: Annotated[int, Meta(description="console lines that a gap lost")] = 0


class RunEventList(Struct, frozen=True):
    """The newest 10,000 events, oldest first."""

    events: list[RunEvent]
    truncated: Annotated[bool, Meta(description="there are older ones")] = False


class MetricDeletion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which metrics of which runs: `runs` or `filter`, `keys` or `regex`."""

    runs: Annotated[RunIds | None, Meta(description="by id")] = None
    filter: Annotated[FilterForm, Meta(description="a tree, or its text")] = None
    keys: Annotated[list[str], Meta(max_length=MAX_DELETED_KEYS)] | None = None
    regex: Annotated[str | None, Meta(description="RE2, found anywhere in the name")] = None


class DeletedMetrics(Struct, frozen=True, kw_only=True):
    """What was deleted."""

    n_runs: Annotated[int, Meta(description="that had any of the metrics")]
    n_metrics: Annotated[int, Meta(description="of all of them together")]
