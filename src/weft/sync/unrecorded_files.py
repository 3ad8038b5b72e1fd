"""Makes the files that dead processes left in their directories. Does I/O.

Used by `weft sync` and `weft ui`.

Offline runs, copied directories, and runs whose sidecar was killed too have spool files, and files
that no log announces. Each such directory gets one more log with their records.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.runlog.layout import ensure_runtime_directory
from weft.runlog.platform import boot_id, machine_id
from weft.runlog.reader import read_header
from weft.sync.capture.task import has_task
from weft.sync.capture_schedule import CaptureSchedule
from weft.sync.files.file_maker import FileMaker
from weft.sync.orphans import has_unrecorded_files, is_same_process, main_log
from weft.sync.runs import WatchedRun
from weft.sync.spawn import package_folders

_POLL_SECS: Final = 0.2
_CAPTURE_POLL_SECS: Final = 0.01

QUIET_SECS: Final = 600.0
"""A run of another machine whose logs did not change for this time has ended: its system metrics
alone are written every few seconds."""


def make_unrecorded_files(
    logs: Sequence[Path],
    fault: Callable[[str], None],
    tell: Callable[[int], None] = lambda _: None,
    *,
    quiet_secs: float = 0.0,
) -> list[Path]:
    """Make the files of all directories of `logs` that no process looks after.

    Returns the logs that were written. `fault` takes a sentence about each file that could not be
    made, `tell` now and then the number of files made. A directory of another machine that changed
    within `quiet_secs` is passed over, because its run may still be active there.
    """
    by_directory: dict[Path, list[Path]] = {}
    for log in logs:
        by_directory.setdefault(log.parent, []).append(log)
    written: list[Path] = []
    maker: FileMaker | None = None
    runtime = ensure_runtime_directory()
    try:
        for directory, its_logs in by_directory.items():
            if not has_unrecorded_files(directory):
                continue
            main = main_log(its_logs)
            if main is None or _is_looked_after(main, its_logs, quiet_secs):
                continue
            maker = maker or FileMaker(package_folders(), runtime)
            written += _make_files(main, runtime, maker, fault, tell)
    finally:
        if maker is not None:
            maker.close()
    return written


def _is_looked_after(main: Path, logs: Sequence[Path], quiet_secs: float) -> bool:
    """Whether the process of a log is running, so that its sidecar makes its files."""
    try:
        header = read_header(main)
        changed_secs = max(log.stat().st_mtime for log in logs)
    except (CorruptLog, OSError):
        return True
    if header is None:
        return True
    if header.machine_id == machine_id():
        return is_same_process(header, boot_id())
    return time.time() - changed_secs < quiet_secs


def _make_files(
    main: Path,
    runtime: Path,
    maker: FileMaker,
    fault: Callable[[str], None],
    tell: Callable[[int], None],
) -> list[Path]:
    # The directory may be from another user: its links may lead to any file of this one.
    try:
        run = WatchedRun(main, runtime, trusts_links=False)
    except (CorruptLog, OSError):
        return []  # the upload of the log says why
    run.new_logs()
    if has_task(run.directory) and run.is_of_this_machine:
        captures = CaptureSchedule(package_folders(), runtime)
        captures.add_orphan(run)
        captures.hurry()
        while not captures.is_idle:
            captures.look()
            time.sleep(_CAPTURE_POLL_SECS)
    while not run.end_files(lambda: maker):
        maker.poll(_POLL_SECS)
        tell(maker.n_made)
    run.close(crashed=False)
    maker.remove(run.directory)
    status = run.files_status
    for sentence in status.failures if status is not None else ():
        fault(f"{sentence}: {run.directory}")
    return run.new_logs()
