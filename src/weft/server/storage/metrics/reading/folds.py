"""Caches cells of fresh rows, since rows may arrive faster than compaction makes chunks.

A writer's blocks (large batches, and small ones that `fresh` has joined) are added to a metric's
cached cells as they arrive, so that a chart of a backlog of millions of fresh rows reads a few
thousand cells. The last few small batches are read row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.records.value import INT64_MAX
from weft.server.storage.contract import Axis, Int64, Steps
from weft.server.storage.grid.cells import (
    Cells,
    Grid,
    coarsen,
    fold_points,
    make_grid,
    sort_order,
)
from weft.server.storage.grid.levels import LEVEL_STRIDE, stored_levels
from weft.server.storage.grid.merge import add_cells
from weft.server.storage.metrics.encoding.block import Block, RowClass, numbers_of
from weft.server.storage.metrics.fresh import JOINED_ROWS
from weft.server.storage.metrics.reading.cache import Cache

FOLD_FROM: Final = 8192
"""If a writer has at least this many fresh rows, their cells are cached."""

MOST_CELLS: Final = 2048
"""The most cells of one writer that charts of a page, a thousand pixels wide, ever show."""

POINTS_PER_CELL: Final = 64

_FEWEST_CELLS: Final = 8
"""A level chosen from the range alone is good enough if the points fill at least an eighth of the
cells that evenly spaced points would fill."""


class FoldKey(NamedTuple):
    """A metric of one writer's fresh rows, on an axis.

    Times count from `base`, or if None from the run's origin.
    """

    row_class: RowClass
    key: int
    axis: Axis
    base: int | None = None


@dataclass(slots=True, frozen=True)
class Fold:
    """Cells of blocks, with first and last x, and the numbers of each block's batches."""

    batches: tuple[tuple[int, ...], ...]
    ends: tuple[float, float]
    cells: Cells


def large_blocks(blocks: Sequence[Block]) -> list[Block]:
    """The large blocks among a writer's fresh blocks, or [] if they are too few to fold."""
    large = [block for block in blocks if block.batches and len(block) >= JOINED_ROWS]
    return large if sum(map(len, large)) >= FOLD_FROM else []


def fold_blocks(
    folds: Cache[FoldKey, Fold], name: FoldKey, blocks: Sequence[Block], shift: int
) -> Fold | None:
    """The cells of a metric in large blocks, from cached cells and the blocks that came since.

    `shift` µs turn the writer's times into the run's time axis. None if the blocks have no number
    of the metric, or too few points for cells.
    """
    batches = tuple(block.batches for block in blocks)
    cached = folds.get(name)
    if cached is not None and cached.batches == batches:
        return cached
    if cached is not None and cached.batches == batches[: len(cached.batches)]:
        new = blocks[len(cached.batches) :]
    else:
        cached, new = None, blocks
    ends: list[float] = list(cached.ends) if cached is not None else []
    pieces = [cached.cells] if cached is not None else []
    for block in new:
        numbers = numbers_of(block.columns.get(name.key, ()), len(block))
        if numbers is None:
            continue
        ordinals, values = numbers
        grid = _grid_of(block, ordinals, name.axis, shift)
        if grid is None:
            return None
        pieces.append(fold_points(grid, values))
        ends += [grid.x[0].item(), grid.x[-1].item()]
    if not ends:
        return None
    level = max(cells.level for cells in pieces)
    cells = add_cells([coarsen(cells, level) for cells in pieces])
    while max(len(cells), len(cells.nonfinite_index)) > MOST_CELLS:
        cells = coarsen(cells, cells.level + 1)
    fold = Fold(batches, (min(ends), max(ends)), cells)
    folds.put(name, fold)
    return fold


def _grid_of(
    block: Block, ordinals: NDArray[np.uint32] | None, axis: Axis, shift: int
) -> Grid | None:
    """The cells of a metric's points. None if they are too few for cells."""
    is_shared = ordinals is None and axis == "step"
    if is_shared and block.steps_grid is not None:
        return block.steps_grid
    x: Steps = block.steps if axis == "step" else block.times + shift
    rows = block.rows
    if ordinals is not None:
        x, rows = x[ordinals], rows[ordinals]
    order = sort_order(x)
    grid = _regular_grid(x, rows) if order is None else None
    if grid is None:
        levels = stored_levels(x if order is None else x[order], POINTS_PER_CELL)
        if not levels:
            return None
        grid = make_grid(x, rows, levels[0])
    # A grid of unsorted points holds sorted copies, which are not worth the memory.
    if is_shared and order is None:
        block.steps_grid = grid
    return grid


def _regular_grid(x: Steps, rows: Int64) -> Grid | None:
    """The grid of ascending integers, its level chosen by their range. None if gaps are large."""
    if x.dtype != np.int64 or len(x) < POINTS_PER_CELL:
        return None
    span = x[-1].item() - x[0].item() + 1
    if span >= INT64_MAX:
        return None
    level = max(0, (span * POINTS_PER_CELL // len(x)).bit_length() - 1)
    level += level % LEVEL_STRIDE
    grid = make_grid(x, rows, level)
    return grid if len(grid.starts) * _FEWEST_CELLS * POINTS_PER_CELL >= len(x) else None
