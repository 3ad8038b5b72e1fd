"""One query in a child process of DuckDB, from its start to its end."""

from __future__ import annotations

import abc
import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

from weft.errors import LimitExceeded, Unavailable, WeftError
from weft.server.services.sql.processes import Process, QueryProcesses
from weft.server.services.sql_child.pipe import ByteStream, PipeClosed, receive, send

MAX_ANSWER_BYTES: Final = 64 * 2**20
MEMORY_BYTES: Final = 2**30
DISK_BYTES: Final = 8 * 2**30
"""Maximum size of the data that a query writes to disk because it does not fit into memory."""

LIMIT_SECS: Final = 60

_T = TypeVar("_T")


class Running(abc.ABC, Generic[_T]):
    """A query and its process. Call `run` in one thread; `kill` may come from any other."""

    def __init__(self, processes: QueryProcesses) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._is_killed = False
        self._is_late = False

    @abc.abstractmethod
    def _converse(self, into: Any, out: Any, folder: str) -> _T:
        """Ask over the pipes of the process and read the answer.

        It may write in `folder`, removed at the end.
        """

    @abc.abstractmethod
    def _refused(self, kind: str, message: str) -> WeftError:
        """The error to raise for an error of the process."""

    def kill(self) -> None:
        """End the process; `run` then raises."""
        with self._lock:
            self._is_killed = True
            if self._process is not None:
                self._process.kill()

    def run(self) -> _T:
        """Return the answer."""
        folder = tempfile.mkdtemp(prefix="weft-sql-")
        timer = threading.Timer(LIMIT_SECS, self._end_late)
        process: Process | None = None
        try:
            process = self._start()
            timer.start()
            return self._converse(process.stdin, process.stdout, folder)
        except PipeClosed:
            assert process is not None, "its pipes were read"
            raise self._end_error(process) from None
        finally:
            timer.cancel()
            with self._lock:
                process, self._process = self._process, None
            if process is not None:
                self._processes.end(process)
            shutil.rmtree(folder, ignore_errors=True)

    def _send_bounds(self, into: Any, folder: str, files: Sequence[str] = ()) -> None:
        """Send the limits of the process, and which files it may read."""
        bounds = {
            "memory_bytes": MEMORY_BYTES,
            "disk_bytes": DISK_BYTES,
            "secs": LIMIT_SECS,
            "threads": min(4, os.cpu_count() or 1),
            "folder": folder,
            "files": [*files],
        }
        send(into, bounds)

    def _received(self, out: Any) -> Any:
        message = receive(out)
        if "error" in message:
            raise self._refused(message["error"], message["message"])
        return message

    def _body(self, out: Any) -> bytes:
        stream = ByteStream(out)
        body = bytearray()
        while piece := stream.read(2**20):
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                raise LimitExceeded(
                    f"the answer is larger than {MAX_ANSWER_BYTES // 2**20} MB: ask for fewer rows"
                    " or columns"
                )
        return bytes(body)

    def _end_late(self) -> None:
        self._is_late = True
        self.kill()

    def _start(self) -> Process:
        process = self._processes.take()
        with self._lock:
            self._process = process
            if self._is_killed:
                process.kill()
        return process

    def _end_error(self, process: Process) -> WeftError:
        if self._is_late:
            return LimitExceeded(f"the query took more than {LIMIT_SECS} s and was stopped")
        if self._is_killed:
            return Unavailable("the query was cancelled")
        with contextlib.suppress(PipeClosed):
            # It may have ended while rows were being sent to it, after reporting why.
            self._received(process.stdout)
        code = process.wait()
        if code in {0, 1}:
            return Unavailable("the query's process ended unexpectedly")
        return LimitExceeded(
            f"the query exceeded its memory limit, and its process was stopped (signal {-code})"
        )
