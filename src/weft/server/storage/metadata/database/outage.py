"""Logs when the metadata database becomes unavailable and available again: one line each.

A line is written before another transaction can report the same, so lines are in order.
"""

from __future__ import annotations

import logging
import math
import threading
import time

_log = logging.getLogger(__name__)


class Outage:
    """Whether transactions of one kind fail, and whether any has succeeded. Thread-safe."""

    def __init__(self, subject: str) -> None:
        self._what = subject
        self._lock = threading.Lock()
        self._is_on = False
        self._succeeded_secs = -math.inf
        self.was_up = False

    def begin(self, reason: str, since_secs: float) -> None:
        """Record that a transaction, begun at `since_secs` of `time.monotonic`, failed.

        If another has succeeded since, the outage is already over.
        """
        with self._lock:
            if since_secs < self._succeeded_secs:
                return
            is_first, self._is_on = not self._is_on, True
            if is_first and self.was_up:
                _log.error("%s is not available: %s", self._what, " ".join(reason.split()))

    def end(self) -> None:
        """Record that a transaction succeeded."""
        self._succeeded_secs = time.monotonic()
        if self.was_up and not self._is_on:
            return
        with self._lock:
            if self._is_on and self.was_up:
                _log.warning("%s is available again", self._what)
            self._is_on = False
            self.was_up = True
