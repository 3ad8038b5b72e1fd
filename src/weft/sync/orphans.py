"""Finds logs that a dead process left unfinished. Does I/O: walks the `weft` folder.

A starting sidecar uploads them along with its own logs. They must be this user's and this
machine's, their process must be dead, and their server must be the same or not yet known. Offline
runs, copied directories and other machines' runs wait for `weft sync`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from weft.errors import CorruptLog
from weft.runlog.format import Header
from weft.runlog.layout import logs_of, run_directories
from weft.runlog.platform import boot_id, is_running, machine_id
from weft.runlog.reader import read_header
from weft.sync.marker import read_marker


def unfinished_logs(weft_dir: Path, servers: Collection[str]) -> Iterator[Path | None]:
    """Logs below `weft_dir` to take up, newest run first.

    Args:
        servers: the names of the sidecar's server in markers.

    Yields:
        Logs, and None after each run directory, so that the caller can pause between them.
    """
    machine, boot = machine_id(), boot_id()
    for directory in reversed(run_directories(weft_dir)):
        try:
            logs = logs_of(directory)
        except OSError:
            continue
        for log in logs:
            if _is_mine(log) and _is_unsent(log, servers) and _is_orphan(log, machine, boot):
                yield log
        yield None


def _is_mine(log: Path) -> bool:
    try:
        return not hasattr(os, "getuid") or log.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_unsent(log: Path, servers: Collection[str]) -> bool:
    marker = read_marker(log)
    return marker is None or (
        not marker.done and (marker.server is None or marker.server in servers)
    )


def _is_orphan(log: Path, machine: str, boot: str) -> bool:
    try:
        header = read_header(log)
    except (CorruptLog, OSError):
        return False
    if header is None or header.mode == "offline" or header.machine_id != machine:
        return False
    return not is_same_process(header, boot)


def is_same_process(header: Header, boot: str) -> bool:
    """Whether the process of a log made on this machine is still running."""
    return header.boot_id == boot and is_running(header.pid, header.pid_start)
