"""Cells on the axis of a metric's step metric: made with a chunk, and read back. Pure.

A chunk's cells depend only on its own rows, so they are valid whatever precedes the chunk. Points
before the first row with an x (*heads*) are stored separately: a read gets their x from earlier
rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.records.definition import definition_of
from weft.records.record import MetricDefinition
from weft.server.storage.contract import Column, Float64, Int64, StepMetric
from weft.server.storage.grid.cells import Cells, bucket_edge, bucket_index
from weft.server.storage.metrics.encoding.block import Block, numbers_of
from weft.server.storage.metrics.encoding.chunk import AxisPlan, encode_levels, plan_axis
from weft.server.storage.metrics.encoding.codec import (
    join_parts,
    pack_array,
    split_parts,
    unpack_array,
)
from weft.server.storage.metrics.encoding.placing import Own, place_rows

SAME_ROW: Final = 1
"""Bit of `axis_flags`: the cells are valid if x is taken from the same row only."""

STEP_SYNC: Final = 2
"""The cells are valid if x is taken from the same row or the last row before it."""

ONE_X: Final = 4
"""In each cell of the finest level, all points have the same x."""

POINTS_PER_CELL: Final = 64

MOST_AXES: Final = 2
"""The maximum number of step metrics in a run for which cells are made."""


def step_metrics_of(
    keys: Mapping[int, str], rules: Mapping[str, StepMetric]
) -> dict[int, StepMetric]:
    """The step metrics of metrics, by the metric's number.

    `rules` are by name or glob of the metrics that use them.

    >>> step_metrics_of({1: "loss", 2: "lr"}, {"lo*": StepMetric("epoch")})
    {1: StepMetric(metric='epoch', step_sync=True)}
    """
    # Globs first: if there are more than two axes, those that most metrics use are kept.
    order = sorted(rules, key=lambda name: (not name.endswith("*"), name))
    axes = list(dict.fromkeys(rules[name] for name in order))[:MOST_AXES]
    definitions = {name: MetricDefinition(name) for name in rules}
    step_metrics: dict[int, StepMetric] = {}
    if not rules:
        return step_metrics
    for number, name in keys.items():
        definition = definition_of(name, definitions)
        if definition is not None and rules[definition.name] in axes:
            step_metrics[number] = rules[definition.name]
    return step_metrics


class MetricAxis:
    """The rows of a chunk on the axis of one of its metrics, by its number.

    See `chunk.ChunkAxis`, `AxisSpec`.
    """

    def __init__(
        self, key: int, columns: Sequence[Column], axes: Block, *, step_sync: bool
    ) -> None:
        self._key = key
        self._rows = axes.rows
        own = own_values(columns, len(axes))
        self._x = place_rows(len(axes), axes.continues, own, step_sync=step_sync)
        self._last = float(own[1][-1])
        self._n_heads = 0
        self._flags = STEP_SYNC if step_sync else SAME_ROW
        if len(own[0]) == len(axes):
            self._flags = STEP_SYNC | SAME_ROW
        elif step_sync:
            self._n_heads = _first_row(int(own[0][0]), axes.continues)
        self._is_finite = bool(np.isfinite(self._x).all())
        self._plan: AxisPlan | None = None

    def encode(
        self, ordinals: NDArray[np.uint32] | None, values: Float64
    ) -> tuple[list[Any], list[bytes]]:
        is_full = ordinals is None and self._is_finite
        heads: Any = (np.empty(0, dtype=np.int64), np.empty(0))
        if is_full:
            if self._plan is None:
                self._plan = plan_axis(self._x, self._rows, POINTS_PER_CELL, skip_alike=True)
            plan = self._plan
        else:
            at = np.arange(len(self._x)) if ordinals is None else ordinals
            n_heads = int(np.searchsorted(at, self._n_heads))
            heads = self._rows[at[:n_heads]], values[:n_heads]
            at, values = at[n_heads:], values[n_heads:]
            finite = np.isfinite(self._x[at])
            at, values = at[finite], values[finite]
            plan = plan_axis(self._x[at], self._rows[at], POINTS_PER_CELL, skip_alike=True)
        parts = encode_levels(plan, values, is_full=is_full)
        if not parts:
            return [], []
        last = None if math.isnan(self._last) else self._last
        flags = self._flags | (ONE_X if _has_one_x(plan) else 0)
        fields = [
            self._key, flags, plan.x.min().item(), plan.x.max().item(), last,
            plan.levels[0], len(parts), len(heads[0]),
        ]  # fmt: skip
        if len(heads[0]):
            parts.append(join_parts([pack_array(heads[0]), pack_array(heads[1])]))
        return fields, parts


def own_values(columns: Sequence[Column], n_rows: int) -> Own:
    """The rows that have a value of the axis metric, and these values."""
    numbers = numbers_of(columns, n_rows)
    if numbers is None:
        return np.empty(0, dtype=np.int64), np.empty(0)
    ordinals, values = numbers
    return np.arange(n_rows) if ordinals is None else ordinals.astype(np.int64), values


def _first_row(ordinal: int, continues: NDArray[np.bool_] | None) -> int:
    """The first fragment of the joined row that a fragment belongs to."""
    while continues is not None and ordinal and bool(continues[ordinal]):
        ordinal -= 1
    return ordinal


def _has_one_x(plan: AxisPlan) -> bool:
    grid = plan.grid
    if grid is None:
        return False
    ends = grid.starts + grid.counts - 1
    return bool((grid.x[grid.starts] == grid.x[ends]).all())


def decode_heads(data: bytes) -> tuple[Int64, Float64]:
    """Row numbers and values of a column's heads."""
    rows, values = split_parts(data)
    return unpack_array(rows), unpack_array(values)


def refine(cells: Cells, level: int, buckets: tuple[int, int]) -> Cells | None:
    """Move cells whose points all have one x to a finer level, of which only `buckets`, the first
    and the last, are kept. None if a cell has only nonfinite points, so that its x is unknown.
    """
    nonfinite_index = cells.nonfinite_index
    at = np.searchsorted(cells.index, nonfinite_index)
    if len(nonfinite_index):
        at[at == len(cells)] = 0
        if not len(cells) or bool((cells.index[at] != nonfinite_index).any()):
            # A cell with only nonfinite points does not store its x.
            return None
    # Cut by x first: far outside the range an index would not fit into int64.
    low = math.nextafter(bucket_edge(buckets[0], level), -math.inf)
    high = math.nextafter(bucket_edge(buckets[1] + 1, level), math.inf)
    inside = (cells.first_x >= low) & (cells.first_x <= high)
    nonfinite_inside = inside[at] if len(at) else np.empty(0, dtype=np.bool_)
    moved = (np.cumsum(inside) - 1)[at[nonfinite_inside]]
    index = bucket_index(cells.first_x[inside], level)
    return Cells(
        level, index, cells.count[inside], cells.minimum[inside], cells.maximum[inside],
        cells.mean[inside], cells.m2[inside], cells.first[inside], cells.last[inside],
        cells.first_x[inside], cells.last_x[inside], cells.first_row[inside],
        cells.last_row[inside], index[moved], cells.nonfinite_counts[:, nonfinite_inside],
    )  # fmt: skip
