"""What is asked: which rows count for a run, where points lie on an axis, a panel's question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Axis = Literal["step", "time", "metric"]
"""`step`: the logged step. `time`: int64 µs since the run's origin, or since another base of the
writer (`Bases`). `metric`: the value of another metric, as float64, see `Place`."""


class Source(NamedTuple):
    """Rows of a writer that was there before a run was forked or rewound, up to a step.

    Attributes:
        run: another run: its rows belong to the beginning of the asking run. The asking run
            itself: of this writer nothing beyond `last_step` is shown.
        last_step: the last step that counts, inclusive.
    """

    run: str
    writer: str
    last_step: int | float


Lineage = Mapping[str, Sequence[Source]]
"""By run: its sources, all of them resolved: a source's own sources are not followed. A writer
appears once for a run. A row counts or not by its own step; the fragments that count join the row
before them that does. On the time axis a row of another run has that run's origin. System metrics
know no sources."""


Bases = Mapping[str, int]
"""By writer of a run and of its sources: what its times count from on the axis `time`, µs since
1970, where that is not the origin of the run that its rows are stored in."""


@dataclass(slots=True, frozen=True)
class Place:
    """Where points lie on the x axis.

    On the axis `metric` the x of a point is the value of `metric` in the same joined row (the last
    fragment's), else, with `step_sync`, that of the last row before it that has one, among the
    rows that count of its writer and sort (system rows know only system rows). Points without an
    x, or with one that is not finite, do not count.
    """

    axis: Axis = "step"
    metric: str | None = None
    step_sync: bool = True


BY_STEP: Final = Place()


class StepMetric(NamedTuple):
    """The metric that `define_metric` made the x of others."""

    metric: str
    step_sync: bool = True


FEWEST_BUCKETS: Final = 64
"""What a query may ask for at least."""


@dataclass(slots=True, frozen=True)
class SeriesQuery:
    """One panel's question.

    Attributes:
        lineage: the sources of those runs that were forked or rewound.
        lo, hi: range `[lo, hi)` on the axis; None = from the first, to the last point.
        n_buckets: at most this many buckets in the range (64 to 10,000).
        axis_metric, step_sync: of the axis `metric`, see `Place`.
        parts: by run, by writer: the name of the part of the run that its points belong to, each
            part a series; writers that are not named are left out. None = a series per run.
        bases: of those runs some of whose times count from elsewhere than the origin.
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

    @property
    def place(self) -> Place:
        return Place(self.axis, self.axis_metric, self.step_sync)
