"""The pause between uploads of a writer, so that many writers share one server."""

from __future__ import annotations

import threading
from typing import Final

UPLOADS_PER_SEC: Final = 800
"""The most in total over all writers. At about 0.5 ms of Python each, this uses less than half a
core."""

_SHORTEST_PAUSE_MICROS: Final = 250_000
_SHORTEST_TURN_MICROS: Final = 1_000_000 // UPLOADS_PER_SEC
_MOST_WAIT_SECS: Final = 3.0


class Pace:
    """Gives each writer the next free turn for its next upload. Thread-safe.

    Writers that all came at once, as after a restart of the server, come one after the other from
    then on. A turn that a writer does not use is lost. While uploads wait because the machine is
    slow or busy, turns are longer: twice as long at a wait of a second, at most four times.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_turn = 0
        self._turn_micros = _SHORTEST_TURN_MICROS

    def pause_millis(self, now_micros: int) -> int:
        """The pause before a writer's next upload, in ms; 0 for no minimum.

        >>> Pace().pause_millis(0)
        0
        """
        with self._lock:
            turn = max(self._next_turn, now_micros)
            self._next_turn = turn + self._turn_micros
        pause = turn - now_micros
        return pause // 1000 if pause > _SHORTEST_PAUSE_MICROS else 0

    def note_wait(self, secs: float) -> None:
        """Note how long the first upload of a group waited until a thread took it."""
        with self._lock:
            self._turn_micros = int(_SHORTEST_TURN_MICROS * (1 + min(secs, _MOST_WAIT_SECS)))
