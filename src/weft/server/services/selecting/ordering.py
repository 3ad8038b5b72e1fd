"""Sorts runs by typed columns, page by page. Pure.

The order is: finite numbers and bools < infinities < text < NaN < other < null < missing. The last
four come last in both directions: a run that diverged is not the best one. Texts sort by code
point, ties newest first. A cursor holds the values of a page's last run, so that runs added or
removed between two requests don't shift other runs to another page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from weft.errors import ConfigError
from weft.queries.filters import Order
from weft.server.services.access.cursors import decode_cursor, encode_cursor
from weft.server.services.columns.project_columns import View
from weft.server.services.columns.typed_column import CLASS_OF_KIND, TypedColumn
from weft.server.services.selecting.paging import after, candidates, sorted_indices
from weft.server.storage.contract import Float64, Int64
from weft.server.storage.metadata import NONFINITE, OTHER, TEXT

_TEXT_CLASS: Final = 2
_NAN_CLASS: Final = 2.5
_OTHER_CLASS: Final = 3


class SortKey(NamedTuple):
    """A sort key as two ascending arrays; a descending direction is already applied to them.

    First the rank of the value's kind, then the value's position among values of that class.
    """

    classes: Float64
    positions: Float64


class SortValue(msgspec.Struct, array_like=True, frozen=True):
    """A value's sort position, stored so that it stays valid when the column changes."""

    kind_class: float
    number: float = 0.0
    text: str = ""


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    order: list[tuple[str, bool]]
    values: list[SortValue]
    created: int
    row_id: int


def sort_key(column: TypedColumn, slots: Int64, *, descending: bool) -> SortKey:
    """The sort key of one column for some runs."""
    kinds = column.kinds[slots]
    classes = CLASS_OF_KIND[kinds].astype(np.float64)
    numbers = column.numbers[slots]
    positions = np.where(kinds < NONFINITE, numbers, 0.0)
    nonfinite = np.flatnonzero(kinds == NONFINITE)
    if len(nonfinite):
        is_nan = np.isnan(numbers[nonfinite])
        classes[nonfinite[is_nan]] = _NAN_CLASS
        positions[nonfinite] = _nonfinite_positions(numbers[nonfinite])
    worded = np.flatnonzero((kinds == TEXT) | (kinds == OTHER))
    if len(worded):
        positions[worded] = column.texts.ranks()[column.codes[slots[worded]]]
    return directed(classes, positions, descending=descending)


def directed(classes: Float64, positions: Float64, *, descending: bool) -> SortKey:
    """A sort key of classes and positions; the classes after text stay last in both directions."""
    if not descending:
        return SortKey(classes, positions)
    return SortKey(np.where(classes <= _TEXT_CLASS, _TEXT_CLASS - classes, classes), -positions)


def sort_value(column: TypedColumn, slot: int) -> SortValue:
    """The sort position of one run's value."""
    kind = int(column.kinds[slot])
    kind_class = int(CLASS_OF_KIND[kind])
    if kind in {TEXT, OTHER}:
        return SortValue(kind_class, 0.0, column.texts[int(column.codes[slot])])
    if kind == NONFINITE:
        numbers = column.numbers[slot : slot + 1]
        nonfinite_class = _NAN_CLASS if np.isnan(numbers[0]) else kind_class
        return SortValue(nonfinite_class, float(_nonfinite_positions(numbers)[0]))
    return SortValue(kind_class, float(column.numbers[slot]) if kind < NONFINITE else 0.0)


def key_of_value(
    column: TypedColumn, value: SortValue, *, descending: bool
) -> tuple[float, float]:
    """The sort key of a cursor's value among the values that the column has now."""
    number = value.number
    if value.kind_class in {_TEXT_CLASS, _OTHER_CLASS}:
        number = column.texts.rank_of(value.text)
    key = directed(np.array([value.kind_class], float), np.array([number]), descending=descending)
    return float(key.classes[0]), float(key.positions[0])


def sorted_runs(view: View, slots: Int64, orders: Sequence[Order]) -> Int64:
    return slots[sorted_indices(_keys(view, slots, orders))]


def page_of(
    view: View,
    slots: Int64,
    orders: Sequence[Order],
    *,
    cursor: str | None,
    limit: int,
    offset: int = 0,
) -> tuple[Int64, str | None]:
    """The next `limit` runs, sorted, and the cursor after them, or None at the end.

    `offset` runs are skipped, counted from the cursor.
    """
    keys = _keys(view, slots, orders)
    if cursor is not None:
        position = _decoded(view, orders, decode_cursor(cursor, _Cursor))
        slots, keys = _only(slots, keys, np.flatnonzero(after(keys, position)))
    first, end = offset, offset + limit + 1
    # Narrow by class first; if all have the same class, as in most columns, then by position.
    for i in (0, 1):
        if len(slots) <= 4 * (limit + 1) or (i > 0 and np.ptp(keys[0]) > 0):
            break
        if np.ptp(keys[i]) == 0:
            continue
        nearest = candidates(keys[i], first, end)
        slots, keys = _only(slots, keys, nearest.indices)
        first, end = first - nearest.n_before, end - nearest.n_before
    ordered = slots[sorted_indices(keys)[max(0, first) : max(0, end)]]
    if len(ordered) <= limit:
        return ordered, None
    last = int(ordered[limit - 1])
    following = _Cursor(
        [(order.column, order.descending) for order in orders],
        [sort_value(view.columns[order.column], last) for order in orders],
        int(view.runs.created[last]),
        int(view.runs.row_ids[last]),
    )
    return ordered[:limit], encode_cursor(following)


def _keys(view: View, slots: Int64, orders: Sequence[Order]) -> list[Float64]:
    keys: list[Float64] = []
    for order in orders:
        keys += sort_key(view.columns[order.column], slots, descending=order.descending)
    # Both are below 2**53, so float64 represents them exactly.
    created = -view.runs.created[slots].astype(np.float64)
    return [*keys, created, -view.runs.row_ids[slots].astype(np.float64)]


def _decoded(view: View, orders: Sequence[Order], cursor: _Cursor) -> list[float]:
    if cursor.order != [(order.column, order.descending) for order in orders]:
        raise ConfigError("the cursor belongs to a page in another order")
    if len(cursor.values) != len(orders):
        raise ConfigError("not a cursor of this page")
    numbers: list[float] = []
    for order, value in zip(orders, cursor.values, strict=True):
        numbers += key_of_value(view.columns[order.column], value, descending=order.descending)
    return [*numbers, -float(cursor.created), -float(cursor.row_id)]


def _only(slots: Int64, keys: Sequence[Float64], indices: Int64) -> tuple[Int64, list[Float64]]:
    return slots[indices], [key[indices] for key in keys]


def _nonfinite_positions(numbers: Float64) -> Float64:
    """0 of −∞ and of NaN, which has a class of its own, 1 of ∞."""
    return np.where(numbers > 0, 1.0, 0.0)
