"""Keeps all transactions that write out of a database while its server is moved. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from weft.errors import Unavailable

_writes = threading.local()


def is_writing() -> bool:
    """Whether this thread has begun a transaction that writes."""
    return getattr(_writes, "is_writing", False)


class WriteGate:
    """Open at first. While it is closed, only the thread that closed it writes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._n_inside = 0
        self._reason: str | None = None
        self._owner: int | None = None

    @contextmanager
    def passage(self) -> Generator[None]:
        """Write while the block runs; Unavailable with the gate's reason if it is closed."""
        with self._changed:
            if self._reason is not None and self._owner != threading.get_ident():
                raise Unavailable(self._reason)
            self._n_inside += 1
        _writes.is_writing = True
        try:
            yield
        finally:
            _writes.is_writing = False
            with self._changed:
                self._n_inside -= 1
                self._changed.notify_all()

    def close(self, reason: str) -> None:
        """Refuse writes from now on, and wait for those that have begun."""
        with self._changed:
            self._reason, self._owner = reason, threading.get_ident()
            self._changed.wait_for(lambda: not self._n_inside)

    def open(self) -> None:
        """Let all threads write again."""
        with self._changed:
            self._reason = self._owner = None
