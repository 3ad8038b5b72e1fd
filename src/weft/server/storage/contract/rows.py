"""What is written: rows of one writer as columns, and what an upload adds to the metric store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.records.value import Kind

Steps = NDArray[np.int64] | NDArray[np.float64]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(slots=True)
class Column:
    """The values of one key and one kind in a block of rows.

    Attributes:
        rows: which rows of the block have a value here, ascending ordinals; None = all of them.
        values: int64, float64 or bool array, or (kind object) a list of decoded values.
    """

    kind: Kind
    rows: NDArray[np.uint32] | None
    values: NDArray[Any] | list[Any]


@dataclass(slots=True)
class RowBlock:
    """Consecutive rows of one writer, as columns.

    Attributes:
        row_lo: row number of the first; the others follow without a hole. Between blocks there
            may be holes: rows of other blocks, or refused ones.
        steps: int64 if every step is an int, else float64.
        times: µs since 1970 as the writer's clock had it (no offset added).
        continues: per row, whether it is a fragment of the row before it, the newest of its
            writer and sort with a lower number; None = none is.
        columns: by key; a key whose values differ in kind has several.
    """

    row_lo: int
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    columns: dict[str, list[Column]]

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(slots=True, frozen=True)
class ConsoleLine:
    stream: str
    line: int
    micros: int
    text: str


@dataclass(slots=True)
class Batch:
    """What one upload adds to the metric store; applied whole or not at all.

    Attributes:
        run: id of the run within the project.
        writer: who wrote the rows; row identity is (run, writer, row number).
        stream: whose position moves (for a run log: the writer's id; for the gateway: a file).
        from_position, to_position: opaque increasing integers.
        state: what the decoder has to remember at `to_position`; opaque bytes, None = unchanged.
        n_rows: rows of the stream before `to_position`, None = unchanged. Apart from `state`,
            which it would make change with every upload.
        tail: a few bytes more of what the decoder has to remember, None = unchanged; may change
            with every upload.
        offset_micros: added to the writer's times from this batch on.
        origin_micros: wall anchor of the run's first Run record; the first one stays. A run whose
            first rows come without one has their first corrected time as its origin.

    `to_position` may equal `from_position`: further rows of an upload whose position the next
    batch moves (history and system rows of one log).
    """

    run: str
    writer: str
    stream: str
    from_position: int
    to_position: int
    state: bytes | None = None
    n_rows: int | None = None
    tail: bytes | None = None
    rows: RowBlock | None = None
    system: bool = False
    console: Sequence[ConsoleLine] = ()
    offset_micros: int = 0
    origin_micros: int | None = None


@dataclass(slots=True, frozen=True)
class StreamPosition:
    position: int
    state: bytes
    n_rows: int = 0
    tail: bytes = b""
