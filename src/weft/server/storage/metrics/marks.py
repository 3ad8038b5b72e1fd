"""Dirty marks: which runs' summaries in the metadata are older than their points.

The count of a run's batches is kept in memory; the file only says that a run is dirty. So a busy
run costs a page once, not with every batch and every projection. A kill can leave a run dirty that
was projected already, never the other way round.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from typing import Final

FLUSH_SECS: Final = 10.0
"""How often runs that have become clean are struck out in the file."""


class DirtyMarks:
    """The marks of one metric file. Thread-safe.

    Args:
        dirty: runs that the file says are dirty.
    """

    def __init__(self, dirty: Iterable[int]) -> None:
        self._lock = threading.Lock()
        self._written = set(dirty)
        self._marks = dict.fromkeys(self._written, 1)
        self._clean: dict[int, int] = {}
        self._flushed = time.monotonic()

    def write_new(self, db: sqlite3.Connection, runs: Iterable[int]) -> None:
        """Write down, in the caller's transaction, which of `runs` the file has as clean."""
        with self._lock:
            new = [(run,) for run in runs if run not in self._written]
        db.executemany("INSERT OR IGNORE INTO dirty VALUES (?)", new)

    def add(self, runs: Iterable[int]) -> None:
        """Count a committed batch of each of `runs`; still under the write lock."""
        with self._lock:
            for run in runs:
                self._written.add(run)
                self._marks[run] = self._marks.get(run, 0) + 1

    def mark_of(self, run: int) -> int:
        """The mark of a run, 0 = clean. See `MetricStore.dirty_mark`."""
        with self._lock:
            mark = self._marks.get(run, 0)
            return mark if mark > self._clean.get(run, 0) else 0

    def dirty(self) -> list[int]:
        """Runs to project."""
        with self._lock:
            return [run for run, mark in self._marks.items() if mark > self._clean.get(run, 0)]

    def clean(self, run: int, mark: int) -> None:
        """Note that points up to `mark` are projected. See `MetricStore.clean`."""
        with self._lock:
            self._clean[run] = max(self._clean.get(run, 0), mark)

    def forget(self, run: int) -> None:
        """Drop the marks of a deleted run."""
        with self._lock:
            for kept in (self._marks, self._clean):
                kept.pop(run, None)
            self._written.discard(run)

    def due(self) -> bool:
        """Whether it is time to strike out runs that have become clean."""
        return bool(self._written) and time.monotonic() - self._flushed >= FLUSH_SECS

    def strike_out(self, db: sqlite3.Connection) -> None:
        """Strike out clean runs in the file; in a transaction of the caller's."""
        with self._lock:
            self._flushed = time.monotonic()
            clean = {run for run in self._written if self._marks[run] <= self._clean.get(run, 0)}
            self._written -= clean
        # Under the write lock: no batch of these runs is committed before this is.
        db.executemany("DELETE FROM dirty WHERE run = ?", [(run,) for run in clean])
