"""Ends a server's process in time, whatever its threads are doing."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

END_SECS: Final = 8.0
"""The longest time of an orderly shutdown. Supervisors kill after 10 s (Docker) or later."""

_WRITE_SECS: Final = 0.5
_STDERR: Final = 2


class LastResort:
    """Ends this process some seconds after `arm`, unless it has ended by itself.

    Threads can't be stopped in Python, so one that computes for minutes would keep a server from
    ending. What the server has acknowledged is on the disk: to end at once loses none of it.
    """

    def __init__(self) -> None:
        # A pipe, because a signal's handler must take no lock.
        self._reader, self._writer = os.pipe()
        threading.Thread(target=self._wait, name="weft-last-resort", daemon=True).start()

    def arm(self) -> None:
        """Start the countdown. May be called by a signal's handler, and more than once."""
        os.write(self._writer, b".")

    def _wait(self) -> None:
        os.read(self._reader, 1)
        time.sleep(END_SECS)
        # In a thread of its own, because standard error may be a pipe that no one reads.
        message = threading.Thread(target=self._tell, daemon=True)
        message.start()
        message.join(_WRITE_SECS)
        os._exit(0)

    def _tell(self) -> None:
        os.write(
            _STDERR,
            f"weft: requests were still being answered after {END_SECS:g} s; the server ends "
            "without them. Everything that was acknowledged is stored\n".encode(),
        )
