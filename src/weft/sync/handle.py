"""The trainer's handle on its sidecar: wake it, add runs, check that it is alive, wait for it.

Made by `spawn`, used by `weft.sdk`. Runs in the trainer; does I/O on the wake pipe, the lock and
the status page, each a few µs.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from weft.sync.addresses.local_server import read_server_file
from weft.sync.control import AddRun, Flush, encode_line
from weft.sync.finish_result import FinishResult, import_error, progress_of, result_from
from weft.sync.status import Status, StatusPage

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from subprocess import Popen

RECONNECT_SECS: Final = 5.0
"""The time for which `finish` retries a lost server: it may be restarting."""

RECONNECT_PAUSE_SECS: Final = 0.25

LOOK_SECS: Final = 2.0
"""The longest wait of `finish` for a sidecar's look for a server, which takes 0.2 s."""

TELL_SECS: Final = 1.0
"""The interval at which `finish` reports the remaining work."""


class Trouble(msgspec.Struct, frozen=True):
    """Why nothing is being uploaded.

    It lasts if a user has to act: for example the run was deleted, or the key is wrong.
    """

    reason: str
    lasts: bool


class UploadState(msgspec.Struct, frozen=True):
    """The state of a run's upload, for its script.

    Attributes:
        stop: the user who asks the run to stop, if any.
        trouble: the reason why nothing is uploaded; None if uploads work or none was tried yet.
    """

    stop: str | None = None
    trouble: Trouble | None = None
    warning: str | None = None


class SidecarHandle:
    """The trainer's handle on a running sidecar. Only `finish` and `close` ever wait.

    A sidecar may die at any time; then the methods do nothing and `is_alive` returns False. The
    handle keeps the pipe's read end open too, so that a write to it can never raise SIGPIPE.
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
        self._flushes = count(1)  # thread-safe: two threads may finish two runs at once
        self._n_flushes = 0

    def wake(self) -> None:
        """Make the sidecar check its logs now."""
        self._send(b"\n")

    def add_run(self, log: Path) -> None:
        """Add another run of this process to the sidecar, given its main log."""
        self._send(encode_line(AddRun(str(log.absolute()))))

    def flush(self) -> int:
        """Ask for an upload now, despite back-off; returns its number in `Status.flushed`."""
        self._n_flushes = number = next(self._flushes)
        self._send(encode_line(Flush(number)))
        return number

    def is_alive(self) -> bool:
        """Whether the sidecar is running, according to its lock. About 2 µs."""
        if self._wake_write < 0:
            return False
        if _is_held(self._probe_fd()):
            self._booting_until_secs = 0.0
            return True
        if time.monotonic() < self._booting_until_secs:
            return self._child is None or self._child.poll() is None
        return False

    def status(self) -> Status | None:
        """The status page; None if the sidecar has not written one yet. About 5 µs."""
        return self._page.read()

    def changed_secs(self) -> float:
        """The time of the last change of `status`, in seconds since 1970 UTC."""
        return self._page.changed_secs()

    def upload_state(self, run_id: str, log_name: str) -> UploadState:
        """The present state of the upload of a run with a main log of that file name.

        About 10 µs.
        """
        status = self.status()
        if status is None:
            return UploadState()
        logs = status.of_run(run_id)
        main = next((log for log in logs if log.name == log_name), None)
        trouble = None
        if main is not None and main.state in {"gone", "refused"}:
            trouble = Trouble(main.error or f"the log is {main.state}", lasts=True)
        elif status.error is not None and status.state not in {"connecting", "uploading"}:
            lasts = status.state in {"wrong_server", "unauthorized"}
            trouble = Trouble(status.error, lasts=lasts)
        stop = next((log.stop for log in logs if log.stop), None)
        return UploadState(stop, trouble, None if main is None else main.warning)

    def finish(
        self,
        run_id: str,
        log: Path,
        *,
        no_progress_secs: float = 30.0,
        flush: bool = True,
        tell: Callable[[FinishResult], None] = lambda _: None,
    ) -> FinishResult:
        """Wait until the run's closed logs and files are at the server, while there is progress.

        Call it after writing the Exit record. Without an address it returns once the sidecar has
        looked for a server in vain, which a sidecar does when it boots. If the server can't be
        reached, it returns after one failed try, or some seconds later if the server was reachable
        before. KeyboardInterrupt passes through: the upload continues without the trainer.

        Args:
            no_progress_secs: longest wait in which no byte is acknowledged.
            tell: called from time to time with the remaining work.
        """
        number = self.flush() if flush else self._n_flushes
        size = log.stat().st_size
        best = -1
        began = last_progress = time.monotonic()
        next_try_secs, give_up_secs = 0.0, math.inf
        next_tell_secs = last_progress + TELL_SECS
        pause_secs = 0.001
        while True:
            status = self.status()
            waited_secs = time.monotonic() - began
            if not self._has_address and self._knows_no_server(status, waited_secs):
                return FinishResult("no_address", n_unsent_bytes=size)
            result = result_from(status, run_id, log.name, size, number)
            if result.outcome == "no_server" and status is not None and status.connected:
                now = time.monotonic()
                give_up_secs = min(give_up_secs, now + RECONNECT_SECS)
                if now >= give_up_secs or not self.is_alive():
                    return result
                if now >= next_try_secs:
                    number, next_try_secs = self.flush(), now + RECONNECT_PAUSE_SECS
            elif result.outcome not in {"timeout", "dead"}:
                return result
            progress = progress_of(status, run_id)
            now = time.monotonic()
            if now >= next_tell_secs:
                next_tell_secs = now + TELL_SECS
                tell(result)
            if progress > best:
                best, last_progress = progress, now
            elif now - last_progress >= no_progress_secs:
                return result
            if not self.is_alive():
                # It may have updated the page between the two checks.
                last = result_from(self.status(), run_id, log.name, size, number)
                if last.outcome != "timeout":
                    return last
                error = import_error(log.parent / "logs" / "sidecar.log") or last.error
                return msgspec.structs.replace(last, outcome="dead", error=error)
            time.sleep(pause_secs)
            pause_secs = min(pause_secs * 1.5, 0.005)

    def _knows_no_server(self, status: Status | None, waited_secs: float) -> bool:
        """Whether the sidecar has looked for a server in vain, and none is starting.

        A sidecar that boots slowly is not waited for longer than `waited_secs`.
        """
        if (status is not None and status.server is not None) or read_server_file() is not None:
            return False
        if waited_secs >= LOOK_SECS:
            return True
        # A short script is through before its sidecar has looked. A server that was started just
        # before the script has announced itself by then.
        return status is not None and (status.state != "starting" or not self.is_alive())

    def end(self) -> None:
        """Announce that no further run follows: the sidecar sends the rest and exits."""
        if self._wake_write >= 0:
            os.close(self._wake_write)
            self._wake_write = -1

    def close(self, *, wait_secs: float = 0.0) -> bool:
        """Call `end` and release the handle, which can't be used afterwards.

        Returns whether the sidecar has exited, or only gathers what a run's environment is, within
        `wait_secs`.
        """
        self.end()
        deadline = time.monotonic() + wait_secs
        may_exit = False
        while (
            not (has_exited := not _is_held(self._probe_fd()))
            and not (may_exit := self._may_exit())
            and time.monotonic() < deadline
        ):
            time.sleep(0.001)
        if has_exited and self._child is not None:
            self._child.wait()
        self._drop()
        return has_exited or may_exit

    def _may_exit(self) -> bool:
        """Whether the script may end: what is left needs neither it nor its container."""
        status = self.status()
        return status is not None and status.is_over and not is_first_process()

    def abandon(self) -> None:
        """Release a forked child's copy of the handle without affecting the parent's sidecar."""
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
            pass  # the pipe is full of wakes, or the sidecar is dead, which `is_alive` reports


def is_first_process() -> bool:
    """Whether this process's end ends all others, as a container's first one does."""
    return os.getpid() == 1


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
