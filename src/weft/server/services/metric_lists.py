"""What the metric service answers with: pages of metrics, last values of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weft.server.services.types import MetricInfo


@dataclass(slots=True)
class MetricPage:
    """Some metrics by name.

    Attributes:
        cursor: ask with it for the next page; None = this is the last.
        total: metrics on all pages.
    """

    metrics: list[MetricInfo]
    cursor: str | None
    total: int


@dataclass(slots=True)
class MetricNames:
    """Names of metrics, ascending.

    Attributes:
        numbers: of those with numbers: curves can be drawn of them.
        objects: of those of which every value is an object, such as histograms.
        histograms: of those among the objects that are histograms, as far as was looked.
        n_runs: how many runs have each of the numbers, then of the objects.
        system: of those that were measured of machines and processes; `both`: of those among
            them that scripts logged, too.
        hidden: of those that every run with them hides: `define_metric(hidden=True)`.
        total: of all there are, also where there are more than an answer takes.
    """

    numbers: list[str]
    objects: list[str]
    histograms: list[str]
    n_runs: list[int]
    system: list[str]
    both: list[str]
    hidden: list[str]
    total: int


@dataclass(slots=True)
class RunLatest:
    """The last values of a run's metrics, by name."""

    run: str
    values: dict[str, Any]
