"""Metric definitions from `define_metric`: merging, globs, and what the summary shows. Pure.

A client writes complete definitions into the run log, each merged with the earlier ones of its
name, so that a reader needs only the latest definition of each name. Client and server find a
metric's definition by `definition_of`, so that both show the same summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from weft.records.aggregates import AGGREGATES
from weft.records.record import MetricDefinition

SUMMARY_KINDS: Final = frozenset({*AGGREGATES, "copy", "none"})
"""Values of `define_metric(summary=...)`: `copy` shows the plain last value, `none` nothing."""

Goal = Literal["minimize", "maximize"]
GOALS: Final[tuple[Goal, ...]] = get_args(Goal)


def merged(before: MetricDefinition | None, later: MetricDefinition) -> MetricDefinition:
    """The definition of a name after a further call; what the call leaves out stays the same.

    Summaries accumulate; `none` holds until a later call names a summary again.

    >>> first = MetricDefinition("loss", step_metric="epoch", summary=["min"])
    >>> both = merged(first, MetricDefinition("loss", summary=["max"], hidden=True))
    >>> both.step_metric, both.step_sync, both.summary, both.hidden
    ('epoch', True, ['min', 'max'], True)
    """
    if before is None or later.overwrite:
        before = MetricDefinition(later.name)
    step_metric = later.step_metric or before.step_metric
    step_sync = before.step_sync if later.step_sync is None else later.step_sync
    if step_sync is None and step_metric is not None:
        step_sync = True
    summary = before.summary
    if later.summary:
        shown = [kind for kind in before.summary if kind != "none"]
        summary = list(dict.fromkeys([*shown, *later.summary]))
    return MetricDefinition(
        name=later.name,
        step_metric=step_metric,
        step_sync=step_sync,
        summary=summary,
        goal=later.goal or before.goal,
        hidden=before.hidden if later.hidden is None else later.hidden,
        overwrite=True,
        micros=later.micros,
    )


def definition_of(
    key: str, definitions: Mapping[str, MetricDefinition]
) -> MetricDefinition | None:
    """A metric's definition: the one of its name, else the one of the longest glob that matches.

    A glob ends with `*` and never matches names that start with `_`, as in W&B. Only one
    definition applies: one of the exact name inherits nothing from a glob.

    >>> rules = {"*": MetricDefinition("*"), "val/*": MetricDefinition("val/*")}
    >>> definition_of("val/loss", rules).name, definition_of("loss", rules).name
    ('val/*', '*')
    """
    exact = definitions.get(key)
    if exact is not None or key.startswith("_"):
        return exact
    fitting = [
        name
        for name in definitions
        if name.endswith("*") and key.startswith(name.removesuffix("*"))
    ]
    return definitions[max(fitting, key=len)] if fitting else None


def step_metric_of(key: str, definition: MetricDefinition | None) -> str | None:
    """The metric that is `key`'s x axis, None if it is the step. No metric is its own x axis.

    >>> every = MetricDefinition("*", step_metric="epoch")
    >>> step_metric_of("loss", every), step_metric_of("epoch", every)
    ('epoch', None)
    """
    if definition is None or definition.step_metric == key:
        return None
    return definition.step_metric


def aggregates_of(definition: MetricDefinition | None) -> tuple[str, ...] | None:
    """The `AGGREGATES` of a metric that the summary shows; None if it shows the plain last value.

    >>> aggregates_of(MetricDefinition("loss", summary=["max", "copy", "min"]))
    ('min', 'max')
    >>> aggregates_of(MetricDefinition("loss", summary=["none"]))
    ()
    """
    if definition is None or not definition.summary:
        return None
    if "none" in definition.summary:
        return ()
    return tuple(kind for kind in AGGREGATES if kind in definition.summary) or None
