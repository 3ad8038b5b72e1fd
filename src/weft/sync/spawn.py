"""Starts a sidecar from the training process, and talks to it. Runs in the trainer; does I/O.

Receives the run's directory and log from `weft.sdk`; hands back a `SidecarHandle`. Starting takes
about 1 ms and waits for nothing but a shell's exit.

The sidecar is
- in a session of its own, so that Ctrl-C in the terminal does not reach it;
- never the script's own child: `/bin/sh` starts it in the background and exits, so that
  `os.wait()` in the script raises ChildProcessError as it did before;
- free of the script's descriptors: an inherited pipe would keep `train | tee` from ending;
- isolated (`-I -S`): a `select.py` or an `http/` in the working directory can't be imported;
- the holder of a lock that it inherits already locked, so `is_alive` is right from the start.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from weft.errors import Unavailable
from weft.runlog.layout import ensure_runtime_directory
from weft.runlog.lock import is_locked
from weft.runlog.platform import PORTABLE, process_start_time
from weft.sync.control import AddRun, Flush, Start, encode_line
from weft.sync.status import State, Status, StatusPage

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from subprocess import Popen

DEFAULT_INTERVAL_SECS: Final = 15.0
LINGER_SECS: Final = 600.0

BOOT_SECS: Final = 10.0
"""Where the lock can't be inherited, how long a sidecar may take until it holds it."""

WAKE_FD: Final = 3
LOCK_FD: Final = 4

_BOOT: Final = (
    "import sys;sys.path.extend(sys.argv[2:]);from weft.sync.process import main;sys.exit(main())"
)

# In a shell without job control a background command reads from /dev/null, hence the detour of the
# wake pipe by descriptor 3.
_DETACH: Final = '"$@" <&3 3<&- &'

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
    """

    outcome: Outcome
    server: str | None = None
    error: str | None = None
    n_unsent_bytes: int = 0


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
        self._n_flushes = 0

    def wake(self) -> None:
        """Make the sidecar look at its logs now."""
        self._send(b"\n")

    def add_run(self, log: Path) -> None:
        """Hand a further run of this process to the sidecar: its main log."""
        self._send(encode_line(AddRun(str(log.absolute()))))

    def flush(self) -> int:
        """Ask for an upload now, whatever the back-off; the number to find in the status page."""
        self._n_flushes += 1
        self._send(encode_line(Flush(self._n_flushes)))
        return self._n_flushes

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

    def stop_requested(self, run_id: str) -> bool:
        """Whether a person asked for the run's end in the browser."""
        status = self.status()
        return status is not None and any(log.stop for log in status.of_run(run_id))

    def finish(
        self, run_id: str, log: Path, *, no_progress_secs: float = 30.0, flush: bool = True
    ) -> FinishResult:
        """Wait until the run's closed logs are at the server, while there is progress.

        Call it after the Exit record was written. With no server it returns as soon as one try has
        failed; with no address at once. KeyboardInterrupt passes through: the upload goes on
        without the trainer.

        Args:
            log: the run's main log: its own size is the measure, not what the sidecar saw of it.
            no_progress_secs: longest wait in which no byte was acknowledged.
        """
        number = self.flush() if flush else self._n_flushes
        size = log.stat().st_size
        best = -1
        last_progress = time.monotonic()
        pause = 0.001
        while True:
            status = self.status()
            if not self._has_address and (status is None or status.server is None):
                return FinishResult("no_address", n_unsent_bytes=size)
            result = _judge(status, run_id, log.name, size, number)
            if result.outcome not in {"timeout", "dead"}:
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
                return FinishResult("dead", last.server, last.error, last.n_unsent_bytes)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.005)

    def close(self, *, wait_secs: float = 0.0) -> bool:
        """Say that no further run comes: the sidecar sends what is left and ends.

        Args:
            wait_secs: how long to wait for its end.

        Returns:
            Whether it has ended.
        """
        if self._wake_write < 0:
            return True
        os.close(self._wake_write)
        self._wake_write = -1
        deadline = time.monotonic() + wait_secs
        while not (ended := not _is_held(self._probe_fd())) and time.monotonic() < deadline:
            time.sleep(0.001)
        if ended and self._child is not None:
            self._child.wait()
        self._drop()
        return ended

    def abandon(self) -> None:
        """Let go of everything: a forked child's copy. The parent's sidecar must not notice."""
        if self._wake_write >= 0:
            os.close(self._wake_write)
            self._wake_write = -1
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


def start_sidecar(
    log: Path,
    *,
    base_url: str | None,
    api_key: str | None = None,
    interval_secs: float = DEFAULT_INTERVAL_SECS,
    linger_secs: float = LINGER_SECS,
) -> SidecarHandle:
    """Start the sidecar of this process for a first run. Does not wait for its boot.

    Args:
        log: the run's main log, whose header and Run record are written; its directory is the
            run's and holds `logs/`.
        base_url: the server, as `where.find_server` found it; None = look for a local one.
        api_key: sent as a bearer token.
        interval_secs: between two samples of system metrics; 0 = none.
        linger_secs: after this process's end, how long to go on without progress.

    Raises:
        Unavailable: it can't be started here.
    """
    log = log.absolute()
    pid = os.getpid()
    pid_start = process_start_time(pid) or 0
    runtime = ensure_runtime_directory()
    start = Start(
        pid=pid,
        pid_start=pid_start,
        runtime=str(runtime),
        base_url=base_url,
        api_key=api_key,
        interval_secs=interval_secs,
        linger_secs=linger_secs,
    )
    # One that this process is done with may still be sending what an earlier run left.
    while is_locked(start.lock_path):
        start = msgspec.structs.replace(start, generation=start.generation + 1)
    # An earlier sidecar's page must not be taken for the new one's.
    page = StatusPage(start.status_path, write=True)
    page.write(Status(pid=0))
    page.close()
    sidecar_log = log.parent / "logs" / "sidecar.log"
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.write(wake_write, encode_line(start) + encode_line(AddRun(str(log))))
    child: Popen[bytes] | None = None
    booting_until_secs = 0.0
    try:
        if not _spawn_detached(wake_read, start.lock_path, sidecar_log):
            child = _spawn_portably(wake_read, sidecar_log)
            booting_until_secs = time.monotonic() + BOOT_SECS
    except (OSError, ValueError) as error:
        os.close(wake_read)
        os.close(wake_write)
        raise Unavailable(f"uploads in the background can't be started: {error}") from error
    return SidecarHandle(
        wake_write=wake_write,
        wake_read=wake_read,
        lock_path=start.lock_path,
        status_path=start.status_path,
        has_address=base_url is not None,
        booting_until_secs=booting_until_secs,
        child=child,
    )


def _command() -> list[str]:
    """The sidecar's command line.

    `-I` and `-S` leave only the standard library on its path; behind it go the folders where weft
    and its dependencies lie. The script's own folder and the working directory are not among them
    (unless weft itself lies there, and then behind the standard library).
    """
    if not sys.executable:
        raise OSError("this program does not know its Python interpreter (sys.executable)")
    import weft

    folders = [Path(module.__path__[0]).parent for module in (weft, msgspec)]
    folders += [Path(entry) for entry in sys.path if entry.rstrip("/\\").endswith("packages")]
    unique = list(dict.fromkeys(str(folder.absolute()) for folder in folders))
    interpreter = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT]
    return [*interpreter, "weft-sidecar", *unique]


def _open_sidecar_log(path: Path) -> int:
    try:
        path.parent.mkdir(exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _spawn_detached(wake_read: int, lock_path: Path, sidecar_log: Path) -> bool:
    """Start by posix_spawn through a shell that exits at once; False = not on this system."""
    if PORTABLE or sys.platform == "win32" or not hasattr(os, "posix_spawn"):
        return False
    if not os.access("/bin/sh", os.X_OK):
        return False
    # Above the descriptors that the child gets them as, so that no dup2 overwrites the next one.
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    opened = [lock]
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError("this process already has a sidecar") from None
        for fd in (lock, wake_read, _open_sidecar_log(sidecar_log)):
            opened.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))
            if fd not in {lock, wake_read}:
                opened.append(fd)
        high_lock, high_wake, high_log = opened[1:4]
        try:
            shell = os.posix_spawn(
                "/bin/sh",
                ["/bin/sh", "-c", _DETACH, "sh", *_command()],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, high_log, 1),
                    (os.POSIX_SPAWN_DUP2, high_log, 2),
                    (os.POSIX_SPAWN_DUP2, high_wake, WAKE_FD),
                    (os.POSIX_SPAWN_DUP2, high_lock, LOCK_FD),
                ],
                setsid=True,
                setsigmask=(),
            )
        except NotImplementedError:
            return False  # a C library without POSIX_SPAWN_SETSID
        try:
            os.waitpid(shell, 0)
        except ChildProcessError:
            pass  # the script ignores SIGCHLD, or its handler was quicker
        return True
    finally:
        # Closing the trainer's copies leaves the lock with the sidecar's.
        for fd in opened:
            os.close(fd)


def _spawn_portably(wake_read: int, sidecar_log: Path) -> Popen[bytes]:
    """Start by Popen: here the sidecar is a child of this process, and takes its lock itself."""
    import subprocess

    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    output = _open_sidecar_log(sidecar_log)
    try:
        return subprocess.Popen(
            _command(),
            stdin=wake_read,
            stdout=output,
            stderr=output,
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
    finally:
        os.close(output)


def _is_held(lock_fd: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

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
    unsent = sum(entry.size - entry.acked for entry in entries if entry.name != log_name)
    unsent += max(0, size - (main.acked if main else 0))
    tried = status.flushed >= number
    outcome: Outcome = "timeout"
    error = status.error
    if main is not None and main.state in {"gone", "refused"}:
        outcome, error = ("gone" if main.state == "gone" else "refused"), main.error
    elif (
        main is not None
        and main.acked >= size
        and all(entry.state != "open" for entry in entries)
        and tried
    ):
        outcome = "uploaded"
    elif tried:
        outcome = _OUTCOME_OF_STATE.get(status.state, "timeout")
    return FinishResult(outcome, status.server, error, unsent)
