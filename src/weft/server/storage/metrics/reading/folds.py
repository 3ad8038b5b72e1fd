"""Cells of large fresh batches, kept in memory: they come faster than compaction makes chunks.

A writer's batches are added to what is kept of a metric as they arrive, so that a chart of a
backlog of millions of fresh rows reads a few thousand cells. Small batches are read as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from weft.server.storage.contract import Axis, Int64, Steps
from weft.server.storage.metrics.encoding.block import Block, RowClass, numbers_of
from weft.server.storage.metrics.encoding.cells import (
    Cells,
    coarsen,
    fold_points,
    make_grid,
    sort_order,
)
from weft.server.storage.metrics.encoding.levels import stored_levels
from weft.server.storage.metrics.reading.kept import Kept
from weft.server.storage.metrics.reading.merge import add_cells

FOLD_FROM: Final = 8192
"""Fresh rows of one writer from which their cells are kept."""

SMALLEST_BLOCK: Final = 1024
"""Rows of a block that is folded by itself; `fresh` joins smaller ones anew with each batch."""

MOST_CELLS: Final = 2048
"""As many as the charts of a page, a thousand pixels wide, ever show of one writer."""

POINTS_PER_CELL: Final = 64

KEPT_CELLS: Final = 400_000
"""Cells kept per store: 40 MB."""


class FoldName(NamedTuple):
    """A metric of one writer's fresh rows, on an axis."""

    row_class: RowClass
    key: int
    axis: Axis


@dataclass(slots=True, frozen=True)
class Fold:
    """Cells of the fresh batches `batches`, with first and last x."""

    batches: tuple[int, ...]
    ends: tuple[float, float]
    cells: Cells


def keep_folds() -> Kept[FoldName, Fold]:
    """What a store keeps."""
    return Kept(KEPT_CELLS, KEPT_CELLS, lambda fold: 1 + len(fold.cells) + len(fold.batches))


def large_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Those of a writer's fresh blocks that are worth folding, if together they are."""
    large = [block for block in blocks if block.fresh is not None and len(block) >= SMALLEST_BLOCK]
    return large if sum(map(len, large)) >= FOLD_FROM else []


def fold_blocks(
    folds: Kept[FoldName, Fold], name: FoldName, blocks: Sequence[Block], shift: int
) -> Fold | None:
    """The cells of a metric in large blocks, from those kept and the blocks that came since.

    Args:
        shift: µs that turn the writer's times into the run's time axis.

    Returns:
        None if they have no number of it.
    """
    batches = tuple(block.fresh for block in blocks if block.fresh is not None)
    kept = folds.get(name)
    if kept is not None and kept.batches == batches:
        return kept
    if kept is not None and kept.batches == batches[: len(kept.batches)]:
        new = blocks[len(kept.batches) :]
    else:
        kept, new = None, blocks
    ends: list[float] = list(kept.ends) if kept is not None else []
    pieces = [kept.cells] if kept is not None else []
    for x, rows, values in _points_of(new, name, shift):
        order = sort_order(x)
        if order is not None:
            x, rows, values = x[order], rows[order], values[order]
        levels = stored_levels(x, POINTS_PER_CELL)
        if not levels:
            return None
        pieces.append(fold_points(make_grid(x, rows, levels[0]), values))
        ends += [x[0].item(), x[-1].item()]
    if not ends:
        return None
    level = max(cells.level for cells in pieces)
    cells = add_cells([coarsen(cells, level) for cells in pieces])
    while max(len(cells), len(cells.odd_index)) > MOST_CELLS:
        cells = coarsen(cells, cells.level + 1)
    fold = Fold(batches, (min(ends), max(ends)), cells)
    folds.put(name, fold)
    return fold


def _points_of(
    blocks: Sequence[Block], name: FoldName, shift: int
) -> Iterator[tuple[Steps, Int64, Any]]:
    for block in blocks:
        numbers = numbers_of(block.columns.get(name.key, ()), len(block))
        if numbers is None:
            continue
        ordinals, values = numbers
        x: Steps = block.steps if name.axis == "step" else block.times + shift
        if ordinals is None:
            yield x, block.rows, values
        else:
            yield x[ordinals], block.rows[ordinals], values
