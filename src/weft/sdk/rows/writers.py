"""The destinations of rows: a run log, or none in mode disabled. No I/O of its own."""

from __future__ import annotations

from pathlib import Path
from threading import RLock
from typing import Protocol

from weft.records.record import Record


class Writer(Protocol):
    """The destination of rows: `weft.runlog.writer.LogWriter`, or `NoWriter`."""

    lock: RLock

    @property
    def path(self) -> Path | None: ...
    def write_frame(
        self, payload: bytes, row_micros: int | None = None, line_micros: int | None = None
    ) -> None: ...
    def append(self, record: Record) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class NoWriter:
    """The writer in mode disabled: accepts and discards everything."""

    path = None

    def __init__(self) -> None:
        self.lock = RLock()

    def write_frame(
        self, payload: bytes, row_micros: int | None = None, line_micros: int | None = None
    ) -> None: ...
    def append(self, record: Record) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...
