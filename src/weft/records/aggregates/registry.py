"""The aggregates that a summary can show, each with the fold that computes it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from weft.records.aggregates.extremes import Maximum, Minimum
from weft.records.aggregates.first import First
from weft.records.aggregates.fold import Fold
from weft.records.aggregates.mean import Mean


class Aggregate(msgspec.Struct, frozen=True):
    """One value that a summary can show of a metric, below the metric's name: `loss.min`.

    Attributes:
        title: its title, for the documents and the web app.
        fold: the fold that computes it. If None, it is the last value, which every metric has.
        fold_if_maximized: the fold if the metric's goal is to be maximized. If None,
            `fold` does.
        goals: the goals of a metric whose best value it is.
    """

    title: str
    fold: type[Fold] | None
    fold_if_maximized: type[Fold] | None = None
    goals: tuple[str, ...] = ()


AGGREGATES: Final[dict[str, Aggregate]] = {
    "min": Aggregate("lowest finite number", Minimum, goals=("minimize",)),
    "max": Aggregate("highest finite number", Maximum, goals=("maximize",)),
    "mean": Aggregate("mean of the finite numbers", Mean),
    "last": Aggregate("last value", None),
    "first": Aggregate("first number", First),
    "best": Aggregate(
        "minimum, or maximum if that is the goal", Minimum, Maximum, ("minimize", "maximize")
    ),
}
"""Aggregates by the names that `define_metric(summary=...)` takes, in the order of display."""


def fold_of(kind: str, goal: str | None) -> type[Fold] | None:
    """The fold that computes an aggregate of a metric with this goal. None for the last value.

    >>> fold_of("best", "maximize").__name__
    'Maximum'
    """
    aggregate = AGGREGATES[kind]
    is_maximized = goal == "maximize" and aggregate.fold_if_maximized is not None
    return aggregate.fold_if_maximized if is_maximized else aggregate.fold


def folds_of(kinds: Iterable[str], goal: str | None) -> list[type[Fold]]:
    """The folds that some aggregates need, each once.

    >>> [fold.__name__ for fold in folds_of(["min", "best", "last"], None)]
    ['Minimum']
    """
    folds = (fold_of(kind, goal) for kind in kinds)
    return [*dict.fromkeys(fold for fold in folds if fold is not None)]


ALL_FOLDS: Final = [
    *dict.fromkeys([*folds_of(AGGREGATES, None), *folds_of(AGGREGATES, "maximize")])
]
"""The folds of all aggregates, each once."""
