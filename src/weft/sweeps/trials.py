"""Trials: parameter sets that agents get, and their results. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from weft.sweeps.config import Metric
from weft.sweeps.space import Parameters
from weft.sweeps.states import TrialState

AgentKey = int | str
"""An agent: its row id in the metadata, or its own id in the folder of a local sweep."""


class Trial(NamedTuple):
    """A parameter set, and its run.

    Attributes:
        number: counted from 0 in its sweep. -1 and below: a run from before the sweep.
        state: `queued` while it waits for an agent again, `given` until its run has ended.
        values: one per metric, as logged; None until the run has ended, and if it failed.
        loss: the value of a finished trial of a sweep with one metric: less is better.
        error: why there is no value.
        given_micros: when an agent got it.
    """

    number: int
    parameters: Parameters
    state: TrialState = "given"
    values: Sequence[float] | None = None
    run: str = ""
    agent: AgentKey | None = None
    resumes: bool = False
    stopped_early: bool = False
    loss: float | None = None
    error: str | None = None
    given_micros: int = 0
    ended_micros: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether its run has not ended."""
        return self.state in ("given", "queued")


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
        if trial.state == "finished" and trial.values is not None
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
