"""Dirty marks: which runs' summaries in the metadata are older than their points.

The number of a run's batches is in memory only; the file records just that a run is dirty. So a
live run writes one page once, not with every batch and every projection. After a kill a run may be
dirty although it was projected, but never the other way round.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from typing import Final

FLUSH_SECS: Final = 10.0
"""The time between deletions of the marks of clean runs from the file."""


class DirtyMarks:
    """The marks of one metric file, which begin with the runs that are dirty according to it.

    Thread-safe.
    """

    def __init__(self, dirty: Iterable[int]) -> None:
        self._lock = threading.Lock()
        self._written = set(dirty)
        self._marks = dict.fromkeys(self._written, 1)
        self._clean: dict[int, int] = {}
        self._flushed = time.monotonic()

    def write_new(self, db: sqlite3.Connection, runs: Iterable[int]) -> None:
        """Mark `runs` that are clean in the file as dirty there, in the caller's transaction."""
        with self._lock:
            new = [(run,) for run in runs if run not in self._written]
        db.executemany("INSERT OR IGNORE INTO dirty VALUES (?)", new)

    def add(self, runs: Iterable[int]) -> None:
        """Count a committed batch of each of `runs`. Call it still under the write lock."""
        with self._lock:
            for run in runs:
                self._written.add(run)
                self._marks[run] = self._marks.get(run, 0) + 1

    def mark_of(self, run: int) -> int:
        """The mark of a run, 0 if it is clean. See `MetricStore.dirty_mark`."""
        with self._lock:
            mark = self._marks.get(run, 0)
            return mark if mark > self._clean.get(run, 0) else 0

    def dirty(self) -> list[int]:
        """The dirty runs, which are to be projected."""
        with self._lock:
            return [run for run, mark in self._marks.items() if mark > self._clean.get(run, 0)]

    def clean(self, run: int, mark: int) -> None:
        """Note that points up to `mark` are projected. See `MetricStore.clean`."""
        with self._lock:
            self._clean[run] = max(self._clean.get(run, 0), mark)

    def forget(self, run: int) -> None:
        """Drop the marks of a deleted run."""
        with self._lock:
            for marks in (self._marks, self._clean):
                marks.pop(run, None)
            self._written.discard(run)

    def due(self) -> bool:
        """Whether it is time to delete the marks of clean runs from the file."""
        return bool(self._written) and time.monotonic() - self._flushed >= FLUSH_SECS

    def strike_out(self, db: sqlite3.Connection) -> None:
        """Delete the marks of clean runs from the file, in the caller's transaction."""
        with self._lock:
            self._flushed = time.monotonic()
            clean = {run for run in self._written if self._marks[run] <= self._clean.get(run, 0)}
            self._written -= clean
        # The caller holds the write lock, so no batch of these runs is committed before this.
        db.executemany("DELETE FROM dirty WHERE run = ?", [(run,) for run in clean])
