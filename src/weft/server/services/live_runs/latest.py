"""The last logged value of each metric of a live run, before it is written to metadata. In memory.

`services.ingest` adds each upload; `projection` writes new values; reads overlay them on
those in metadata, so that a summary is never older than the points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from weft.records.merge import Stamp, join_path
from weft.server.storage.contract import Column, Int64, RowBlock
from weft.server.storage.metadata import FieldChange


class LatestValues:
    """Last values by joined summary path. Not thread-safe: callers hold the run's lock.

    Attributes:
        after_micros: metadata may already have newer values than rows up to this time; None if
            all stored values were read in first.
        is_whole: whether these are all values, so that any others in metadata are void.
        is_replacing: whether a transaction has removed those others, and may not have ended yet.
    """

    __slots__ = ("_blocks", "_unwritten", "_values", "after_micros", "is_replacing", "is_whole")

    def __init__(self, *, after_micros: int | None = None) -> None:
        self._blocks: dict[str, tuple[RowBlock, int]] = {}
        self._values: dict[str, FieldChange] = {}
        self._unwritten: set[str] = set()
        self.after_micros = after_micros
        self.is_whole = False
        self.is_replacing = False

    @property
    def n_metrics(self) -> int:
        """Number of metrics with a value, without blocks that were not read yet."""
        return len(self._values)

    def add_rows(self, block: RowBlock, *, writer: str, offset_micros: int) -> None:
        """Take the last value of each metric in a block of rows.

        Cost: 5 µs. Values are read only when needed; by then most blocks are superseded by a
        later one with the same writer and metrics.
        """
        before = self._blocks.get(writer)
        if before is not None:
            old, old_offset = before
            superseded = (
                old.columns.keys() <= block.columns.keys()
                and int(block.times.min()) + offset_micros >= int(old.times.max()) + old_offset
            )
            if not superseded:
                self._fold(old, writer, old_offset)
        self._blocks[writer] = (block, offset_micros)

    def put(self, path: str, change: FieldChange) -> bool:
        """Take one value, unless there is a later one; returns whether it was taken."""
        present = self._values.get(path)
        if present is not None and present.stamp >= change.stamp:
            return False
        self._values[path] = change
        self._unwritten.add(path)
        return True

    def forget(self, path: str) -> None:
        """Drop the path of a deleted metric."""
        self._fold_all()
        self._values.pop(path, None)
        self._unwritten.discard(path)

    def unwritten(self) -> dict[str, FieldChange]:
        """Values that metadata does not have yet, by joined path."""
        self._fold_all()
        return {path: self._values[path] for path in self._unwritten}

    def set_written(self, changes: Mapping[str, FieldChange]) -> None:
        """Note that metadata has these values now."""
        for path, change in changes.items():
            if self._values.get(path) is change:
                self._unwritten.discard(path)

    @property
    def is_written(self) -> bool:
        """Whether metadata has all values."""
        return not self._blocks and not self._unwritten and not self.is_whole

    def _fold_all(self) -> None:
        for writer, (block, offset) in self._blocks.items():
            self._fold(block, writer, offset)
        self._blocks.clear()

    def _fold(self, block: RowBlock, writer: str, offset_micros: int) -> None:
        times = block.times
        rising = _rises(times)
        for key, columns in block.columns.items():
            latest = _end_of(columns, times, rising=rising)
            if latest is not None:
                ordinal, value = latest
                micros = int(times[ordinal]) + offset_micros
                stamp = Stamp(micros, writer, block.row_lo + ordinal)
                self.put(join_path((key,)), FieldChange(value, stamp))


def last_of(columns: Iterable[Column], times: Int64) -> tuple[int, Any] | None:
    """The ordinal of the row with the last value by (time, row), and that value."""
    return _end_of(columns, times, rising=_rises(times))


def first_of(columns: Iterable[Column], times: Int64) -> tuple[int, Any] | None:
    """The ordinal of the row with the first value by (time, row), and that value."""
    return _end_of(columns, times, rising=_rises(times), first=True)


def _rises(times: Int64) -> bool:
    return len(times) < 2 or bool((times[1:] >= times[:-1]).all())


def _end_of(
    columns: Iterable[Column], times: Int64, *, rising: bool, first: bool = False
) -> tuple[int, Any] | None:
    best: tuple[int, int] | None = None
    best_value: Any = None
    for column in columns:
        values: Any = column.values
        if not len(values):
            continue
        at = 0 if first else len(values) - 1
        if not rising:
            own = times if column.rows is None else times[column.rows]
            at = int(np.argmin(own)) if first else at - int(np.argmax(own[::-1]))
        ordinal = at if column.rows is None else int(column.rows[at])
        position = (int(times[ordinal]), ordinal)
        if best is None or (position < best if first else position > best):
            best = position
            best_value = values[at] if column.kind == "object" else values[at].item()
    return None if best is None else (best[1], best_value)
