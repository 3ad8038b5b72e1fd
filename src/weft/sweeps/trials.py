"""Trials: parameter sets that were handed out, and what came of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from weft.sweeps.config import Metric
from weft.sweeps.space import Parameters

Outcome = Literal["running", "finished", "failed"]


class Trial(NamedTuple):
    """A parameter set that was handed out.

    Attributes:
        number: counted from 0 in its sweep. -1 and below: a run from before the sweep.
        values: one per metric, as logged; None until the run has ended, and if it failed.
    """

    number: int
    parameters: Parameters
    outcome: Outcome = "running"
    values: tuple[float, ...] | None = None


def pareto_front(metrics: Sequence[Metric], trials: Sequence[Trial]) -> list[Trial]:
    """The finished trials that no other is better than: as good in each metric, better in one.

    >>> metrics = [Metric("loss"), Metric("accuracy", "maximize")]
    >>> points = [(0.1, 0.8), (0.2, 0.9), (0.2, 0.7)]
    >>> trials = [Trial(n, {}, "finished", point) for n, point in enumerate(points)]
    >>> [trial.number for trial in pareto_front(metrics, trials)]
    [0, 1]
    """
    points = [
        (tuple(m.loss(v) for m, v in zip(metrics, trial.values, strict=True)), trial)
        for trial in trials
        if trial.outcome == "finished" and trial.values is not None
    ]
    front: list[tuple[tuple[float, ...], Trial]] = []
    # In lexicographic order, only points of the front so far can be better than a point.
    for losses, trial in sorted(points, key=lambda point: (point[0], point[1].number)):
        if not any(
            other != losses and all(a <= b for a, b in zip(other, losses, strict=True))
            for other, _ in front
        ):
            front.append((losses, trial))
    return sorted((trial for _, trial in front), key=lambda trial: trial.number)
