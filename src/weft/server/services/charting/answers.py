"""The answer to a panel. Pure data; `http.answers.arrow` encodes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from weft.server.storage.contract import Float64, Int64, NonFinite, Series


@dataclass(slots=True)
class Band:
    """The band around a group's curve, by bucket of its series.

    Edges are NaN where there is no band (one run has no deviation). `n_runs` are those with a
    value there, their own or interpolated.
    """

    low: Float64
    high: Float64
    n_runs: Int64


@dataclass(slots=True)
class Drawn:
    """One curve of a panel.

    Attributes:
        series: of a run or a part of it. For a group, `mean` is the center, `minimum` and
            `maximum` are the extremes of all runs, `count` is the number of their points, and
            `m2`, `first` and `last` are NaN.
        origin_micros: time of x = 0 on the run's time axis; 0 for a group.
        axis_metric: the metric on the x axis. None if x is the step or time.
        group: the values of the columns that runs were grouped by.
        n_runs: number of runs in the curve.
        reason: why the curve has no points; empty if it has some.
        first_nonfinite: the first nonfinite value; read only if the request asks for all columns.
    """

    series: Series
    origin_micros: int = 0
    axis_metric: str | None = None
    group: tuple[Any, ...] | None = None
    n_runs: int = 1
    band: Band | None = None
    reason: str = ""
    first_nonfinite: NonFinite | None = None


@dataclass(slots=True)
class PanelAnswer:
    """All curves of one panel.

    `bounds` of the y axis are None if not asked for, or if nothing finite is drawn.
    """

    drawn: list[Drawn]
    bounds: tuple[float, float] | None = None


def empty_series(run: str, key: str, part: str | None = None) -> Series:
    """A series without points, level 0."""
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Series(
        run=run,
        key=key,
        level=0,
        buckets=whole,
        count=whole,
        minimum=real,
        maximum=real,
        mean=real,
        m2=real,
        first=real,
        last=real,
        x=real,
        nonfinite=whole,
        nan=whole,
        positive_infinity=whole,
        negative_infinity=whole,
        part=part,
    )
