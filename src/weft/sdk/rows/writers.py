"""What rows are written to: a run log, or nothing at all. No I/O of its own."""

from __future__ import annotations

from pathlib import Path
from threading import RLock
from typing import Protocol

from weft.records.record import Record


class Writer(Protocol):
    """What rows are appended to: `weft.runlog.writer.LogWriter`, or nothing in mode disabled."""

    lock: RLock  # pyright: ignore[reportGeneralTypeIssues]

    @property
    def path(self) -> Path | None: ...
    def write_frame(self, payload: bytes, row_micros: int | None = None) -> None: ...
    def append(self, record: Record) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class NoWriter:
    """Stands for the log in mode disabled: takes everything, keeps nothing."""

    path = None

    def __init__(self) -> None:
        self.lock = RLock()

    def write_frame(self, payload: bytes, row_micros: int | None = None) -> None: ...
    def append(self, record: Record) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...
