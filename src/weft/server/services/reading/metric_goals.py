"""Goals of a project's metrics, low or high, from `define_metric(goal=...)`.

Used by `services.selecting`; reads definitions from the metadata.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from weft.records.definition import GOALS, Goal, definition_of
from weft.records.record import MetricDefinition
from weft.server.services.access.actors import SYSTEM
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import GoalRules

_MAX_NEWEST: Final = 64
_MAX_SPREAD: Final = 192
"""Maximum numbers of runs whose definitions are read: the newest, and others spread evenly over
the project. Runs of one script have the same definitions, so a few are enough for 100,000 runs."""


class MetricGoals:
    """The goals of a project's metrics.

    >>> goals = MetricGoals({1: (("val/*", "maximize"),), 2: (("val/loss", "minimize"),)})
    >>> goals.of("val/acc"), goals.of("train/acc")
    ('maximize', None)
    """

    def __init__(self, by_run: dict[int, GoalRules]) -> None:
        # In the order of the runs, so that the older goal wins a tie.
        self._n_runs = Counter(by_run[run] for run in sorted(by_run))
        self._rules = {
            rules: {name: MetricDefinition(name, goal=goal) for name, goal in rules}
            for rules in self._n_runs
        }
        self._names = {name for rules in self._rules for name, goal in rules if goal is not None}
        self._has_globs = any(name.endswith("*") for name in self._names)

    def of(self, metric: str) -> Goal | None:
        """`minimize` or `maximize`, whichever more runs define; None if no run defines either."""
        if not self._names or not (self._has_globs or metric in self._names):
            return None
        votes = Counter[Goal]()
        for rules, n_runs in self._n_runs.items():
            definition = definition_of(metric, self._rules[rules])
            if definition is not None and definition.goal in GOALS:
                votes[definition.goal] += n_runs
        return votes.most_common(1)[0][0] if votes else None


def metric_goals(stores: Stores, project_id: int) -> MetricGoals:
    """The goals that the runs of a project define, without runs in the trash.

    Cost: the definitions of at most 256 runs.
    """
    runs = stores.columns.view(SYSTEM, project_id, ()).runs
    shown = np.flatnonzero(runs.is_alive & ~runs.is_trashed)
    chosen = np.union1d(shown[-_MAX_NEWEST:], spread_evenly(shown, _MAX_SPREAD))
    with stores.metadata.read() as tx:
        return MetricGoals(stores.metadata.definitions.goals(tx, runs.row_ids[chosen].tolist()))


def spread_evenly(values: Int64, most: int) -> Int64:
    """Choose at most `most` of some values, evenly spaced from the first to the last.

    >>> spread_evenly(np.arange(10), 4)
    array([0, 3, 6, 9])
    """
    if len(values) <= most:
        return values
    return values[(len(values) - 1) * np.arange(most) // (most - 1)]
