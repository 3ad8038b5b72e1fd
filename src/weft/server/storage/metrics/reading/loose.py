"""Points that stored cells do not cover.

These are points of fresh blocks, of chunks with rows that do not count, and of chunks whose times
have another base than the run's origin. `scan` reads them before it chooses a level, since they
may be at the end of a chart's range.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Axis, Float64, Int64, Steps
from weft.server.storage.grid.cells import Grid, coarsen, fold_points, make_grid
from weft.server.storage.metrics.encoding.block import NUMERIC_BITS, numbers_of
from weft.server.storage.metrics.encoding.chunk import (
    ROWS_PART,
    STEPS_PART,
    TIMES_PART,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.reading.chart_caches import CutCells
from weft.server.storage.metrics.reading.parts import ALL, counted_rows, picked
from weft.server.storage.metrics.view import View, axis_shift

Numbers = tuple[NDArray[np.uint32] | None, Float64]
"""A metric's numeric points: ordinals in its block (None if all rows have one), and values."""


@dataclass(slots=True)
class LoosePoints:
    """One metric's points that count in a fresh block or a chunk.

    If it `is_full`, every row that counts has a value; all such metrics of a block share `x`.
    """

    series: int
    writer: int
    x: Steps
    rows: Int64
    values: Float64
    is_full: bool


class _Counted(NamedTuple):
    inside: NDArray[np.bool_] | None
    at: slice | NDArray[np.bool_]
    x: Steps
    rows: Int64


@dataclass(slots=True)
class BlockAxis:
    """The rows of a chunk or fresh block, and by limit the rows that count."""

    x: Steps
    rows: Int64
    steps: Steps
    counted: dict[float, _Counted] = field(default_factory=dict[float, _Counted])

    def points(
        self, series: int, writer: int, numbers: Numbers, limit: float
    ) -> LoosePoints | None:
        """A metric's points up to a step, or None if it has no points there."""
        ordinals, values = numbers
        if limit == ALL:
            if ordinals is None:
                return LoosePoints(series, writer, self.x, self.rows, values, True)
            return LoosePoints(
                series, writer, self.x[ordinals], self.rows[ordinals], values, False
            )
        counted = self.counted.get(limit)
        if counted is None:
            inside = counted_rows(self.steps, limit)
            at = slice(None) if inside is None else picked(inside)
            # Made once per limit: columns that fill their block share its x, and so its grid.
            counted = self.counted[limit] = _Counted(inside, at, self.x[at], self.rows[at])
        if ordinals is None:
            points = LoosePoints(series, writer, counted.x, counted.rows, values[counted.at], True)
        else:
            if counted.inside is not None:
                here = counted.inside[ordinals]
                ordinals, values = ordinals[here], values[here]
            x, rows = self.x[ordinals], self.rows[ordinals]
            points = LoosePoints(series, writer, x, rows, values, False)
        return points if len(points.values) else None


class Cut(NamedTuple):
    """A metric in a chunk, the series that some of its points belong to, and their last step.

    Times count from `base`, or if None from the run's origin.
    """

    header: ColumnHeader
    series: int
    limit: float
    base: int | None = None


def read_cuts(
    view: View,
    chunks: Mapping[int, ChunkHeader],
    origins: Mapping[int, int | None],
    axis: Axis,
    cuts: Sequence[Cut],
) -> Iterator[tuple[Cut, LoosePoints]]:
    """Read the points that count in cut chunks.

    Cuts without such points are left out. `origins` are of the chunks' runs, by number.
    """
    axis_part = STEPS_PART if axis == "step" else TIMES_PART
    by_chunk: dict[int, dict[int, list[Cut]]] = {}
    for cut in cuts:
        by_key = by_chunk.setdefault(cut.header.chunk, {})
        by_key.setdefault(cut.header.key, []).append(cut)
    for number, by_key in by_chunk.items():
        chunk = chunks[number]
        first = chunk.part_lo
        parts = {first + ROWS_PART, first + STEPS_PART, first + axis_part}
        for same in by_key.values():
            parts.update(number_parts(same[0].header))
        blobs = view.parts(sorted(parts))
        steps: Steps = unpack_array(blobs[first + STEPS_PART])
        rows = decode_rows(blobs[first + ROWS_PART])[0]
        blocks: dict[int | None, BlockAxis] = {}
        for base in {cut.base for same in by_key.values() for cut in same}:
            block = blocks[base] = BlockAxis(steps, rows, steps)
            if axis == "time":
                times = unpack_array(blobs[first + TIMES_PART])
                since = origins[chunk.run] if base is None else base
                block.x = times + axis_shift(chunk.offset, since)
        for same in by_key.values():
            numbers = numbers_in(same[0].header, chunk, blobs)
            for cut in same:
                points = blocks[cut.base].points(cut.series, chunk.writer, numbers, cut.limit)
                if points is not None:
                    yield cut, points


LARGE_COLUMN: Final = 8192
"""The cells of a cut column are cached if it has at least this many points."""

MOST_CELLS: Final = 2048
"""The most cells of one chunk that charts of a page, a thousand pixels wide, ever show."""


class CutGrids:
    """The grids of one chunk, by limit, base and level, which its full columns share."""

    def __init__(self) -> None:
        self._chunk = -1
        self._grids: dict[tuple[float, int | None, int], Grid] = {}

    def grid(self, cut: Cut, points: LoosePoints, level: int) -> Grid:
        """The cells of a column's points."""
        if not points.is_full:
            return make_grid(points.x, points.rows, level)
        if cut.header.chunk != self._chunk:
            # Only one chunk's grids are held, because a chunk may have a million rows.
            self._chunk, self._grids = cut.header.chunk, {}
        name = cut.limit, cut.base, level
        grid = self._grids.get(name)
        if grid is None:
            grid = self._grids[name] = make_grid(points.x, points.rows, level)
        return grid


def cut_cells(cut: Cut, axis: Axis, points: LoosePoints, grids: CutGrids) -> CutCells | None:
    """The cells of a cut column to cache for the next chart. None if reading again is as fast."""
    header = cut.header
    level, n_levels = header.step_level, header.n_step
    if axis == "time":
        level, n_levels = header.time_level, header.n_time
    if header.n < LARGE_COLUMN or not n_levels:
        return None
    cells = fold_points(grids.grid(cut, points, level), points.values)
    while max(len(cells), len(cells.nonfinite_index)) > MOST_CELLS:
        cells = coarsen(cells, cells.level + 1)
    return CutCells((points.x.min().item(), points.x.max().item()), cells)


def number_parts(header: ColumnHeader) -> range:
    """The parts of a metric's numbers. Kinds are stored in order, objects last."""
    return range(header.part, header.part + (header.kinds & NUMERIC_BITS).bit_count())


def numbers_in(header: ColumnHeader, chunk: ChunkHeader, blobs: Mapping[int, bytes]) -> Numbers:
    """A metric's numeric points in a chunk, which must have some."""
    parts = [blobs[part] for part in number_parts(header)]
    numbers = numbers_of(decode_columns(header.kinds & NUMERIC_BITS, parts), chunk.n)
    assert numbers is not None, "only headers of numbers were read"
    return numbers
