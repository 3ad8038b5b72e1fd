"""Reports the progress of long tasks. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SECS_BETWEEN: Final = 0.2


Progress = Callable[[str, int, "int | None"], None]
"""Called from time to time with the phase, the amount done, and the total (None if
unknown), in bytes or items. It may raise to end the task, which then leaves nothing half done.
"""


class Phase:
    """Counts the work of one phase and reports it a few times a second.

    >>> reports = []
    >>> phase = Phase(lambda *report: reports.append(report), "blobs", 10)
    >>> phase.advance(4); phase.advance(6); phase.end(); reports
    [('blobs', 0, 10), ('blobs', 10, 10)]
    """

    def __init__(self, progress: Progress, name: str, total: int | None = None) -> None:
        self._progress = progress
        self._name = name
        self._total = total
        self._reported_secs = time.monotonic()
        self.n_done = 0
        progress(name, 0, total)

    def advance(self, n: int = 1) -> None:
        """Count `n` more as done."""
        self.n_done += n
        now = time.monotonic()
        if now - self._reported_secs >= SECS_BETWEEN:
            self._reported_secs = now
            self._progress(self._name, self.n_done, self._total)

    def end(self) -> None:
        """Report the final count."""
        self._progress(self._name, self.n_done, self._total)


def unheard(_phase: str, _done: int, _total: int | None) -> None:
    """A `Progress` that ignores all reports."""
