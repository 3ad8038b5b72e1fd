"""Finds logs and files that a dead process left unfinished. Does I/O: walks the `weft` folder.

A starting sidecar takes them up along with its own. They must be this user's and this
machine's, their process must be dead, and their server must be the same or not yet known. Offline
runs, copied directories and other machines' runs wait for `weft sync`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from weft.errors import CorruptLog
from weft.runlog.format import Header
from weft.runlog.layout import logs_of, run_directories
from weft.runlog.platform import boot_id, is_running, machine_id
from weft.runlog.reader import read_header
from weft.runlog.spool import spool_files
from weft.sync.capture.task import has_task
from weft.sync.files.unannounced import has_files_to_announce
from weft.sync.uploading.marker import read_marker


class UnrecordedFiles(NamedTuple):
    """The main log of a directory with files that are not recorded yet."""

    main: Path


def unfinished(
    weft_dir: Path, servers: Collection[str]
) -> Iterator[Path | UnrecordedFiles | None]:
    """Logs and directories below `weft_dir` to take up, newest run first.

    Before the logs comes their directory if there are files to be made, and after each run
    directory None, so that the caller can pause. `servers` are the names of the sidecar's server
    in markers.
    """
    machine, boot = machine_id(), boot_id()
    for directory in reversed(run_directories(weft_dir)):
        try:
            logs = logs_of(directory)
        except OSError:
            continue
        orphans = [log for log in logs if _is_own(log) and _is_orphan(log, machine, boot)]
        unsent = [log for log in orphans if _is_unsent(log, servers)]
        may_have_files = unsent or spool_files(directory) or has_task(directory)
        if len(orphans) == len(logs) and may_have_files:
            main = main_log(logs)
            if main is not None and has_unrecorded_files(directory):
                yield UnrecordedFiles(main)
        yield from unsent
        yield None


def has_unrecorded_files(directory: Path) -> bool:
    """Whether a directory may have files that no log announces, or lacks its environment."""
    return bool(spool_files(directory)) or has_files_to_announce(directory) or has_task(directory)


def main_log(logs: Collection[Path]) -> Path | None:
    """The log of the process that called `init`, among the logs of a directory."""
    for log in logs:
        try:
            header = read_header(log)
        except (CorruptLog, OSError):
            continue
        if header is not None and header.parent_writer is None:
            return log
    return None


def _is_own(log: Path) -> bool:
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
