"""Starts a sidecar from the training process. Runs in the trainer; does I/O.

Receives the run's log from `weft.sdk` and returns a `SidecarHandle`. Starting takes about 1 ms and
waits only for a shell's exit.

The sidecar
- is in a session of its own, so that Ctrl-C in the terminal does not reach it;
- is never the script's own child: `/bin/sh` starts it in the background and exits, so that
  `os.wait()` in the script raises ChildProcessError as it would without weft;
- has none of the script's descriptors: an inherited pipe would keep `train | tee` from ending;
- is isolated (`-I -S`): a `select.py` or an `http/` in the working directory can't be imported;
- inherits its lock already locked, so that `is_alive` is right from the start.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from weft.client.policy import Policy
from weft.errors import Unavailable
from weft.runlog.layout import ensure_runtime_directory
from weft.runlog.lock import is_locked
from weft.runlog.platform import PORTABLE, process_start_time
from weft.sync.control import LOCK_FD, AddRun, Start, encode_line
from weft.sync.handle import SidecarHandle
from weft.sync.isolated import isolated_command, spawn_detached
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.status import Status, StatusPage

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["SidecarHandle", "package_folders", "start_sidecar"]

LINGER_SECS: Final = 600.0

BOOT_SECS: Final = 10.0
"""The longest wait for a sidecar to acquire its lock, on systems where it can't inherit it."""


def start_sidecar(
    log: Path,
    *,
    base_url: str | None,
    is_local: bool = False,
    api_key: str | None = None,
    policy: Policy = Policy(),  # noqa: B008  it is immutable
    sampling: SamplingSettings = SamplingSettings(),  # noqa: B008  it is immutable
    linger_secs: float = LINGER_SECS,
) -> SidecarHandle:
    """Start this process's sidecar with its first run. Does not wait for the sidecar to boot.

    Args:
        log: the run's main log, with its header and Run record already written. It is in the run's
            directory; the sidecar's own messages go to `logs/` there.
        base_url: the server's address from `find_server`. If None, the sidecar looks for a local
            server.
        linger_secs: how long the sidecar continues without progress after this process's end.

    Raises:
        Unavailable: the sidecar can't be started on this system.
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
        is_local=is_local,
        api_key=api_key,
        policy=policy,
        sampling=sampling,
        linger_secs=linger_secs,
    )
    # An earlier sidecar of this process may still be sending an earlier run.
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
    return isolated_command("weft.sync.process", "weft-sidecar", package_folders())


def package_folders() -> list[str]:
    """Return the folders that an isolated interpreter needs on its path to import weft."""
    folders = [Path(__file__).parents[2], Path(msgspec.__path__[0]).parent]
    folders += [Path(entry) for entry in sys.path if entry.rstrip("/\\").endswith("packages")]
    return list(dict.fromkeys(str(folder.absolute()) for folder in folders))


def _open_sidecar_log(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _spawn_detached(wake_read: int, lock_path: Path, sidecar_log: Path) -> bool:
    """Start as `spawn_detached` does. False if unsupported here."""
    if PORTABLE or sys.platform == "win32":
        return False
    # The sidecar's copy of the descriptor still holds the lock after this process has closed its.
    lock = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    opened = [lock]
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError("this process already has a sidecar") from None
        output = _open_sidecar_log(sidecar_log)
        opened.append(output)
        return spawn_detached(_command(), {0: wake_read, 1: output, 2: output, LOCK_FD: lock})
    finally:
        for fd in opened:
            os.close(fd)


def _spawn_portably(wake_read: int, sidecar_log: Path) -> Popen[bytes]:
    """Start by Popen: the sidecar is a child of this process and acquires its lock itself."""
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
