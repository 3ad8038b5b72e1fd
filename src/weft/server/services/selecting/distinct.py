"""Distinct values of a column: their comparison, and the most frequent ones of groups. Pure.

Numbers and bools that are equal count as one value. Null is a value; missing is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from weft.queries.filter_json import encode_value
from weft.server.services.columns.texts import Bools, Texts
from weft.server.services.columns.typed_column import TypedColumn
from weft.server.services.selecting.ordering import sort_key
from weft.server.services.selecting.paging import sorted_indices
from weft.server.storage.contract import Float64, Int64
from weft.server.storage.metadata import BIG_INT, MISSING_KIND, TEXT

MOST_VALUES: Final = 5
"""The most values that one figure lists."""


@dataclass(frozen=True, slots=True)
class DistinctValues:
    """The most frequent values of each group.

    `column` has an entry for each, group after group; `starts` is one longer than there are
    groups. `totals` are the numbers of distinct values.
    """

    column: TypedColumn
    n_runs: Int64
    starts: Int64
    totals: Float64

    def value(self, index: int) -> dict[str, Any] | None:
        """The most frequent values of one group, or None if its runs have no value."""
        indices = range(int(self.starts[index]), int(self.starts[index + 1]))
        values = [
            {"value": encode_value(self.column.value(i)), "n_runs": int(self.n_runs[i])}
            for i in indices
        ]
        return {"values": values, "n_values": int(self.totals[index])} if values else None


def distinct_values(
    column: TypedColumn, members: Int64, group_of: Int64, n_groups: int
) -> DistinctValues:
    """The most frequent values of each group; ties go to the smallest value.

    A run may be in several groups, so `members`, its slot, and `group_of` go in pairs.
    """
    entries = members
    if column.is_list:
        indices, column = flatten_lists(column, members)
        entries, group_of = np.arange(len(indices)), group_of[indices]
    has = column.kinds[entries] != MISSING_KIND
    entries, group_of = entries[has], group_of[has]
    keys = [group_of.astype(np.float64), *(key[entries] for key in value_keys(column))]
    order = sorted_indices(keys)
    firsts = np.flatnonzero(starts_group(keys, order))
    n_runs = np.diff(np.append(firsts, len(order)))
    heads, groups = entries[order[firsts]], group_of[order[firsts]]
    frequent = np.lexsort((-n_runs, groups))
    totals = np.bincount(groups, minlength=n_groups)
    rank = np.arange(len(groups)) - np.repeat(np.cumsum(totals) - totals, totals)
    listed = frequent[rank < MOST_VALUES]
    n_listed = np.minimum(totals, MOST_VALUES)
    return DistinctValues(
        column.take(heads[listed]),
        n_runs[listed],
        np.concatenate([[0], np.cumsum(n_listed)]),
        totals.astype(np.float64),
    )


def value_keys(column: TypedColumn) -> list[Float64]:
    """Keys that differ if two values differ: kind, place and, for large ints, the digits."""
    everything = np.arange(len(column.kinds))
    keys = list(sort_key(column, everything, descending=False))
    digits = np.full(len(column.kinds), -1.0)
    large = np.flatnonzero(column.kinds == BIG_INT)
    if len(large):
        digits[large] = column.texts.ranks()[column.codes[large]]
    return [*keys, digits]


def starts_group(keys: Sequence[Float64], order: Int64) -> Bools:
    """bool[n]: which entries, in this order, differ from the previous one."""
    is_first = np.zeros(len(order), np.bool_)
    is_first[:1] = True
    for key in keys:
        ordered = key[order]
        is_first[1:] |= ordered[1:] != ordered[:-1]
    return is_first


def flatten_lists(column: TypedColumn, slots: Int64) -> tuple[Int64, TypedColumn]:
    """Flatten a column of lists: for each text, the index in `slots` it came from, and the texts.

    A run without lists gives one missing entry.
    """
    parts = column.texts.parts()
    texts = Texts()
    codes_of = [texts.codes_of(part) for part in parts]
    has = column.kinds[slots] != MISSING_KIND
    with_list, without = np.flatnonzero(has), np.flatnonzero(~has)
    lists = [codes_of[int(code)] for code in column.codes[slots[with_list]]]
    n_of = np.fromiter(map(len, lists), np.int64, len(lists))
    codes = np.concatenate([*lists, np.full(len(without), -1)]).astype(np.int32)
    kinds = np.full(len(codes), TEXT, np.uint8)
    kinds[len(codes) - len(without) :] = MISSING_KIND
    indices = np.concatenate([np.repeat(with_list, n_of), without])
    return indices, TypedColumn(kinds, np.full(len(codes), np.nan), codes, texts)
