"""Stops long work when its client has disconnected or its time limit has passed.

`http` makes a `Cancellation` for a request and cancels it when the client disconnects; services
check it between slices of work of about ten milliseconds each.
"""

from __future__ import annotations

import threading
import time

from weft.errors import LimitExceeded


class Cancelled(Exception):
    """The client has disconnected, so no one would read an answer."""


class Cancellation:
    """Ends the work of one request, also after `limit_secs`. Thread-safe.

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
        """Return if the work may continue; raise Cancelled after the client left, LimitExceeded
        after the limit.
        """
        if self._cancelled.is_set():
            raise Cancelled
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise LimitExceeded(f"the answer takes more than {self._limit_secs:g} s to compute")

    def within(self, limit_secs: float) -> Cancellation:
        """A cancellation for a part of the work, with its own time limit."""
        part = Cancellation(limit_secs)
        part._cancelled = self._cancelled
        return part
