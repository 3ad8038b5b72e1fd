"""The last logged value of each metric of a busy run, before it is written to metadata. In memory.

`services.ingest` adds each upload; `services.projection` writes what is new; reads lay it over
what is written, so that a summary is never older than the points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weft.records.merge import Stamp, join_path
from weft.server.storage.contract import Column, RowBlock
from weft.server.storage.metadata.fields import FieldChange


class LatestValues:
    """Last values by joined summary path. Not thread-safe: its run's lock is held."""

    __slots__ = ("_unwritten", "_values")

    def __init__(self) -> None:
        self._values: dict[str, FieldChange] = {}
        self._unwritten: set[str] = set()

    def add_rows(self, block: RowBlock, *, writer: str, offset_micros: int) -> None:
        """Take the last value of each metric in a block of rows.

        Cost: about 0.5 µs a metric.
        """
        times = block.times
        for key, columns in block.columns.items():
            ordinal, value = _last(columns, len(times))
            if ordinal >= 0:
                micros = int(times[ordinal]) + offset_micros
                stamp = Stamp(micros, writer, block.row_lo + ordinal)
                self.put(join_path((key,)), FieldChange(value, stamp))

    def add(self, changes: Mapping[str, FieldChange]) -> None:
        """Take values that are being written already, so that older ones do not hide them."""
        for path, change in changes.items():
            self.put(path, change)
            self._unwritten.discard(path)

    def put(self, path: str, change: FieldChange) -> None:
        """Take one value, unless there is a later one."""
        present = self._values.get(path)
        if present is None or change.stamp > present.stamp:
            self._values[path] = change
            self._unwritten.add(path)

    def forget(self, path: str) -> None:
        """Drop a path, as its metric was deleted."""
        self._values.pop(path, None)
        self._unwritten.discard(path)

    def unwritten(self) -> dict[str, FieldChange]:
        """What metadata does not have yet."""
        return {path: self._values[path] for path in self._unwritten}

    def set_written(self, changes: Mapping[str, FieldChange]) -> None:
        """Note that metadata has these now."""
        for path, change in changes.items():
            if self._values.get(path) is change:
                self._unwritten.discard(path)

    @property
    def n_unwritten(self) -> int:
        """How many values metadata does not have yet."""
        return len(self._unwritten)


def _last(columns: Iterable[Column], n_rows: int) -> tuple[int, Any]:
    """Ordinal of the last row that has a value (-1 = none), and the value."""
    best: tuple[int, Any] = (-1, None)
    for column in columns:
        ordinal = n_rows - 1 if column.rows is None else int(column.rows[-1])
        if ordinal > best[0]:
            values: Any = column.values
            value = values[-1]
            best = (ordinal, value if column.kind == "object" else value.item())
    return best
