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
from weft.queries.filter_json import encode_value
from weft.queries.filters import Order
from weft.server.services.access.cursors import decode_cursor, encode_cursor
from weft.server.services.columns.project_columns import View
from weft.server.services.columns.typed_column import MISSING, TypedColumn
from weft.server.services.selecting.aggregates import Figures, aggregate
from weft.server.services.selecting.distinct import one_by_one, starts_anew, value_keys
from weft.server.services.selecting.ordering import (
    SortValue,
    directed,
    key_of_place,
    place_of,
    sort_key,
)
from weft.server.services.selecting.paging import after, sorted_indices
from weft.server.services.selecting.types import GroupQuestion
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import BIG_INT
from weft.wire.selecting import Aggregate, Group, GroupList

MAX_GROUPS: Final = 10_000
"""The most groups in one answer, over all levels."""

MISSING_VALUE: Final = {"_type": "missing"}
"""The value of a group whose runs have no value."""


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    order: list[tuple[str, bool]]
    places: list[SortValue]
    place: SortValue
    digits: str


@dataclass(slots=True)
class _Level:
    """The groups of one level inside one group.

    Attributes:
        column: the groups' values, one entry per group.
        members, group_of: the slot and the group of each run, in the order of groups; a run with
            several tags occurs several times.
        starts: where each group begins in `members`; one more than there are groups.
    """

    column: TypedColumn
    members: Int64
    group_of: Int64
    starts: Int64

    def __len__(self) -> int:
        return len(self.starts) - 1


def group_runs(view: View, slots: Int64, question: GroupQuestion) -> GroupList:
    """Group some runs.

    Raises:
        ConfigError: the cursor is invalid or belongs to another order.
    """
    done = _Done(view, question)
    groups, cursor, total = done.page(slots, len(question.under), question.cursor)
    return GroupList(groups, cursor, total)


def encode_group_value(value: Any) -> Any:
    """A group's value as JSON."""
    return dict(MISSING_VALUE) if value is MISSING else encode_value(value)


class _Done:
    """Answers one question; counts the groups it returns, to keep to `MAX_GROUPS`."""

    def __init__(self, view: View, question: GroupQuestion) -> None:
        self._view = view
        self._question = question
        self._n_groups = 0
        self._above = [encode_group_value(value) for value in question.under]

    def page(
        self, slots: Int64, depth: int, cursor: str | None
    ) -> tuple[list[Group], str | None, int]:
        """Groups by the column at `depth` of `by`, with the groups of the deeper levels inside."""
        question, view = self._question, self._view
        level = _level_of(view, slots, view.columns[question.by[depth]])
        figures = [
            aggregate(view, level.members, level.starts, one) for one in question.aggregates
        ]
        sorters = [
            _Sorter(level, figures, question.aggregates, one) for one in self._orders(depth)
        ]
        keys = [key for one in sorters for key in one.keys]
        keys += value_keys(level.column)
        indices = np.arange(len(level))
        if cursor is not None:
            place = self._decoded(sorters, level, decode_cursor(cursor, _Cursor))
            indices = np.flatnonzero(after(keys, place))
        indices = indices[sorted_indices([key[indices] for key in keys])]
        room = MAX_GROUPS - self._n_groups
        n_taken = min(question.limit, room)
        taken = indices[:n_taken]
        self._n_groups += len(taken)
        following = None
        if len(indices) > n_taken and len(taken):
            last = int(taken[-1])
            following = encode_cursor(
                _Cursor(
                    [(one.order.column, one.order.descending) for one in sorters],
                    [one.place(last) for one in sorters],
                    place_of(level.column, last),
                    _digits(level.column, last),
                )
            )
        groups = [self._info(level, figures, int(index), depth) for index in taken]
        return groups, following, len(level)

    def _info(self, level: _Level, figures: Sequence[Figures], index: int, depth: int) -> Group:
        members = level.members[level.starts[index] : level.starts[index + 1]]
        self._above.append(encode_group_value(level.column.value(index)))
        inner: list[Group] | None = None
        n_inner: int | None = None
        question = self._question
        if depth + 1 < min(len(question.by), len(question.under) + question.levels):
            inner, _, n_inner = self.page(np.sort(members), depth + 1, None)
        values = list(self._above)
        self._above.pop()
        return Group(
            values=values,
            n_runs=len(members),
            aggregates=[one.value(index) for one in figures],
            groups=inner,
            n_groups=n_inner,
        )

    def _orders(self, depth: int) -> list[Order]:
        """The sort keys that apply on this level; columns of outer levels are constant here."""
        by = self._question.by
        return [
            one for one in self._question.order if one.column == by[depth] or one.column not in by
        ]

    def _decoded(self, sorters: Sequence[_Sorter], level: _Level, cursor: _Cursor) -> list[float]:
        asked = [(one.order.column, one.order.descending) for one in sorters]
        if cursor.order != asked or len(cursor.places) != len(asked):
            raise ConfigError("the cursor belongs to a page in another order")
        numbers: list[float] = []
        for one, place in zip(sorters, cursor.places, strict=True):
            numbers += one.key_of(place)
        numbers += key_of_place(level.column, cursor.place, descending=False)
        return [*numbers, level.column.texts.place_of(cursor.digits) if cursor.digits else -1.0]


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
            names = [f"{one.function}({one.column})" for one in aggregates]
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
            places = np.where(is_missing, 0.0, self._numbers)
            self.keys = list(directed(classes, places, descending=order.descending))

    def place(self, index: int) -> SortValue:
        """The sort position of a group."""
        if self._column is not None:
            return place_of(self._column, int(self._slots[index]))
        number = float(self._numbers[index])
        return SortValue(5) if np.isnan(number) else SortValue(0, number)

    def key_of(self, place: SortValue) -> Sequence[float]:
        """The sort key of a cursor's place."""
        if self._column is not None:
            return key_of_place(self._column, place, descending=self.order.descending)
        key = directed(
            np.array([float(place.kind_class)]),
            np.array([place.number]),
            descending=self.order.descending,
        )
        return float(key.classes[0]), float(key.places[0])


def check_order(question: GroupQuestion) -> None:
    """Return if the groups can be sorted by the question's order.

    Raises:
        FilterError: it names a column that the groups don't have.
    """
    known = {"n_runs", *question.by}
    known |= {f"{one.function}({one.column})" for one in question.aggregates}
    for one in question.order:
        if one.column not in known:
            raise FilterError(
                f"groups are sorted by {', '.join(sorted(known))}, not by {one.column[:80]!r}",
                field="order",
            )


def _level_of(view: View, slots: Int64, column: TypedColumn) -> _Level:
    if column.is_list:
        places, column = one_by_one(column, slots)
        slots, values = slots[places], np.arange(len(places))
    else:
        values = slots
    keys = [key[values] for key in value_keys(column)]
    # Newest first in each group, so that its value and `last` are those of the newest run.
    newest = [
        -view.runs.created[slots].astype(np.float64),
        -view.runs.row_ids[slots].astype(float),
    ]
    order = sorted_indices([*keys, *newest])
    is_first = starts_anew(keys, order)
    firsts = np.flatnonzero(is_first)
    one_each = column.taken(values[order[firsts]])
    return _Level(one_each, slots[order], np.cumsum(is_first) - 1, np.append(firsts, len(order)))


def _digits(column: TypedColumn, index: int) -> str:
    if column.kinds[index] != BIG_INT:
        return ""
    return column.texts[int(column.codes[index])]
