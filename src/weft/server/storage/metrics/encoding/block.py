"""Rows of one writer in memory: what a fresh batch or a chunk decodes to.

Pure numpy, no I/O. Like the contract's `RowBlock`, but keys are numbers and row numbers may have
gaps. Blocks can be cut and joined, and one metric's numbers read from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.records.value import Kind
from weft.server.storage.contract import Column, Float64, Int64, RowBlock, Steps
from weft.server.storage.grid.cells import Grid

KIND_BITS: Final[Mapping[Kind, int]] = {"int": 1, "float": 2, "bool": 4, "object": 8}
NUMERIC_BITS: Final = 7


class RowClass(NamedTuple):
    """The properties that rows of one chunk have in common.

    Attributes:
        offset: µs added to the writer's times.
        fractional: whether steps are float64, not int64.
    """

    writer: int
    system: bool
    offset: int
    fractional: bool


@dataclass(slots=True)
class Block:
    """Rows by ascending row number, as columns by key number.

    Attributes:
        batches: numbers of the fresh batches that it holds whole and unchanged.
        steps_grid: how its steps fall into cells, for all metrics with a value in every row. Made
            by `folds`.
    """

    rows: Int64
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    columns: Mapping[int, list[Column]] = field(default_factory=dict[int, list[Column]])
    batches: tuple[int, ...] = ()
    steps_grid: Grid | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def n_points(self) -> int:
        """The number of values in all columns."""
        n_rows = len(self.rows)
        return sum(
            n_rows if column.rows is None else len(column.rows)
            for columns in self.columns.values()
            for column in columns
        )


def block_from_rows(rows: RowBlock, key_numbers: Mapping[str, int]) -> Block:
    """A block of the contract, with its keys replaced by their numbers."""
    return Block(
        np.arange(rows.row_lo, rows.row_lo + len(rows), dtype=np.int64),
        rows.steps,
        rows.times,
        rows.continues if rows.continues is not None and bool(rows.continues.any()) else None,
        {key_numbers[key]: columns for key, columns in rows.columns.items()},
    )


def cut_rows(block: Block, mask: NDArray[np.bool_]) -> Block:
    """The rows of a block for which `mask` is true."""
    if bool(mask.all()):
        return block
    # The ordinal of each kept row in the new block.
    moved = np.cumsum(mask) - 1
    columns: dict[int, list[Column]] = {}
    for key, old in block.columns.items():
        new = [cut for column in old if (cut := _cut_column(column, mask, moved)) is not None]
        if new:
            columns[key] = new
    return Block(
        block.rows[mask],
        block.steps[mask],
        block.times[mask],
        None if block.continues is None else block.continues[mask],
        columns,
    )


def _cut_column(column: Column, mask: NDArray[np.bool_], moved: NDArray[np.intp]) -> Column | None:
    inside = mask if column.rows is None else mask[column.rows]
    if not bool(inside.any()):
        return None
    values = pick_values(column.values, inside)
    if column.rows is None:
        return Column(column.kind, None, values)
    return Column(column.kind, moved[column.rows[inside]].astype(np.uint32), values)


def drop_points(block: Block, tombs: Mapping[int, int]) -> Block:
    """A block without the points of deleted metrics: by key, up to the row that `tombs` names."""
    hit = {
        key: row_hi
        for key, row_hi in tombs.items()
        if key in block.columns and block.rows[0] <= row_hi
    }
    if not hit:
        return block
    columns = dict(block.columns)
    for key, row_hi in hit.items():
        mask = block.rows > row_hi
        remaining: list[Column] = []
        for column in columns.pop(key):
            ordinals = _ordinals(column, len(block))
            inside = mask[ordinals]
            if bool(inside.any()):
                remaining.append(
                    Column(column.kind, ordinals[inside], pick_values(column.values, inside))
                )
        if remaining:
            columns[key] = remaining
    return Block(block.rows, block.steps, block.times, block.continues, columns)


def _ordinals(column: Column, n_rows: int) -> NDArray[np.uint32]:
    return np.arange(n_rows, dtype=np.uint32) if column.rows is None else column.rows


def pick_values(values: Any, chosen: NDArray[Any]) -> Any:
    """Pick values of a column, an array or a list of objects, by mask or by ordinals."""
    if not isinstance(values, list):
        return values[chosen]
    at = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
    return [values[nth] for nth in at.tolist()]


def join_axes(
    blocks: Sequence[Block],
) -> tuple[Block, NDArray[np.intp] | None]:
    """Concatenate and sort the rows of blocks of one class, without their columns.

    Also returns the new ordinal of each row in the order of `blocks`, None if no row moved.
    """
    if len(blocks) == 1:
        block = blocks[0]
        return Block(block.rows, block.steps, block.times, block.continues), None
    rows = np.concatenate([block.rows for block in blocks])
    steps: Any = np.concatenate([block.steps for block in blocks])
    times = np.concatenate([block.times for block in blocks])
    continues = None
    if any(block.continues is not None for block in blocks):
        continues = np.concatenate(
            [
                np.zeros(len(block), dtype=np.bool_)
                if block.continues is None
                else block.continues
                for block in blocks
            ]
        )
    if bool((rows[1:] > rows[:-1]).all()):
        return Block(rows, steps, times, continues), None
    order = np.argsort(rows, kind="stable")
    moved = np.empty_like(order)
    moved[order] = np.arange(len(order))
    return (
        Block(
            rows[order],
            steps[order],
            times[order],
            None if continues is None else continues[order],
        ),
        moved,
    )


def join_columns(
    pieces: Iterable[tuple[int, int, Sequence[Column]]],
    n_rows: int,
    moved: NDArray[np.intp] | None,
) -> list[Column]:
    """Join one metric's columns of several blocks into columns of the joined block.

    Each piece is a block's first ordinal in the order of the blocks, its number of rows, and its
    columns of the metric. `moved` are the new ordinals from `join_axes`.
    """
    pieces = list(pieces)
    if moved is None and sum(piece[1] for piece in pieces) == n_rows:
        full = _join_full([piece[2] for piece in pieces])
        if full is not None:
            return [full]
    by_kind: dict[Kind, list[tuple[NDArray[Any], Any]]] = {}
    for base, n_block, columns in pieces:
        for column in columns:
            ordinals = _ordinals(column, n_block).astype(np.int64) + base
            if moved is not None:
                ordinals = moved[ordinals]
            by_kind.setdefault(column.kind, []).append((ordinals, column.values))
    joined: list[Column] = []
    for kind, parts in by_kind.items():
        ordinals = np.concatenate([part[0] for part in parts])
        values: Any
        if kind == "object":
            values = [value for part in parts for value in part[1]]
        else:
            values = np.concatenate([part[1] for part in parts])
        if moved is not None:
            order = np.argsort(ordinals, kind="stable")
            ordinals = ordinals[order]
            values = [values[at] for at in order] if kind == "object" else values[order]
        full = len(ordinals) == n_rows
        joined.append(Column(kind, None if full else ordinals.astype(np.uint32), values))
    return joined


def _join_full(pieces: Sequence[Sequence[Column]]) -> Column | None:
    """The usual case without ordinals: each block has one column, all of one kind, in all rows."""
    if any(len(columns) != 1 or columns[0].rows is not None for columns in pieces):
        return None
    kind = pieces[0][0].kind
    if kind == "object" or any(columns[0].kind != kind for columns in pieces):
        return None
    return Column(kind, None, np.concatenate([columns[0].values for columns in pieces]))


def numbers_of(
    columns: Sequence[Column], n_rows: int
) -> tuple[NDArray[np.uint32] | None, Float64] | None:
    """The numeric points of one metric as float64, bools as 0 and 1, with ascending ordinals (None
    if every row has a number). None if the metric has no numbers.
    """
    numeric = [column for column in columns if column.kind != "object"]
    if not numeric:
        return None
    if len(numeric) == 1:
        values: Any = numeric[0].values
        return numeric[0].rows, values.astype(np.float64, copy=False)
    ordinals = np.concatenate([_ordinals(column, n_rows) for column in numeric])
    mixed = np.concatenate([np.asarray(column.values, dtype=np.float64) for column in numeric])
    order = np.argsort(ordinals, kind="stable")
    if len(ordinals) == n_rows:
        return None, mixed[order]
    return ordinals[order], mixed[order]
