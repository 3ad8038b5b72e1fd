"""Writes what `context` notes about requests to the server's log, in a thread of its own.

Standard error may be a pipe that no one reads. A blocked line must delay neither requests nor
acks, so once a thousand lines wait, further ones are dropped and counted.
"""

from __future__ import annotations

import queue
import threading
from typing import Any, Final

import structlog

_MAX_WAITING: Final = 1000

_log: Any = structlog.get_logger(__name__)


class RequestLog:
    """Accepts log lines from the event loop without ever blocking it."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue(_MAX_WAITING)
        self._n_dropped = 0
        self._thread: threading.Thread | None = None

    def note(self, event: str, fields: dict[str, Any]) -> None:
        """Queue a line, or count it as dropped."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._write, name="weft-request-log", daemon=True
            )
            self._thread.start()
        try:
            self._waiting.put_nowait((event, fields))
        except queue.Full:
            self._n_dropped += 1

    def _write(self) -> None:
        while True:
            event, fields = self._waiting.get()
            n_dropped, self._n_dropped = self._n_dropped, 0
            _log.info(event, **fields, **({"n_dropped_before": n_dropped} if n_dropped else {}))
