"""How long work learns that nobody waits for it any more, or that it has had its time.

`http` makes a `Cancellation` for a request and cancels it when the client leaves; services ask it
between slices of work, each of them some ten milliseconds.
"""

from __future__ import annotations

import threading
import time

from weft.errors import LimitExceeded


class Cancelled(Exception):
    """Whoever asked has left; nobody reads an answer."""


class Cancellation:
    """A request's way to end its own work. Thread-safe.

    Args:
        limit_secs: work that asks later than this is ended, too; None = no limit.

    >>> waits = Cancellation()
    >>> waits.check()
    >>> waits.cancel()
    >>> waits.check()
    Traceback (most recent call last):
    ...
    weft.server.services.access.cancellation.Cancelled
    """

    def __init__(self, limit_secs: float | None = None) -> None:
        self._cancelled = threading.Event()
        self._limit_secs = limit_secs
        self._deadline = None if limit_secs is None else time.monotonic() + limit_secs

    def cancel(self) -> None:
        """End the work at its next `check`."""
        self._cancelled.set()

    def check(self) -> None:
        """Return if the work is to go on.

        Raises:
            Cancelled: the client has left.
            LimitExceeded: the work took too long.
        """
        if self._cancelled.is_set():
            raise Cancelled
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise LimitExceeded(f"the answer takes more than {self._limit_secs:g} s to compute")

    def within(self, limit_secs: float) -> Cancellation:
        """One for a part of the work, with a time limit of its own."""
        part = Cancellation(limit_secs)
        part._cancelled = self._cancelled
        return part
