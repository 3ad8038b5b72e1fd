"""Removes run directories whose data are all at the server. Does I/O.

Used by `weft sync --clean`. A directory stays if anything in it was not sent or could not be read.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from weft.records.sizes import counted, shown_size
from weft.runlog.child_log import SIDECAR_PROCESS
from weft.runlog.layout import FILES, LATEST, logs_of
from weft.runlog.reader import read_header
from weft.runlog.spool import spool_files
from weft.sync.files.unannounced import files_to_announce, recorded_files
from weft.sync.messages import say


class Removal:
    """Removes the directories of runs that are wholly at the server, if the user agrees
    (`confirm`) and they have not changed for `least_age_secs`.
    """

    def __init__(self, confirm: Callable[[str], bool], least_age_secs: float) -> None:
        self._confirm = confirm
        self._least_age_secs = least_age_secs

    def remove(self, logs: Collection[Path], url: str) -> None:
        """Ask about the directories of logs that were sent whole, and remove them."""
        before_secs = time.time() - self._least_age_secs
        directories, n_newer = find_sent(logs, before_secs=before_secs)
        if n_newer:
            hours = self._least_age_secs / 3600
            newer = counted(n_newer, "run")
            say(f"not removed: {newer} that changed in the last {hours:g} hours")
        if not directories:
            return
        amount = f"{counted(len(directories), 'run')} ({shown_size(_size_of(directories))})"
        if not self._confirm(f"Remove the directories of {amount} that are wholly at {url}?"):
            return
        faults = _remove(directories)
        for fault in faults:
            say(fault)
        say(f"{counted(len(directories) - len(faults), 'run')} removed from this machine")


def find_sent(logs: Collection[Path], *, before_secs: float) -> tuple[list[Path], int]:
    """Find the run directories of which every log was sent to its end, and how many others stay
    only because they changed after `before_secs` since 1970 UTC. `logs` are those that were
    sent, of writers that have ended.
    """
    sent: list[Path] = []
    n_newer = 0
    for directory in sorted({log.parent for log in logs}):
        present = logs_of(directory)
        is_run = directory.name.startswith("run-") and not directory.is_symlink()
        if not is_run or not set(present) <= set(logs) or _has_unsent_files(directory):
            continue
        if _last_written_secs(present) > before_secs:
            n_newer += 1
        else:
            sent.append(directory)
    return sent, n_newer


def _last_written_secs(logs: Collection[Path]) -> float:
    """The time of a script's last write to a run's logs, in seconds since 1970 UTC.

    Its sidecar, or `weft sync` in its place, may write a log about files long after the script.
    """
    of_scripts = [log for log in logs if not _is_of_sidecar(log)]
    return max(log.stat().st_mtime for log in of_scripts or logs)


def _is_of_sidecar(log: Path) -> bool:
    header = read_header(log)
    return header is not None and header.labels.get("process") == SIDECAR_PROCESS


def _has_unsent_files(directory: Path) -> bool:
    """Whether a directory may have files, or versions of files, that no log announces."""
    if spool_files(directory):
        return True
    recorded = recorded_files(directory)
    return any(
        path not in recorded or not recorded[path].is_still(directory / FILES / path)
        for path in files_to_announce(directory)
    )


def _size_of(directories: Iterable[Path]) -> int:
    """The number of bytes of the files in directories."""
    files = (file for directory in directories for file in directory.rglob("*"))
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def _remove(directories: Iterable[Path]) -> list[str]:
    """Remove directories. Returns a sentence about each that can't be removed."""
    faults: list[str] = []
    for directory in directories:
        try:
            shutil.rmtree(directory)
        except OSError as error:
            faults.append(f"{directory} can't be removed: {error.strerror}")
            continue
        latest = directory.parent / LATEST
        if latest.is_symlink() and not latest.exists():
            latest.unlink(missing_ok=True)
    return faults
