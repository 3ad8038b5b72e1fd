"""The trainer's end of its sidecar: wake it, hand it runs, see whether it lives, wait for it.

Made by `spawn`, used by `weft.sdk`. Runs in the trainer; does I/O: the wake pipe, the lock, the
status page, each some µs.
"""

from __future__ import annotations

import math
import os
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from weft.sync.control import AddRun, Flush, encode_line
from weft.sync.status import State, Status, StatusPage

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from subprocess import Popen

Outcome = Literal[
    "uploaded",
    "no_address",
    "no_server",
    "wrong_server",
    "unauthorized",
    "gone",
    "refused",
    "timeout",
    "dead",
]

RECONNECT_SECS: Final = 5.0
"""How long `finish` tries a server again that it was connected to: it may be restarting."""

RECONNECT_PAUSE_SECS: Final = 0.25

_OUTCOME_OF_STATE: Final[dict[State, Outcome]] = {
    "no_address": "no_address",
    "no_server": "no_server",
    "wrong_server": "wrong_server",
    "unauthorized": "unauthorized",
}


class FinishResult(NamedTuple):
    """How a run's upload stood when `finish` returned.

    Attributes:
        outcome: `uploaded` = all of it is durable at the server; `timeout` = no progress for too
            long, the sidecar goes on; `dead` = the sidecar died; else what is in the way.
        server: the address in use, if any.
        error: a sentence for the user, if something is wrong.
        n_unsent_bytes: of the run's logs; 0 when uploaded.
        n_damaged_bytes: of the run's logs; what they held is lost.
    """

    outcome: Outcome
    server: str | None = None
    error: str | None = None
    n_unsent_bytes: int = 0
    n_damaged_bytes: int = 0


class Trouble(NamedTuple):
    """Why nothing is being uploaded.

    Attributes:
        lasts: it does not pass by itself: the run was deleted, the key is wrong.
    """

    reason: str
    lasts: bool


class Look(NamedTuple):
    """What there is to tell a script about its run.

    Attributes:
        stop: a person asked for the run's end.
        trouble: None = all is well, or nothing is known yet.
    """

    stop: bool = False
    trouble: Trouble | None = None


class SidecarHandle:
    """The trainer's end of a running sidecar. Only `finish` and `close` ever wait.

    A sidecar may die at any time; then the methods do nothing and `is_alive` tells. The handle
    keeps the pipe's other end open as well, so that a write to it can never raise SIGPIPE.
    """

    def __init__(
        self,
        *,
        wake_write: int,
        wake_read: int,
        lock_path: Path,
        status_path: Path,
        has_address: bool,
        booting_until_secs: float = 0.0,
        child: Popen[bytes] | None = None,
    ) -> None:
        self._wake_write = wake_write
        self._wake_read = wake_read
        self._lock_path = lock_path
        self._lock_fd = -1
        self._page = StatusPage(status_path)
        self._booting_until_secs = booting_until_secs
        self._child = child
        self._has_address = has_address
        self._flushes = count(1)  # two threads may finish two runs at once
        self._n_flushes = 0

    def wake(self) -> None:
        """Make the sidecar look at its logs now."""
        self._send(b"\n")

    def add_run(self, log: Path) -> None:
        """Hand a further run of this process to the sidecar: its main log."""
        self._send(encode_line(AddRun(str(log.absolute()))))

    def flush(self) -> int:
        """Ask for an upload now, whatever the back-off; the number to find in the status page."""
        self._n_flushes = number = next(self._flushes)
        self._send(encode_line(Flush(number)))
        return number

    def is_alive(self) -> bool:
        """Whether the sidecar runs, by its lock; about 2 µs."""
        if self._wake_write < 0:
            return False
        if _is_held(self._probe_fd()):
            self._booting_until_secs = 0.0
            return True
        if time.monotonic() < self._booting_until_secs:
            return self._child is None or self._child.poll() is None
        return False

    def status(self) -> Status | None:
        """The status page; None = the sidecar has not written one yet. About 5 µs."""
        return self._page.read()

    def changed_secs(self) -> float:
        """When `status` last said something new, in seconds since 1970 UTC."""
        return self._page.changed_secs()

    def look(self, run_id: str, log_name: str) -> Look:
        """What the script has to know of a run now; about 10 µs.

        Args:
            log_name: file name of the run's main log.
        """
        status = self.status()
        if status is None:
            return Look()
        logs = status.of_run(run_id)
        main = next((log for log in logs if log.name == log_name), None)
        trouble = None
        if main is not None and main.state in {"gone", "refused"}:
            trouble = Trouble(main.error or f"the log is {main.state}", lasts=True)
        elif status.error is not None and status.state not in {"connecting", "uploading"}:
            lasts = status.state in {"wrong_server", "unauthorized"}
            trouble = Trouble(status.error, lasts=lasts)
        return Look(any(log.stop for log in logs), trouble)

    def finish(
        self, run_id: str, log: Path, *, no_progress_secs: float = 30.0, flush: bool = True
    ) -> FinishResult:
        """Wait until the run's closed logs are at the server, while there is progress.

        Call it after the Exit record was written. With no server it returns as soon as one try has
        failed, or some seconds later if it was there before; with no address at once.
        KeyboardInterrupt passes through: the upload goes on
        without the trainer.

        Args:
            log: the run's main log: its own size is the measure, not what the sidecar saw of it.
            no_progress_secs: longest wait in which no byte was acknowledged.
        """
        number = self.flush() if flush else self._n_flushes
        size = log.stat().st_size
        best = -1
        last_progress = time.monotonic()
        next_try, give_up = 0.0, math.inf
        pause = 0.001
        while True:
            status = self.status()
            if not self._has_address and (status is None or status.server is None):
                return FinishResult("no_address", n_unsent_bytes=size)
            result = _judge(status, run_id, log.name, size, number)
            if result.outcome == "no_server" and status is not None and status.connected:
                now = time.monotonic()
                give_up = min(give_up, now + RECONNECT_SECS)
                if now >= give_up or not self.is_alive():
                    return result
                if now >= next_try:
                    number, next_try = self.flush(), now + RECONNECT_PAUSE_SECS
            elif result.outcome not in {"timeout", "dead"}:
                return result
            acked = sum(entry.acked for entry in status.of_run(run_id)) if status else 0
            now = time.monotonic()
            if acked > best:
                best, last_progress = acked, now
            elif now - last_progress >= no_progress_secs:
                return result
            if not self.is_alive():
                # It may have written its last words between the two looks.
                last = _judge(self.status(), run_id, log.name, size, number)
                if last.outcome != "timeout":
                    return last
                return last._replace(outcome="dead")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.005)

    def end(self) -> None:
        """Say that no further run comes: the sidecar sends what is left and ends."""
        if self._wake_write >= 0:
            os.close(self._wake_write)
            self._wake_write = -1

    def close(self, *, wait_secs: float = 0.0) -> bool:
        """`end`, and let go of it; it can't be asked for anything any more.

        Args:
            wait_secs: how long to wait for its end.

        Returns:
            Whether it has ended.
        """
        self.end()
        deadline = time.monotonic() + wait_secs
        while not (ended := not _is_held(self._probe_fd())) and time.monotonic() < deadline:
            time.sleep(0.001)
        if ended and self._child is not None:
            self._child.wait()
        self._drop()
        return ended

    def abandon(self) -> None:
        """Let go of everything: a forked child's copy. The parent's sidecar must not notice."""
        self.end()
        self._child = None
        self._drop()

    def _drop(self) -> None:
        if self._wake_read >= 0:
            os.close(self._wake_read)
            self._wake_read = -1
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1
        self._page.close()

    def _probe_fd(self) -> int:
        if self._lock_fd < 0:
            self._lock_fd = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        return self._lock_fd

    def _send(self, data: bytes) -> None:
        if self._wake_write < 0:
            return
        try:
            os.write(self._wake_write, data)
        except OSError:
            pass  # full of wakes, or the sidecar is gone: `is_alive` tells


def _is_held(lock_fd: int) -> bool:
    if sys.platform == "win32":
        try:
            msvcrt.locking(lock_fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return True
        os.lseek(lock_fd, 0, os.SEEK_SET)
        msvcrt.locking(lock_fd, msvcrt.LK_UNLCK, 1)
        return False
    try:
        fcntl.flock(lock_fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(lock_fd, fcntl.LOCK_UN)
    return False


def _judge(
    status: Status | None, run_id: str, log_name: str, size: int, number: int
) -> FinishResult:
    """What a status page says of a run that ends; `timeout` stands for "not settled yet"."""
    if status is None:
        return FinishResult("timeout", n_unsent_bytes=size)
    entries = status.of_run(run_id)
    main = next((entry for entry in entries if entry.name == log_name), None)
    unsent = sum(max(0, entry.size - entry.acked) for entry in entries if entry.name != log_name)
    unsent += max(0, size - (main.acked if main else 0))
    tried = status.flushed >= number
    outcome: Outcome = "timeout"
    error = status.error
    if main is not None and main.state in {"gone", "refused"}:
        outcome, error = ("gone" if main.state == "gone" else "refused"), main.error
    elif main is not None and tried and not unsent:
        # Whatever the logs' states: on a full disk there may be no Exit to close one, and a
        # forked child may go on for hours.
        outcome = "uploaded"
    elif tried:
        outcome = _OUTCOME_OF_STATE.get(status.state, "timeout")
    damaged = sum(entry.n_damaged_bytes for entry in entries)
    return FinishResult(outcome, status.server, error, unsent, damaged)
