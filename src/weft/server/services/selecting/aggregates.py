"""Aggregates of groups: count, mean, min, max, std, last, values. Pure.

Numeric aggregates use finite numbers and bools only. The standard deviation is the sample one
(n - 1), computed from the deviations from the mean, never from sums of squares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from weft.server.services.columns.project_columns import View
from weft.server.services.columns.typed_column import MISSING, TypedColumn, empty_column
from weft.server.services.selecting.distinct import DistinctValues, distinct_values
from weft.server.storage.contract import Float64, Int64
from weft.server.storage.metadata import MISSING_KIND, NONFINITE
from weft.wire.runs.selecting import Aggregate


@dataclass(frozen=True, slots=True)
class Figures:
    """One aggregate of each group.

    `numbers` are NaN where a group has no value; for `values`, how many there are, and `distinct`
    the values. For `last`, the value of group `i` is entry `slots[i]` of `column`.
    """

    numbers: Float64
    column: TypedColumn | None = None
    slots: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    distinct: DistinctValues | None = None
    is_count: bool = False

    def value(self, index: int) -> Any:
        """The aggregate of one group, or None if it has no value."""
        if self.column is not None:
            value = self.column.value(int(self.slots[index]))
            return None if value is MISSING else value
        if self.distinct is not None:
            return self.distinct.value(index)
        number = float(self.numbers[index])
        if math.isnan(number):
            return None
        return int(number) if self.is_count else number


def aggregate(view: View, members: Int64, starts: Int64, requested: Aggregate) -> Figures:
    """Compute one aggregate for each group.

    `members` are slots of runs, group after group, the newest first in each; group `i` is
    `[starts[i], starts[i + 1])`.
    """
    column = view.columns[requested.column]
    n_groups = len(starts) - 1
    kinds = column.kinds[members]
    group_of = np.repeat(np.arange(n_groups), np.diff(starts))
    if requested.function in {"count", "last"}:
        has = np.flatnonzero(kinds != MISSING_KIND)
        if requested.function == "count":
            counts = np.bincount(group_of[has], minlength=n_groups).astype(np.float64)
            return Figures(counts, is_count=True)
        return _last(column, members[has], group_of[has], n_groups)
    if requested.function == "values":
        distinct = distinct_values(column, members, group_of, n_groups)
        return Figures(distinct.totals, distinct=distinct)
    finite = np.flatnonzero(kinds < NONFINITE)
    numbers, groups = column.numbers[members[finite]], group_of[finite]
    counts = np.bincount(groups, minlength=n_groups)
    figures = np.full(n_groups, math.nan)
    if not len(numbers):
        return Figures(figures)
    present = np.flatnonzero(counts)
    firsts = np.cumsum(counts)[present] - counts[present]
    match requested.function:
        case "min":
            figures[present] = np.minimum.reduceat(numbers, firsts)
        case "max":
            figures[present] = np.maximum.reduceat(numbers, firsts)
        case "mean":
            figures[present] = _means(numbers, firsts, counts[present])
        case _:
            means = np.zeros(n_groups)
            means[present] = _means(numbers, firsts, counts[present])
            with np.errstate(over="ignore"):
                squares = np.add.reduceat((numbers - means[groups]) ** 2, firsts)
            several = counts[present] > 1
            figures[present[several]] = np.sqrt(squares[several] / (counts[present][several] - 1))
    return Figures(figures)


def _means(numbers: Float64, firsts: Int64, counts: Int64) -> Float64:
    with np.errstate(over="ignore"):
        means = np.add.reduceat(numbers, firsts) / counts
    large = np.flatnonzero(~np.isfinite(means))
    ends = np.append(firsts[1:], len(numbers))
    for i in large:  # the sum overflows float64, the mean does not
        members = numbers[firsts[i] : ends[i]]
        means[i] = float((members / counts[i]).sum())
    return means


def _last(column: TypedColumn, members: Int64, groups: Int64, n_groups: int) -> Figures:
    nothing = empty_column(1)
    kinds = np.append(column.kinds, nothing.kinds)
    extended = TypedColumn(
        kinds,
        np.append(column.numbers, math.nan),
        np.append(column.codes, nothing.codes),
        column.texts,
        column.is_list,
    )
    slots = np.full(n_groups, len(column.kinds))
    present, firsts = np.unique(groups, return_index=True)
    slots[present] = members[firsts]
    return Figures(np.zeros(n_groups), extended, slots)
