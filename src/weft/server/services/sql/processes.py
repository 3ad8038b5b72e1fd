"""Processes for queries; one is kept ready after each query, because starting takes 0.15 s."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import Final

IDLE_SECS: Final = 60.0
"""How long an unused process is kept ready. It holds about 80 MB."""

_KEPT_VARIABLES: Final = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")

Process = subprocess.Popen[bytes]


class QueryProcesses:
    """Starts `sql_child.child` processes, each for one query. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: Process | None = None
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def take(self) -> Process:
        """A process that only this caller uses; the caller must end it."""
        with self._lock:
            taken, self._ready = self._ready, None
        if taken is not None and taken.poll() is not None:
            end(taken)
            taken = None
        return taken or _start()

    def prepare(self) -> None:
        """Keep a process ready for the next query."""
        with self._lock:
            if self._is_closed:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(IDLE_SECS, self._drop)
            self._timer.daemon = True
            self._timer.start()
            if self._ready is None:
                self._ready = _start()

    def close(self) -> None:
        """End the process that is ready and prepare no more."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            dropped, self._ready = self._ready, None
        if dropped is not None:
            end(dropped)


def end(process: Process) -> None:
    """Kill a process, wait for it and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _start() -> Process:
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "weft.server.services.sql_child.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env={**environment, "HOME": "/nonexistent", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
