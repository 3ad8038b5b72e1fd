"""Openings of reports: counted in memory, so that no reader waits for a write."""

from __future__ import annotations

import threading
from typing import Final

from weft.server.storage.metadata import MetadataStore

_SPACING_MICROS: Final = 600_000_000
"""The time after an opening in which further ones by the same person do not count."""

_MAX_READERS: Final = 10_000
"""Most openings that are remembered; of more, the oldest may count twice."""


class ReportViews:
    """Counts openings, and writes them when it is asked to. Thread-safe.

    A process that is killed loses those of its last seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[tuple[int, str], int] = {}
        self._unwritten: dict[int, int] = {}

    def note(self, row_id: int, reader: str, now_micros: int) -> None:
        """Count an opening of a report by a person, unless one was counted a moment ago."""
        key = row_id, reader
        with self._lock:
            last = self._last.get(key)
            if last is not None and 0 <= now_micros - last < _SPACING_MICROS:
                return
            self._last.pop(key, None)
            self._last[key] = now_micros
            if len(self._last) > _MAX_READERS:
                del self._last[next(iter(self._last))]
            self._unwritten[row_id] = self._unwritten.get(row_id, 0) + 1

    def save(self, metadata: MetadataStore) -> None:
        """Write what was counted since the last call."""
        with self._lock:
            n_views, self._unwritten = self._unwritten, {}
        if not n_views:
            return
        try:
            with metadata.write() as tx:
                metadata.report_stars.add_views(tx, n_views)
        except BaseException:
            with self._lock:
                for row_id, n in n_views.items():
                    self._unwritten[row_id] = self._unwritten.get(row_id, 0) + n
            raise
