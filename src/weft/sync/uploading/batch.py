"""Decides when a log's new bytes are sent, and how many at once. Pure.

Receives the sizes that `tail` reads; tells `uploader` when a batch is due.
"""

from __future__ import annotations

from typing import Final

from weft.records.limits import UPLOAD_BATCH_BYTES

WINDOW_SECS: Final = 0.25
"""Longest wait of a row for its batch. log() to ack then takes 0.15 s (p50) and 0.3 s (p99)."""

SMALLEST_BATCH_BYTES: Final = 4096


class BatchWindow:
    """Decides when waiting bytes are due: at 1 MB, or 0.25 s after the oldest was written.

    The oldest row was written after the last look that found nothing new, so the window starts
    at that look. If it started at the last send, it would fall into step with a slow training
    loop, and each row would wait a whole window.

    >>> window = BatchWindow()
    >>> window.look(0.0, n_waiting=0)
    >>> window.look(0.1, n_waiting=50); window.due_secs
    0.25
    """

    def __init__(self) -> None:
        self.max_bytes = UPLOAD_BATCH_BYTES
        self._last_empty_secs = 0.0
        self.due_secs: float | None = None

    def look(self, now_secs: float, *, n_waiting: int) -> None:
        """Record how many unsent bytes there are now."""
        if n_waiting <= 0:
            self._last_empty_secs = now_secs
            self.due_secs = None
        elif n_waiting >= self.max_bytes:
            self.due_secs = now_secs
        elif self.due_secs is None:
            self.due_secs = max(self._last_empty_secs, now_secs - WINDOW_SECS) + WINDOW_SECS

    def is_due(self, now_secs: float) -> bool:
        """Whether a batch should be sent now."""
        return self.due_secs is not None and now_secs >= self.due_secs

    def shrink(self, refused_bytes: int) -> bool:
        """Limit batches to half of one that was too large. False if they can't be smaller."""
        if self.max_bytes <= SMALLEST_BATCH_BYTES:
            return False
        self.max_bytes = max(SMALLEST_BATCH_BYTES, min(self.max_bytes, refused_bytes) // 2)
        return True
