"""The runs of a list that charts show where nothing else is chosen: the first runs, or groups.

The web app has the same rule in `web/src/data/runs/shown-runs.ts`, with this number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from weft.queries.filters import Order, kind_of_column

FIRST_SHOWN: Final = 10
"""Runs or groups that a list shows without a choice, and as many running runs."""


class GroupFigure(NamedTuple):
    """A figure of each group by which groups are in order."""

    column: str
    function: Literal["max", "mean"]

    @property
    def name(self) -> str:
        """Its name in an order of groups."""
        return f"{self.function}({self.column})"


def first_shown(ids: Sequence[str], running: Sequence[str]) -> list[str]:
    """Ids of a list's runs that are shown without a choice.

    Args:
        ids: of the list, in its order.
        running: those of them that run.

    >>> first_shown([str(n) for n in range(20)], ["3", "15"])[-3:]
    ['9', '3', '15']
    """
    return [*ids[:FIRST_SHOWN], *running[:FIRST_SHOWN]]


def figures_of_groups(order: Sequence[Order], group_by: Sequence[str]) -> list[GroupFigure]:
    """The figures by which groups are in order where runs are ordered by other columns.

    >>> figures_of_groups([Order("config.lr"), Order("summary.loss")], ["config.lr"])
    [GroupFigure(column='summary.loss', function='mean')]
    """
    others = (key.column for key in order if key.column not in group_by)
    return [figure for figure in map(_figure_of, others) if figure is not None]


def order_of_groups(order: Sequence[Order], group_by: Sequence[str]) -> list[Order]:
    """The order of the outermost groups where runs are in an order."""
    keys = ((_group_column(key.column, group_by), key.descending) for key in order)
    return [Order(column, descending) for column, descending in keys if column is not None]


def _figure_of(column: str) -> GroupFigure | None:
    """The figure by which groups are ordered where runs are ordered by a column."""
    kind = kind_of_column(column)
    if kind in {"text", "texts"}:
        return None
    return GroupFigure(column, "max" if kind == "time" else "mean")


def _group_column(column: str, group_by: Sequence[str]) -> str | None:
    if column in group_by:
        return column if column == group_by[0] else None
    figure = _figure_of(column)
    return None if figure is None else figure.name
