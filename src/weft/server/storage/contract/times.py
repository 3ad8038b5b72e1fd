"""Durations of work, counted for Prometheus."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

SHORT_SECS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG_SECS: Final = (1.0, 5.0, 15.0, 30.0, 60.0, 90.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


class Histogram:
    """Durations by bucket. Thread-safe.

    Attributes:
        ends: the largest duration of each bucket but the last, which has no end.
        total_secs: the sum of all durations.
    """

    def __init__(self, ends: Sequence[float] = SHORT_SECS) -> None:
        self.ends = ends
        self.total_secs = 0.0
        self._counts = [0] * (len(ends) + 1)
        self._lock = threading.Lock()

    def add(self, secs: float) -> None:
        """Count a duration."""
        with self._lock:
            self._counts[bisect_left(self.ends, secs)] += 1
            self.total_secs += secs

    def counts(self) -> list[int]:
        """The number of durations up to the end of each bucket."""
        return [*accumulate(self._counts)]


@dataclass(frozen=True, slots=True)
class MoveTimes:
    """Durations of one server's moves to ClickHouse.

    Attributes:
        waits: of each upload, from its receipt until ClickHouse has it.
        locks: of each move or merge, while its transaction holds the lock of its store.
    """

    waits: Histogram = field(default_factory=lambda: Histogram(LONG_SECS))
    locks: Histogram = field(default_factory=Histogram)
