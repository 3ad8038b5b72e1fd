"""When a run is stopped early: asynchronous successive halving, in W&B's form.

A band is a count of values that a run logged of its metric. A run that has reached a band is
compared with all runs that have: it goes on if it is among the best `1 / eta` of them. Nothing
waits for other runs, so the first ones go on.

Sources: Li et al., Hyperband, https://arxiv.org/abs/1603.06560; Li et al., A System for Massively
Parallel Hyperparameter Tuning (ASHA), https://arxiv.org/abs/1810.05934. Thresholds and bands are
those of W&B's `sweeps` library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from weft.sweeps.config import EarlyTermination

EARLY_TERMINATION: Final = "the sweep's early termination"
"""The name under which it stops runs."""


@dataclass(slots=True)
class Progress:
    """The metric of a run as losses: less is better.

    `at_bands` has the value at each band that was reached; `n_judged` of them were reached when it
    was last judged.
    """

    at_bands: list[float] = field(default_factory=list[float])
    least: float = math.inf
    n_judged: int = 0
    n_values: int = 0

    def add(self, loss: float, bands: Sequence[int]) -> None:
        """Add the run's next value.

        >>> run = Progress()
        >>> for loss in (0.9, 0.5, 0.7): run.add(loss, (2, 9))
        >>> run.at_bands, run.least
        ([0.5], 0.5)
        """
        self.n_values += 1
        self.least = min(self.least, loss)
        if len(self.at_bands) < len(bands) and self.n_values >= bands[len(self.at_bands)]:
            self.at_bands.append(loss)


def thresholds(rule: EarlyTermination, runs: Mapping[int, Progress]) -> list[float | None]:
    """The largest loss with which a run goes on at each band; None if no run has reached it."""
    bounds: list[float | None] = []
    for band in range(len(rule.bands)):
        losses = sorted(run.at_bands[band] for run in runs.values() if len(run.at_bands) > band)
        bounds.append(losses[int(len(losses) / rule.eta)] if losses else None)
    return bounds


def to_stop(
    rule: EarlyTermination, runs: Mapping[int, Progress], running: Sequence[int]
) -> list[int]:
    """The running runs to stop.

    A run is judged at the last band that it has reached, and at those before that it reached since
    it was last judged: by its value there if the rule is strict, else by its best value.

    >>> rule = EarlyTermination(bands=(3,), eta=2, strict=False)
    >>> runs = {0: Progress([0.5], 0.5), 1: Progress([0.9], 0.8), 2: Progress([0.4], 0.4)}
    >>> to_stop(rule, runs, [0, 1, 2])
    [1]
    """
    limits = thresholds(rule, runs)
    return [
        number for number in running if number in runs and _is_behind(rule, limits, runs[number])
    ]


def _is_behind(rule: EarlyTermination, limits: Sequence[float | None], run: Progress) -> bool:
    reached = len(run.at_bands)
    for band in range(min(run.n_judged, max(reached - 1, 0)), reached):
        limit = limits[band]
        loss = run.at_bands[band] if rule.strict else run.least
        if limit is not None and loss > limit:
            return True
    return False
