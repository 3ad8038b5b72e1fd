"""The pause between uploads of a writer, so that many writers share one server."""

from __future__ import annotations

import threading
from typing import Final

UPLOADS_PER_SEC: Final = 800
"""Total over all writers. At about 0.3 ms of Python each, this uses about a third of a core."""

_SHORTEST_PAUSE_MILLIS: Final = 250
_WINDOW_MICROS: Final = 5_000_000


class Pace:
    """Counts the writers of the last few seconds and tells each how long to wait. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window_end = 0
        self._writers: set[tuple[str, str]] = set()
        self._n_before = 0

    def pause_millis(self, run: str, writer: str, now_micros: int) -> int:
        """The pause before this writer's next upload, in ms; 0 for no minimum.

        >>> Pace().pause_millis("ab12cd34", "w", 0)
        0
        """
        with self._lock:
            if now_micros >= self._window_end:
                self._n_before = len(self._writers)
                self._writers.clear()
                self._window_end = now_micros + _WINDOW_MICROS
            self._writers.add((run, writer))
            n_writers = max(self._n_before, len(self._writers))
        pause = n_writers * 1000 // UPLOADS_PER_SEC
        return pause if pause > _SHORTEST_PAUSE_MILLIS else 0
