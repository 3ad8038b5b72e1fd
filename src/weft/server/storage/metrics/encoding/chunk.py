"""Chunks: consecutive rows of one writer, encoded as parts and headers, and decoded again.

Pure, no I/O: the caller writes the parts and headers that `ChunkEncoder` makes, and fetches those
that the `decode_*` functions take. Format: `docs/decisions/0002-metric-store.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.records.value import KINDS, Kind
from weft.server.storage.contract import Axis, Column, Float64, Int64, Steps
from weft.server.storage.grid import cells as pyramid
from weft.server.storage.grid.cells import Cells
from weft.server.storage.grid.levels import LEVEL_STRIDE, stored_levels
from weft.server.storage.metrics.encoding.block import KIND_BITS, Block, RowClass, numbers_of
from weft.server.storage.metrics.encoding.codec import (
    join_parts,
    pack_array,
    pack_objects,
    pack_ordinals,
    split_parts,
    unpack_array,
    unpack_objects,
    unpack_ordinals,
)

AXES: Final[tuple[Axis, Axis]] = ("step", "time")
"""The axes on which every column has cells, in the order of its parts."""

POINTS_PER_CELL: Final[dict[Axis, int]] = {"step": 64, "time": 128}

ROWS_PART: Final = 0
STEPS_PART: Final = 1
TIMES_PART: Final = 2
AXIS_PARTS: Final = 3
"""A chunk's first parts: row numbers with fragment marks, steps, times."""


class ChunkHeader(NamedTuple):
    """A row of table `chunk`, in the order of its columns.

    Attributes:
        continued: 0 if no row is a fragment, 1 if some rows are, 2 if the first row is one as
            well.
    """

    chunk: int
    run: int
    writer: int
    system: int
    offset: int
    fractional: int
    n: int
    n_points: int
    n_bytes: int
    row_lo: int
    row_hi: int
    step_lo: float
    step_hi: float
    continued: int
    part_lo: int
    part_hi: int

    @property
    def row_class(self) -> RowClass:
        """The class of its rows: chunks of one class may be merged."""
        return RowClass(self.writer, bool(self.system), self.offset, bool(self.fractional))


class ColumnHeader(NamedTuple):
    """A row of table `col`, in the order of its columns: one metric in one chunk.

    Attributes:
        kinds: bits of `KIND_BITS`.
        n_bytes: size of its parts.
        part: number of the first of its parts: points per kind, then step cells, time cells,
            cells on the axis of its step metric, heads.
        step_lo … time_hi: ranges of the numeric points, None if there are no such points. Times
            are corrected, in µs since the run's origin.
        latest: the largest such time of a point of any kind.
        step_level, n_step, time_level, n_time: finest stored level and number of levels.
        axis: the step metric that gives further cells their x. None without such cells.
        axis_flags: bits of `axis_cells`.
        axis_lo, axis_hi: range of the x of the points in these cells.
        axis_last: the last value of `axis` in the chunk. None stands for NaN.
        axis_level, n_axis: as for the other axes.
        n_heads: number of points before the first row that has an x; they are in one more part.
    """

    run: int
    key: int
    chunk: int
    kinds: int
    n: int
    n_bytes: int
    part: int
    step_lo: float | None
    step_hi: float | None
    time_lo: int | None
    time_hi: int | None
    latest: int
    step_level: int
    n_step: int
    time_level: int
    n_time: int
    axis: int | None = None
    axis_flags: int = 0
    axis_lo: float | None = None
    axis_hi: float | None = None
    axis_last: float | None = None
    axis_level: int = 0
    n_axis: int = 0
    n_heads: int = 0

    @property
    def n_points_parts(self) -> int:
        """The number of parts with points (one per kind)."""
        return self.kinds.bit_count()

    def range_on(self, axis: Axis) -> tuple[float, float] | None:
        """First and last x of the numeric points; on the axis `metric`, of the points in cells."""
        lo, hi = {
            "step": (self.step_lo, self.step_hi),
            "time": (self.time_lo, self.time_hi),
            "metric": (self.axis_lo, self.axis_hi),
        }[axis]
        return None if lo is None or hi is None else (lo, hi)

    def cell_part(self, axis: Axis, level: int) -> tuple[int, int] | None:
        """The coarsest stored level not above `level`, and its part. None if points are needed."""
        first = self.part + self.n_points_parts
        if axis == "step":
            finest, n_levels = self.step_level, self.n_step
        elif axis == "time":
            first += self.n_step
            finest, n_levels = self.time_level, self.n_time
        else:
            first += self.n_step + self.n_time
            finest, n_levels = self.axis_level, self.n_axis
        if n_levels == 0 or level < finest:
            return None
        nth = min((level - finest) // LEVEL_STRIDE, n_levels - 1)
        return finest + nth * LEVEL_STRIDE, first + nth

    @property
    def part_hi(self) -> int:
        """One past the number of its last part."""
        return self.head_part + (self.n_heads > 0)

    @property
    def head_part(self) -> int:
        """The part of its heads, if it has any."""
        return self.part + self.n_points_parts + self.n_step + self.n_time + self.n_axis


class ChunkAxis(Protocol):
    """A chunk's rows on the axis of one of its metrics; see `axis_cells`."""

    def encode(
        self, ordinals: NDArray[np.uint32] | None, values: Float64
    ) -> tuple[list[Any], list[bytes]]:
        """The last fields of `ColumnHeader` for a column's numbers, and the parts."""
        ...


@dataclass(slots=True)
class AxisPlan:
    """The part that all full columns share on one axis."""

    x: Steps
    levels: list[int]
    grid: pyramid.Grid | None


class ChunkEncoder:
    """Encodes one chunk, metric by metric, so that only one metric's points are in memory.

    The columns of `axes` are ignored; `shift` µs turn the writer's times into the run's time axis.
    """

    def __init__(self, axes: Block, shift: int) -> None:
        self._axes = axes
        self._plans: dict[Axis, AxisPlan] = {
            "step": plan_axis(axes.steps, axes.rows, POINTS_PER_CELL["step"]),
            "time": plan_axis(axes.times + shift, axes.rows, POINTS_PER_CELL["time"]),
        }

    def encode_axes(self) -> list[bytes]:
        """The chunk's first `AXIS_PARTS` parts."""
        axes = self._axes
        continues = b"" if axes.continues is None else pack_array(axes.continues)
        return [
            join_parts([pack_array(axes.rows), continues]),
            pack_array(axes.steps),
            pack_array(axes.times),
        ]

    def encode_column(
        self,
        run: int,
        key: int,
        chunk: int,
        part: int,
        columns: Sequence[Column],
        axis: ChunkAxis | None = None,
    ) -> tuple[ColumnHeader, list[bytes]]:
        """Encode one metric: its header, and its parts, which are numbered from `part`.

        `axis` is the step metric that gives further cells their x.
        """
        n_rows = len(self._axes)
        ordered = sorted(columns, key=lambda column: KINDS.index(column.kind))
        parts = [_encode_points(column, n_rows) for column in ordered]
        n = sum(n_rows if column.rows is None else len(column.rows) for column in ordered)
        times = self._plans["time"].x
        latest = max(
            int((times if column.rows is None else times[column.rows]).max()) for column in ordered
        )
        kinds = sum(KIND_BITS[column.kind] for column in ordered)
        numbers = numbers_of(ordered, n_rows)
        if numbers is None:
            n_bytes = sum(map(len, parts))
            none = ColumnHeader(
                run, key, chunk, kinds, n, n_bytes, part, None, None, None, None, latest,
                0, 0, 0, 0,
            )  # fmt: skip
            return none, parts
        ordinals, values = numbers
        ranges: list[Any] = []
        levels: list[int] = []
        for named in AXES:
            plan = self._plans[named]
            if ordinals is not None:
                rows = self._axes.rows[ordinals]
                plan = plan_axis(plan.x[ordinals], rows, POINTS_PER_CELL[named])
            pyramid_parts = encode_levels(plan, values, is_full=ordinals is None)
            parts += pyramid_parts
            ranges += [plan.x.min().item(), plan.x.max().item()]
            levels += [plan.levels[0] if plan.levels else 0, len(pyramid_parts)]
        placed: list[Any] = []
        if axis is not None:
            placed, axis_parts = axis.encode(ordinals, values)
            parts += axis_parts
        n_bytes = sum(map(len, parts))
        fields = [run, key, chunk, kinds, n, n_bytes, part, *ranges, latest, *levels, *placed]
        return ColumnHeader(*fields), parts


def plan_axis(
    x: Steps, rows: Int64, points_per_cell: int, *, skip_alike: bool = False
) -> AxisPlan:
    """Plan the cells of the points of some rows."""
    order = pyramid.sort_order(x)
    ascending = x if order is None else x[order]
    levels = stored_levels(ascending, points_per_cell, skip_alike=skip_alike)
    return AxisPlan(x, levels, pyramid.make_grid(x, rows, levels[0]) if levels else None)


def _encode_points(column: Column, n_rows: int) -> bytes:
    ordinals = b"" if column.rows is None else pack_ordinals(column.rows, n_rows)
    if isinstance(column.values, list):
        return join_parts([ordinals, pack_objects(column.values)])
    return join_parts([ordinals, pack_array(column.values)])


def encode_levels(plan: AxisPlan, values: Any, *, is_full: bool) -> list[bytes]:
    """The cells of one metric on one axis, a part per level.

    `is_full` is true if every row of the chunk has a point.
    """
    if plan.grid is None:
        return []
    cells = pyramid.fold_points(plan.grid, values)
    derived = is_full and plan.grid.order is None and len(cells.nonfinite_index) == 0
    parts: list[bytes] = []
    for level in plan.levels:
        cells = pyramid.coarsen(cells, level)
        parts.append(encode_cells(cells, int(plan.grid.rows[0]) if derived else None))
    return parts


def encode_cells(cells: Cells, row_lo: int | None) -> bytes:
    """Encode the cells of one metric and level.

    `row_lo` is the chunk's first row if its points ascend in x and leave out no row: `first_row`
    and `last_row` may then follow from the counts. If None, both are stored.
    """
    first_x, last_x = cells.first_x, cells.last_x
    if first_x.dtype == np.int64:
        # Stored as distances from the cell's edges, which are constant for regular steps. They
        # wrap around if an edge is beyond int64, and back when they are decoded.
        first_x = first_x - (cells.index << cells.level)
        last_x = ((cells.index + 1) << cells.level) - last_x
    rows = [b"", b""]
    if row_lo is None or not _rows_follow(cells, row_lo):
        rows = [pack_array(cells.first_row), pack_array(cells.last_row)]
    nonfinite: list[bytes] = []
    if len(cells.nonfinite_index):
        nonfinite = [
            pack_array(cells.nonfinite_index),
            *(pack_array(counts) for counts in cells.nonfinite_counts),
        ]
    return join_parts(
        [
            pack_array(cells.index),
            pack_array(cells.count),
            pack_array(cells.minimum),
            pack_array(cells.maximum),
            pack_array(cells.mean),
            pack_array(cells.m2),
            pack_array(cells.first),
            pack_array(cells.last),
            pack_array(first_x),
            pack_array(last_x),
            *rows,
            *nonfinite,
        ]
    )


def _rows_follow(cells: Cells, row_lo: int) -> bool:
    ends = np.cumsum(cells.count) + row_lo
    return bool(
        (cells.last_row == ends - 1).all() and (cells.first_row == ends - cells.count).all()
    )


def decode_cells(data: bytes, level: int, row_lo: int) -> Cells:
    """Decode what `encode_cells` made, for a chunk whose first row is `row_lo`."""
    parts = split_parts(data)
    index, count, *numbers = (unpack_array(part) for part in parts[:10])
    first_x, last_x = numbers[6], numbers[7]
    if first_x.dtype == np.int64:
        first_x = first_x + (index << level)
        last_x = ((index + 1) << level) - last_x
    if len(parts[10]):
        first_row, last_row = unpack_array(parts[10]), unpack_array(parts[11])
    else:
        ends = np.cumsum(count) + row_lo
        first_row, last_row = ends - count, ends - 1
    if len(parts) > 12:
        nonfinite_index = unpack_array(parts[12])
        nonfinite_counts = np.stack([unpack_array(part) for part in parts[13:16]])
    else:
        nonfinite_index, nonfinite_counts = (
            np.empty(0, dtype=np.int64),
            np.empty((3, 0), dtype=np.int64),
        )
    minimum, maximum, mean, m2, first, last = numbers[:6]
    return Cells(
        level, index, count, minimum, maximum, mean, m2, first, last,
        first_x, last_x, first_row, last_row, nonfinite_index, nonfinite_counts,
    )  # fmt: skip


def decode_rows(data: bytes) -> tuple[Int64, NDArray[np.bool_] | None]:
    """Row numbers and fragment marks of a chunk, from its part `ROWS_PART`."""
    rows, continues = split_parts(data)
    return unpack_array(rows), unpack_array(continues) if len(continues) else None


def decode_columns(kinds: int, parts: Sequence[bytes]) -> list[Column]:
    """The columns of one metric in one chunk, from its points' parts."""
    columns: list[Column] = []
    present: list[Kind] = [kind for kind in KINDS if kinds & KIND_BITS[kind]]
    for kind, data in zip(present, parts, strict=True):
        ordinals, values = split_parts(data)
        columns.append(
            Column(
                kind,
                unpack_ordinals(ordinals) if len(ordinals) else None,
                unpack_objects(values) if kind == "object" else unpack_array(values),
            )
        )
    return columns


def split_objects(data: bytes) -> tuple[NDArray[np.uint32] | None, memoryview]:
    """The rows with objects of one metric in one chunk, None if all have one, and the objects for
    `unpack_object`. `data` is the last of the metric's parts with points.
    """
    ordinals, values = split_parts(data)
    return unpack_ordinals(ordinals) if len(ordinals) else None, values
