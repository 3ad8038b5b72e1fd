"""Every call of the log's side that differs between operating systems, each with a portable way.

Does I/O (reads `/proc`). With `WEFT_PORTABLE` set only the portable ways are taken: the client's
tests run that way too, and it helps where a sandbox lies about `/proc`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

PORTABLE: Final = bool(os.environ.get("WEFT_PORTABLE"))

_NETWORK_FILE_SYSTEMS: Final = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "ocfs2",
    "orangefs", "pvfs2", "smb3", "smbfs", "virtiofs", "wekafs",
})  # fmt: skip


def _boot_clock() -> Callable[[], int]:
    """A clock in ns that never jumps and counts sleep, as near as the system has one."""
    if not PORTABLE:
        # macOS: CLOCK_MONOTONIC is mach_continuous_time there, it counts sleep.
        clock_id = getattr(time, "CLOCK_BOOTTIME", None)
        if clock_id is None and sys.platform == "darwin":
            clock_id = getattr(time, "CLOCK_MONOTONIC", None)
        if clock_id is not None:
            return partial(time.clock_gettime_ns, clock_id)
    return time.monotonic_ns


boot_clock_nanos: Final = _boot_clock()
"""ns of a clock that neither steps nor stops in sleep; only differences mean anything."""


def wall_micros() -> int:
    """Wall time now, µs since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def _read_text(path: str) -> str | None:
    if PORTABLE:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


@cache
def _has_proc() -> bool:
    return not PORTABLE and Path("/proc/self/stat").exists()


def process_start_time(pid: int) -> int | None:
    """When the process started, in a unit of this system's own. None if there is no such process.

    A pid alone is reused; pid and start time together name one process of this boot.
    """
    stat = _read_text(f"/proc/{pid}/stat")
    if stat is not None:
        # The command's name, in parentheses, may itself hold spaces and parentheses.
        return int(stat.rpartition(")")[2].split()[19])
    if _has_proc():
        return None
    import psutil

    try:
        return int(psutil.Process(pid).create_time() * 100)
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return 0


def is_running(pid: int, start_time: int) -> bool:
    """Whether the process named by pid and start time still runs (a zombie does not)."""
    stat = _read_text(f"/proc/{pid}/stat")
    if stat is not None:
        fields = stat.rpartition(")")[2].split()
        return int(fields[19]) == start_time and fields[0] not in "ZX"
    if _has_proc():
        return False
    present_start = process_start_time(pid)
    if present_start is None or present_start != start_time:
        return False
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def host_name() -> str:
    """The host's name, as people know it."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket

    return socket.gethostname()


def login_name() -> str | None:
    """The user this process runs for, by the login or the system's list of users.

    None if it is not known: a container may run as a user that its list does not know.
    """
    for name in ("LOGNAME", "USER", "USERNAME"):
        login = os.environ.get(name)
        if login:
            return login
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return None


def machine_id() -> str:
    """A stable name of this machine, of weft's own: the system's id must not leave the host."""
    try:
        from _blake2 import blake2b  # hashlib loads OpenSSL: a tenth of `import weft` and `init()`
    except ImportError:
        from hashlib import blake2b

    name = ""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        name = name or (_read_text(path) or "").strip()
    if not name:
        import uuid

        name = f"{uuid.getnode():012x}-{host_name()}"
    return blake2b(f"weft {name}".encode(), digest_size=16).hexdigest()


@cache
def kernel_boot_id() -> str:
    """Names this start of the system, in all its containers; '' where that can't be told."""
    return (_read_text("/proc/sys/kernel/random/boot_id") or "").strip()


def boot_id() -> str:
    """Names this start of the system and this space of pids; '' where that can't be told.

    Containers of one image share machine and boot but not their pids: there the same number
    names different processes.
    """
    boot = kernel_boot_id()
    try:
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino:x}" if boot else ""  # noqa: PTH116
    except OSError:
        return boot


def is_local_file_system(path: Path) -> bool:
    """Whether writes to `path` stay on this machine; a mount that can't be told counts as not.

    Decides whether an append may keep the GIL: a network file system can stall for seconds.
    """
    mounts = _read_text("/proc/self/mountinfo")
    if mounts is None:
        return False
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in mounts.splitlines():
        mount, _, file_system = line.partition(" - ")
        mount_point = mount.split()[4].replace("\\040", " ")
        inside = real == mount_point or real.startswith(mount_point.rstrip("/") + "/")
        if inside and len(mount_point) >= len(best):
            best, kind = mount_point, file_system.split()[0]
    return bool(kind) and kind not in _NETWORK_FILE_SYSTEMS and not kind.startswith("fuse")
