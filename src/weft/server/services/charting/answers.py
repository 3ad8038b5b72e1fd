"""What a panel is answered with. Pure data; `http.answers.arrow` puts it on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from weft.server.storage.contract import Float64, Int64, NonFinite, Series


@dataclass(slots=True)
class Band:
    """What a group's curve has beside its center, by bucket of its series.

    Attributes:
        low, high: the band's edges; NaN where it has none (one run has no deviation).
        n_runs: how many runs have a value there, their own or interpolated.
    """

    low: Float64
    high: Float64
    n_runs: Int64


@dataclass(slots=True)
class Drawn:
    """One curve of a panel.

    Attributes:
        series: of a run or a part of it; for a group: `mean` is the center, `minimum` and
            `maximum` the extremes of all runs, `count` their points; `m2`, `first`, `last` NaN.
        origin_micros: what the run's time axis counts from; 0 for a group.
        axis_metric: the metric that x is the value of; None = step or time.
        group: the values of the columns that runs were grouped by.
        n_runs: runs that the curve is made of.
        reason: why it has no points; empty where it has some.
        first_odd: its first non-finite value; asked for only with all columns.
    """

    series: Series
    origin_micros: int = 0
    axis_metric: str | None = None
    group: tuple[Any, ...] | None = None
    n_runs: int = 1
    band: Band | None = None
    reason: str = ""
    first_odd: NonFinite | None = None


@dataclass(slots=True)
class PanelAnswer:
    """All curves of one panel.

    Attributes:
        bounds: where the y axis should end, as asked; None = not asked, or nothing is finite.
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
        odd=whole,
        nan=whole,
        positive_infinity=whole,
        negative_infinity=whole,
        part=part,
    )
