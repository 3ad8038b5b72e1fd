"""Finds files of a run that no log announces yet. Does I/O: walks the run's `files`.

A file that appears there without `save()` is announced at the end of its run.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from weft.errors import ConfigError, CorruptLog
from weft.records.files.artifacts import ARTIFACTS_FOLDER
from weft.records.files.file_paths import check_file_path
from weft.records.record import File
from weft.runlog.child_log import SIDECAR_PROCESS
from weft.runlog.layout import FILES, SCRIPT_FILES, logs_of
from weft.runlog.reader import read_header, read_records

MEDIA: Final = "media"
"""The folder of files that are made from the spool; users may write there too."""

_ARTIFACTS: Final = ARTIFACTS_FOLDER.rstrip("/")

_SPOOL_MARK: Final = re.compile(r"_[0-9a-f]{20}\.")
"""The mark of `weft.sdk.media.names` in the name of each file that is made from the spool."""

MOST_FILES: Final = 10_000
"""Most files that are announced without having been saved: a dataset unpacked there is a mistake
more often than a result."""


def files_to_announce(directory: Path) -> Iterator[str]:
    """The paths of files that may lack a record, in no order.

    Left out are what the script announces itself, media made from the spool, files of artifacts,
    hidden and temporary files. Links are not followed: in a directory from another user, they may
    lead to any file of this one.
    """
    root = directory / FILES
    if root.is_symlink():
        return
    for folder, folders, names in os.walk(root):
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if below == "." else f"{below}/"
        folders[:] = [name for name in folders if name[0] != "." and prefix + name != _ARTIFACTS]
        is_media = prefix.startswith(f"{MEDIA}/")
        for name in names:
            if name[0] == "." or name.endswith((".tmp", ".part")):
                continue
            if is_media and _SPOOL_MARK.search(name):
                continue
            if (prefix or name not in SCRIPT_FILES) and is_regular(Path(folder, name)):
                yield f"{prefix}{name}"


def is_spool_media(path: str) -> bool:
    """Whether a path names media made from the spool."""
    return path.startswith(f"{MEDIA}/") and _SPOOL_MARK.search(path.rpartition("/")[2]) is not None


def is_regular(path: Path) -> bool:
    """Whether a path is a regular file, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def has_files_to_announce(directory: Path) -> bool:
    """Whether there may be a file without a record, by the first that is found."""
    return next(files_to_announce(directory), None) is not None


class Recorded(NamedTuple):
    """The last record of a file, and when it was made, in µs since 1970 UTC."""

    file: File
    wall_micros: int

    def is_still(self, path: Path) -> bool:
        """Whether the file is unchanged since, by its size and time of change."""
        state = path.stat()
        is_older = state.st_mtime_ns // 1000 <= self.wall_micros
        return self.file.error is None and state.st_size == self.file.n_bytes and is_older


def recorded_files(directory: Path) -> dict[str, Recorded]:
    """The records of files in the logs of sidecars in a run's directory, without media."""
    recorded: dict[str, Recorded] = {}
    for log in logs_of(directory):
        try:
            header = read_header(log)
            if header is None or header.labels.get("process") != SIDECAR_PROCESS:
                continue
            for record in read_records(log):
                if isinstance(record, File) and not is_spool_media(record.path):
                    wall_micros = header.wall_micros + record.micros
                    before = recorded.get(record.path)
                    if before is None or before.wall_micros <= wall_micros:
                        recorded[record.path] = Recorded(record, wall_micros)
        except (CorruptLog, OSError):
            continue
    return recorded


def fault_of_path(path: str) -> str | None:
    """Why a file can't be announced under its path; None if it can."""
    try:
        check_file_path(path)
    except ConfigError as error:
        return str(error)
    return None
