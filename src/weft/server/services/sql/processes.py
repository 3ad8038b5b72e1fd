"""Processes for queries: each is a fork of one that has imported DuckDB (`sql_child.parent`)."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from typing import BinaryIO, Final

from weft.server.services.sql_child.link import KILL, STATUS

IDLE_SECS: Final = 60.0
"""Seconds without a query after which the process that forks ends. It holds about 80 MB."""

_PASSED_VARIABLES: Final = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")


class Process:
    """A process that answers one query."""

    def __init__(self, stdin: BinaryIO, stdout: BinaryIO, link: socket.socket) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self._link = link
        self._status: int | None = None

    def kill(self) -> None:
        """Ask for its end, which `wait` waits for. May be called from any thread, at any time."""
        with contextlib.suppress(OSError):  # it has ended
            self._link.send(KILL)

    def wait(self) -> int:
        """Wait for its end, and return its exit status, or the negative number of a signal."""
        if self._status is None:
            with contextlib.suppress(OSError):
                reply = self._link.recv(STATUS.size)
                self._status = STATUS.unpack(reply)[0] if reply else None
        # The status is lost if the process that forks was killed.
        return 1 if self._status is None else self._status

    def close(self) -> None:
        """Kill it, wait for its end, and close its pipes."""
        self.kill()
        self.wait()
        for pipe in (self.stdin, self.stdout, self._link):
            with contextlib.suppress(OSError):
                pipe.close()


class QueryProcesses:
    """Starts processes, each for one query. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parent: _Parent | None = None
        self._n_running = 0
        self._timer: threading.Timer | None = None

    def take(self) -> Process:
        """A process that only this caller uses; the caller must `end` it."""
        with self._lock:
            self._keep()
            process = self._parent.fork() if self._parent is not None else None
            if process is None:
                self._drop()
                self._parent = _Parent()
                process = self._parent.fork()
                if process is None:
                    raise OSError("the process that answers queries does not start")
            self._n_running += 1
            return process

    def end(self, process: Process) -> None:
        """End a process that `take` returned."""
        process.close()
        with self._lock:
            self._n_running -= 1
            self._keep()
            if not self._n_running and self._parent is not None:
                self._timer = threading.Timer(IDLE_SECS, self._drop_idle)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """End the process that forks as soon as its forks have ended."""
        with self._lock:
            self._keep()
            self._drop()

    def _keep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop_idle(self) -> None:
        with self._lock:
            if not self._n_running:
                self._drop()

    def _drop(self) -> None:
        dropped, self._parent = self._parent, None
        if dropped is not None:
            dropped.close()


class _Parent:
    """A running `sql_child.parent`."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
        module = "weft.server.services.sql_child.parent"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd="/",
                env={**environment, "HOME": "/nonexistent", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def fork(self) -> Process | None:
        """A new process; None if this parent has ended."""
        stdin_end, stdin = os.pipe()
        stdout, stdout_end = os.pipe()
        link, link_end = socket.socketpair()
        theirs = [stdin_end, stdout_end, link_end.fileno()]
        process = Process(os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), link)
        try:
            socket.send_fds(self._control, [b"q"], theirs)
            has_sent = True
        except OSError:
            has_sent = False
        link_end.close()
        os.close(stdin_end)
        os.close(stdout_end)
        if has_sent:
            return process
        process.close()
        return None

    def close(self) -> None:
        self._control.close()
        # It ends after its last fork, which may take a moment.
        threading.Thread(target=self._process.wait, daemon=True).start()
