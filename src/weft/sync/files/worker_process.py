"""The sidecar's end of the file worker: starts it, sends it work, reads its answers. Does I/O.

The worker's process exists only while there is work, because Pillow and numpy take more memory
than the whole sidecar.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import CorruptLog
from weft.runlog.spool import SpoolFile
from weft.sync.files.worker import FileResult, Order, temporary_path
from weft.sync.isolated import isolated_command

IDLE_SECS: Final = 30.0
"""The time after which a worker without work ends."""

BATCH_SECS: Final = 0.02
"""The time for which answers are held back to come together."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(FileResult).decode


AHEAD_BYTES: Final = 12 * 1024
"""The orders that the child has ahead of its work, so that it never waits for the next one. A pipe
takes 16 KB at least; a write to a full one would wait for a child that may wait for its answers to
be read."""


def has_data(fds: Iterable[int], timeout_secs: float) -> bool:
    """Wait until a descriptor has data or is closed by its other end; whether one is."""
    poll = select.poll()  # `select` takes no descriptor above 1023
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(1000 * timeout_secs))


class FileWorker:
    """Works off orders one after the other, in a child process with `spawn.package_folders` on its
    path.

    `n_waiting_bytes` is the work left, as it was stated with the orders. The child's niceness is
    above this process's.
    """

    def __init__(
        self, folders: list[str], niceness: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.n_waiting_bytes = 0
        self._folders = folders
        self._niceness = niceness
        self._clock = clock
        self._sizes: deque[int] = deque()
        self._orders: deque[Order] = deque()
        self._sent: deque[int] = deque()  # the lengths of the first orders, which the child has
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._idle_since_secs = 0.0
        self._n_deaths = 0

    @property
    def is_idle(self) -> bool:
        """Whether all work is done."""
        return not self._orders

    def add(self, order: Order, n_bytes: int = 0) -> None:
        """Work off an order of `n_bytes` after those that were added before.

        OSError if no process can be started.
        """
        self._orders.append(order)
        self._sizes.append(n_bytes)
        self.n_waiting_bytes += n_bytes
        try:
            self._send_orders()
        except OSError:
            self._orders.pop()
            self.n_waiting_bytes -= self._sizes.pop()
            raise

    def fileno(self) -> int | None:
        """The descriptor that becomes readable with the next answer. None without a child."""
        out = None if self._process is None else self._process.stdout
        return None if out is None else out.fileno()

    def poll(self, timeout_secs: float = 0.0) -> list[tuple[Order, FileResult]]:
        """Return what became of jobs since the last call, after waiting for the first of them."""
        process = self._process
        if process is None or process.stdout is None:
            return []
        if not self._orders:
            if self._clock() - self._idle_since_secs > IDLE_SECS:
                self.close()
            return []
        if not has_data([process.stdout.fileno()], timeout_secs):
            return []
        data = os.read(process.stdout.fileno(), 1 << 16)
        if not data:
            return self._note_death()
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [self._note_result(_decode(line)) for line in lines]

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        self._unread = b""
        self._sent.clear()
        if process is None:
            return
        if process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                pass
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _note_result(self, result: FileResult) -> tuple[Order, FileResult]:
        order = self._orders[0]
        if result.chunks:
            return order, result
        self._n_deaths = 0
        if result.is_last:
            self._orders.popleft()
            self.n_waiting_bytes -= self._sizes.popleft()
            if self._sent:
                self._sent.popleft()
            self._idle_since_secs = self._clock()
            self._send_orders()
        else:
            self._orders[0] = msgspec.structs.replace(order, skip=order.skip + 1)
        return order, result

    def _note_death(self) -> list[tuple[Order, FileResult]]:
        """After the child's death, do its job again; fail the job if it dies a second time."""
        pid = self._process.pid if self._process is not None else 0
        self.close()
        self._n_deaths += 1
        noted: list[tuple[Order, FileResult]] = []
        order = self._orders[0]
        path, n_jobs = _job_at(order)
        with contextlib.suppress(OSError):
            Path(temporary_path(f"{order.files}{os.sep}{path}", pid)).unlink()
        if self._n_deaths > 1:
            reason = "the process that encodes files died of it twice"
            result = FileResult(path, error=reason, is_last=order.skip + 1 >= n_jobs)
            noted.append(self._note_result(result))
        self._send_orders()
        return noted

    def _send_orders(self) -> None:
        while len(self._sent) < len(self._orders):
            line = _encode(self._orders[len(self._sent)]) + b"\n"
            if self._sent and sum(self._sent) + len(line) > AHEAD_BYTES:
                return
            if self._process is None:
                self._process = self._start()
            assert self._process.stdin is not None
            self._sent.append(len(line))
            try:
                self._process.stdin.write(line)
                self._process.stdin.flush()
            except OSError:
                return  # it has died; `poll` reads the end of its answers

    def _start(self) -> subprocess.Popen[bytes]:
        # After a death each answer comes at once, so that the next one names the job it died of.
        batch_secs = 0.0 if self._n_deaths else BATCH_SECS
        arguments = [str(batch_secs), str(self._niceness)]
        return spawn_child(
            isolated_command("weft.sync.files.worker", "weft-files", self._folders, *arguments)
        )


def spawn_child(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process with pipes for orders and answers."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _job_at(order: Order) -> tuple[str, int]:
    """The path of the file that is due, and how many the order has."""
    if not order.spool:
        return order.paths[order.skip], len(order.paths)
    try:
        with SpoolFile(Path(order.spool)) as spool:
            return spool.jobs[order.skip].path, len(spool.jobs)
    except (CorruptLog, OSError, IndexError):
        return "", 0
