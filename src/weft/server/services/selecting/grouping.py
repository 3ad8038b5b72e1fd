"""Groups runs by the values of columns, with aggregates of each group. Pure.

On each level a run is in one group, or in one for each of its tags (or of its writers' labels).
Numbers and bools that are equal form one group; null and missing are separate groups, sorted last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from weft.errors import ConfigError, FilterError
from weft.queries.filter_json import decode_value, encode_value
from weft.queries.filters import Order
from weft.server.services.access.cursors import decode_cursor, encode_cursor
from weft.server.services.columns.project_columns import View
from weft.server.services.columns.typed_column import MISSING, TypedColumn
from weft.server.services.selecting.aggregates import Figures, aggregate
from weft.server.services.selecting.distinct import flatten_lists, starts_group, value_keys
from weft.server.services.selecting.ordering import (
    SortValue,
    directed,
    key_of_value,
    sort_key,
    sort_value,
)
from weft.server.services.selecting.paging import after, sorted_indices
from weft.server.services.selecting.types import GroupSelection
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import BIG_INT
from weft.wire.runs.selecting import Aggregate, Group, GroupList

MAX_GROUPS: Final = 10_000
"""The most groups in one answer, over all levels."""

MISSING_VALUE: Final = {"_type": "missing"}
"""The value of a group whose runs have no value."""


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    order: list[tuple[str, bool]]
    values: list[SortValue]
    value: SortValue
    digits: str


@dataclass(slots=True)
class _Level:
    """The groups of one level inside one group.

    `column` has an entry per group. `members` and `group_of` are slots of runs and their groups,
    in the order of groups, which begin at `starts`; a run with several tags occurs several times.
    """

    column: TypedColumn
    members: Int64
    group_of: Int64
    starts: Int64

    def __len__(self) -> int:
        return len(self.starts) - 1


def group_runs(view: View, slots: Int64, selection: GroupSelection) -> GroupList:
    pages = _Pages(view, selection)
    groups, cursor, total = pages.page(slots, len(selection.under), selection.cursor)
    return GroupList(groups, cursor, total)


def encode_group_value(value: Any) -> Any:
    """A group's value as JSON."""
    return dict(MISSING_VALUE) if value is MISSING else encode_value(value)


def decode_group_value(value: Any) -> Any:
    """The inverse of `encode_group_value`."""
    return MISSING if value == MISSING_VALUE else decode_value(value)


class _Pages:
    """Answers one query; counts the groups it returns, and returns at most `MAX_GROUPS`."""

    def __init__(self, view: View, selection: GroupSelection) -> None:
        self._view = view
        self._selection = selection
        self._n_groups = 0
        self._above = [encode_group_value(value) for value in selection.under]

    def page(
        self, slots: Int64, depth: int, cursor: str | None
    ) -> tuple[list[Group], str | None, int]:
        """Groups by the column at `depth` of `by`, with the groups of the deeper levels inside."""
        selection, view = self._selection, self._view
        level = _level_of(view, slots, view.columns[selection.by[depth]])
        figures = [
            aggregate(view, level.members, level.starts, requested)
            for requested in selection.aggregates
        ]
        sorters = [
            _Sorter(level, figures, selection.aggregates, order) for order in self._orders(depth)
        ]
        keys = [key for sorter in sorters for key in sorter.keys]
        keys += value_keys(level.column)
        indices = np.arange(len(level))
        if cursor is not None:
            position = self._decoded(sorters, level, decode_cursor(cursor, _Cursor))
            indices = np.flatnonzero(after(keys, position))
        indices = indices[sorted_indices([key[indices] for key in keys])]
        room = MAX_GROUPS - self._n_groups
        n_listed = min(selection.limit, room)
        page = indices[:n_listed]
        self._n_groups += len(page)
        following = None
        if len(indices) > n_listed and len(page):
            last = int(page[-1])
            following = encode_cursor(
                _Cursor(
                    [(sorter.order.column, sorter.order.descending) for sorter in sorters],
                    [sorter.value(last) for sorter in sorters],
                    sort_value(level.column, last),
                    _digits(level.column, last),
                )
            )
        groups = [self._info(level, figures, int(index), depth) for index in page]
        return groups, following, len(level)

    def _info(self, level: _Level, figures: Sequence[Figures], index: int, depth: int) -> Group:
        members = level.members[level.starts[index] : level.starts[index + 1]]
        self._above.append(encode_group_value(level.column.value(index)))
        inner: list[Group] | None = None
        n_inner: int | None = None
        selection = self._selection
        if depth + 1 < min(len(selection.by), len(selection.under) + selection.levels):
            inner, _, n_inner = self.page(np.sort(members), depth + 1, None)
        values = list(self._above)
        self._above.pop()
        return Group(
            values=values,
            n_runs=len(members),
            aggregates=[figure.value(index) for figure in figures],
            groups=inner,
            n_groups=n_inner,
        )

    def _orders(self, depth: int) -> list[Order]:
        """The sort keys that apply on this level; columns of outer levels are constant here."""
        by = self._selection.by
        return [
            order
            for order in self._selection.order
            if order.column == by[depth] or order.column not in by
        ]

    def _decoded(self, sorters: Sequence[_Sorter], level: _Level, cursor: _Cursor) -> list[float]:
        order = [(sorter.order.column, sorter.order.descending) for sorter in sorters]
        if cursor.order != order or len(cursor.values) != len(order):
            raise ConfigError("the cursor belongs to a page in another order")
        numbers: list[float] = []
        for sorter, value in zip(sorters, cursor.values, strict=True):
            numbers += sorter.key_of(value)
        numbers += key_of_value(level.column, cursor.value, descending=False)
        return [*numbers, level.column.texts.rank_of(cursor.digits) if cursor.digits else -1.0]


class _Sorter:
    """Sorts the groups of a level by one sort key."""

    def __init__(
        self,
        level: _Level,
        figures: Sequence[Figures],
        aggregates: Sequence[Aggregate],
        order: Order,
    ) -> None:
        self.order = order
        self._column: TypedColumn | None = None
        self._slots = np.zeros(0, np.int64)
        if order.column == "n_runs":
            self._numbers = np.diff(level.starts).astype(np.float64)
        else:
            names = [f"{requested.function}({requested.column})" for requested in aggregates]
            if order.column in names:
                figure = figures[names.index(order.column)]
                self._numbers = figure.numbers
                if figure.column is not None:
                    self._column, self._slots = figure.column, figure.slots
            else:
                self._column, self._slots = level.column, np.arange(len(level))
        if self._column is not None:
            self.keys = list(sort_key(self._column, self._slots, descending=order.descending))
        else:
            is_missing = np.isnan(self._numbers)
            classes = np.where(is_missing, 5.0, 0.0)
            positions = np.where(is_missing, 0.0, self._numbers)
            self.keys = list(directed(classes, positions, descending=order.descending))

    def value(self, index: int) -> SortValue:
        """The sort position of a group."""
        if self._column is not None:
            return sort_value(self._column, int(self._slots[index]))
        number = float(self._numbers[index])
        return SortValue(5) if np.isnan(number) else SortValue(0, number)

    def key_of(self, value: SortValue) -> Sequence[float]:
        """The sort key of a cursor's value."""
        if self._column is not None:
            return key_of_value(self._column, value, descending=self.order.descending)
        key = directed(
            np.array([float(value.kind_class)]),
            np.array([value.number]),
            descending=self.order.descending,
        )
        return float(key.classes[0]), float(key.positions[0])


def check_order(selection: GroupSelection) -> None:
    """Refuse an order by columns that the groups don't have."""
    names = {"n_runs", *selection.by}
    names |= {f"{requested.function}({requested.column})" for requested in selection.aggregates}
    for order in selection.order:
        if order.column not in names:
            raise FilterError(
                f"groups are sorted by {', '.join(sorted(names))}, not by {order.column[:80]!r}",
                field="order",
            )


def _level_of(view: View, slots: Int64, column: TypedColumn) -> _Level:
    if column.is_list:
        indices, column = flatten_lists(column, slots)
        slots, values = slots[indices], np.arange(len(indices))
    else:
        values = slots
    keys = [key[values] for key in value_keys(column)]
    # Newest first in each group, so that its value and `last` belong to the newest run.
    newest = [
        -view.runs.created[slots].astype(np.float64),
        -view.runs.row_ids[slots].astype(float),
    ]
    order = sorted_indices([*keys, *newest])
    is_first = starts_group(keys, order)
    firsts = np.flatnonzero(is_first)
    first_of_each = column.take(values[order[firsts]])
    return _Level(
        first_of_each, slots[order], np.cumsum(is_first) - 1, np.append(firsts, len(order))
    )


def _digits(column: TypedColumn, index: int) -> str:
    if column.kinds[index] != BIG_INT:
        return ""
    return column.texts[int(column.codes[index])]
