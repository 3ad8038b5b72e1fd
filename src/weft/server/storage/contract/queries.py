"""Queries of a reader: which rows count for a run, the x axis of points, a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Axis = Literal["step", "time", "metric"]
"""`step`: the logged step. `time`: int64 µs since the run's origin, or since the writer's own base
(`Bases`). `metric`: the value of another metric, as float64; see `AxisSpec`."""


class Source(NamedTuple):
    """Rows that a writer logged before a run was forked or rewound, up to a step.

    Attributes:
        run: if it is another run, its rows form the beginning of the run that is read. If it is
            the run that is read, nothing of this writer beyond `last_step` is shown.
        last_step: the last step that counts, inclusive.
    """

    run: str
    writer: str
    last_step: int | float


Lineage = Mapping[str, Sequence[Source]]
"""The sources of each run, fully resolved: a source's own sources are not followed.

A writer appears at most once for a run. Whether a row counts depends on its own step; a fragment
that counts joins the row before it that counts. On the time axis, rows of another run are placed
by that run's origin. System metrics have no sources.
"""


Bases = Mapping[str, int]
"""The zero of the axis `time` for writers of a run and of its sources, in µs since 1970.

A writer that is missing uses the origin of the run that its rows are stored in.
"""


@dataclass(slots=True, frozen=True)
class AxisSpec:
    """The rule by which points get their x.

    On the axis `metric`, the x of a point is the value of `metric` in the same joined row (the
    last fragment's). If that row has none and `step_sync` is true, the x is the value in the last
    earlier row that has one, among the rows of its writer that count (system rows see only system
    rows, other rows only other rows). Points whose x is missing or nonfinite do not count.
    """

    axis: Axis = "step"
    metric: str | None = None
    step_sync: bool = True


BY_STEP: Final = AxisSpec()


class StepMetric(NamedTuple):
    """The metric that `define_metric` made the x of others."""

    metric: str
    step_sync: bool = True


MIN_BUCKETS: Final = 64
"""The smallest `n_buckets` that a query may ask for."""


@dataclass(slots=True, frozen=True)
class SeriesQuery:
    """The query of one panel.

    Attributes:
        lineage: the sources of the runs that were forked or rewound.
        lo, hi: range `[lo, hi)` on the axis. If None, it begins at the first or ends with the
            last point.
        n_buckets: the maximum number of buckets in the range (64 to 10,000).
        axis_metric, step_sync: for the axis `metric`; see `AxisSpec`.
        parts: by run, by writer: the name of the part of the run that its points belong to. Each
            part is a series; writers without a name are left out. If None, each run is a series.
        bases: by run, for runs with writers whose times do not count from the run's origin.
        next_keys: metrics that the caller will ask for next, of the same runs. A store may read
            them together.
    """

    runs: Sequence[str]
    keys: Sequence[str]
    axis: Axis = "step"
    lo: float | None = None
    hi: float | None = None
    n_buckets: int = 400
    lineage: Lineage = field(default_factory=dict[str, Sequence[Source]])
    axis_metric: str | None = None
    step_sync: bool = True
    parts: Mapping[str, Mapping[str, str]] | None = None
    bases: Mapping[str, Bases] = field(default_factory=dict[str, Bases])
    next_keys: Sequence[str] = ()
