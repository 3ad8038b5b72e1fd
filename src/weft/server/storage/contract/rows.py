"""Rows of a writer as columns, and the batch of one upload."""

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
        rows: which rows of the block have a value here, as ascending ordinals. None if all do.
        values: int64, float64 or bool array, or a list of decoded values for the kind `object`.
    """

    kind: Kind
    rows: NDArray[np.uint32] | None
    values: NDArray[Any] | list[Any]


@dataclass(slots=True)
class RowBlock:
    """Consecutive rows of one writer, as columns.

    Attributes:
        row_lo: row number of the first row; the others follow without gaps. Between blocks there
            may be gaps: rows of other blocks, or refused ones.
        steps: int64 if every step is an int, else float64.
        times: µs since 1970 by the writer's clock, without its offset.
        continues: for each row, whether it is a fragment of the row before it: the one with the
            next lower number among the writer's system rows, or among its other rows. None if no
            row is a fragment.
        columns: by key; a key whose values differ in kind has several columns.
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
    """A line of console output.

    Attributes:
        stream: `stdout`, `stderr`, or another name that a script chose.
        line: its number in the stream of its writer.
        micros: when its text last changed, µs since 1970 by the writer's clock.
        text: the text without a line break; it may have SGR codes.
    """

    stream: str
    line: int
    micros: int
    text: str


@dataclass(slots=True)
class Batch:
    """The rows and lines of one upload; applied whole or not at all.

    Attributes:
        run: id of the run within the project.
        writer: who wrote the rows; row identity is (run, writer, row number).
        stream: the stream whose position moves (for a run log, the writer's id; for the gateway,
            a file).
        from_position, to_position: opaque increasing integers.
        state: what the decoder has to remember at `to_position`, as opaque bytes. None if
            unchanged.
        n_rows: number of rows of the stream before `to_position`. None if unchanged. It is not
            part of `state`, which would then change with every upload.
        tail: a few more bytes for the decoder to remember, which may change with every upload.
            None if unchanged.
        offset_micros: added to the writer's times from this batch on.
        origin_micros: wall-clock time of the run's first Run record; later values are ignored. If
            a run's first rows come without it, the first corrected time is the run's origin.

    `to_position` may equal `from_position`: the batch then holds further rows of an upload whose
    position the next batch moves (history and system rows of one log).
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
