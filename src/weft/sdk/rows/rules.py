"""The treatment of the values of a metric that `define_metric` defines. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from weft.records.aggregates import Folds, folds_of
from weft.records.definition import aggregates_of, definition_of, step_metric_of
from weft.records.record import MetricDefinition

RESERVED_STEPS: Final = frozenset({"_step", "_runtime", "_timestamp"})
"""Axes that every row has: as step metrics they need no value of their own."""


class Rule:
    """The treatment of a key's values, beyond writing them.

    The last value of `step_metric` is added to rows that lack it. Without `aggregates`, the
    summary shows the plain last value. `goal` chooses the `best` value.
    """

    __slots__ = ("aggregates", "folds", "goal", "step_metric")

    def __init__(
        self, step_metric: str | None, aggregates: tuple[str, ...] | None, goal: str | None
    ) -> None:
        self.step_metric = step_metric
        self.aggregates = aggregates
        self.goal = goal
        self.folds = folds_of(aggregates or (), goal)

    def new_folds(self) -> Folds:
        """Return its folds, of no numbers yet."""
        return Folds(self.folds)


def rule_of(
    key: str, definition: MetricDefinition | None, globs: Mapping[str, MetricDefinition]
) -> Rule | None:
    """Return the rule for a key's values, or None if they are only written.

    Without a definition of this name, one of the globs may match. Only these are searched, because
    a script may define thousands of names one by one.
    """
    definition = definition or definition_of(key, globs)
    if definition is None:
        return None
    step = step_metric_of(key, definition) if definition.step_sync else None
    aggregates = aggregates_of(definition)
    if step in RESERVED_STEPS:
        step = None
    if step is None and aggregates is None:
        return None
    return Rule(step, aggregates, definition.goal)
