"""Finds the run logs under a followed directory. Does I/O: lists folders, reads logs' heads.

Used by `follow` and `originals`. A folder that can't be listed is told apart from one without
logs, so that its logs are not taken for deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import Run
from weft.runlog.decoding import decode_record
from weft.runlog.format import Header, decode_header, frame_at
from weft.runlog.reader import open_file
from weft.server.services.access import RunPath

_COMPARED_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 1 << 16
_LONGEST_HEAD_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Listing:
    """The result of one search through a directory: inodes of logs, and reasons why folders could
    not be listed, by path.
    """

    device: int = 0
    logs: dict[str, int] = field(default_factory=dict[str, int])
    unreadable: dict[str, str] = field(default_factory=dict[str, str])

    def may_hide(self, path: str) -> bool:
        """Whether a log may exist although it was not seen."""
        return any(path.startswith(f"{folder}{os.sep}") for folder in self.unreadable)


def list_logs(root: Path) -> Listing:
    """List all logs under `root`.

    `root` is a `weft` folder, its parent, a run's directory, or a folder of folders that contain
    a `weft` folder.
    """
    listing = Listing(device=root.stat().st_dev)
    with os.scandir(root) as entries:
        folders = _sorted_folders(listing, entries)
    for name, path in folders:
        if name.startswith("run-"):
            _list_folder(listing, path)
        if name == "weft":
            _list_runs(listing, path)
        _list_runs(listing, f"{path}{os.sep}weft")
    return listing


def _list_runs(listing: Listing, folder: str) -> None:
    for name, path in _list_folder(listing, folder, with_logs=False):
        if name.startswith("run-"):
            _list_folder(listing, path)


def _list_folder(
    listing: Listing, folder: str, *, with_logs: bool = True
) -> list[tuple[str, str]]:
    """Add a folder's logs to `listing`; return its folders, by name."""
    try:
        with os.scandir(folder) as entries:
            return _sorted_folders(listing, entries, with_logs=with_logs)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        listing.unreadable[folder] = _reason(error)
        return []


def _sorted_folders(
    listing: Listing, entries: Iterator[os.DirEntry[str]], *, with_logs: bool = True
) -> list[tuple[str, str]]:
    folders: list[tuple[str, str]] = []
    logs: list[tuple[str, int]] = []
    for entry in entries:
        if entry.name.startswith("run-") and entry.name.endswith(".weft"):
            if with_logs:
                logs.append((entry.path, entry.inode()))
            continue
        try:
            if entry.is_dir():
                folders.append((entry.name, entry.path))
        except OSError as error:
            listing.unreadable[entry.path] = _reason(error)
    listing.logs.update(sorted(logs))
    return sorted(folders)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def run_and_writer(path: str) -> tuple[str, str]:
    """Run and writer of a log, from its file name.

    >>> run_and_writer("/x/run-ab12cd34.w1.weft")
    ('ab12cd34', 'w1')
    """
    run, _, writer = Path(path).name[len("run-") : -len(".weft")].rpartition(".")
    return run, writer


def identify_log(path: Path) -> tuple[Header, RunPath] | None:
    """Header and run of a log; None if its first record is not there yet."""
    with open(open_file(path), "rb") as file:
        data = file.read(_HEAD_BYTES)
        identity = _identify(data)
        if identity is None and len(data) == _HEAD_BYTES:
            identity = _identify(data + file.read(_LONGEST_HEAD_BYTES - _HEAD_BYTES))
    return identity


def _identify(data: bytes) -> tuple[Header, RunPath] | None:
    head = decode_header(data)
    if head is None:
        return None
    header, start = head
    frame = frame_at(data, start)
    if frame is None:
        return None
    record = decode_record(data[frame.payload : frame.end])
    if not isinstance(record, Run):
        raise CorruptLog("the log does not begin with a Run record")
    target = RunPath(record.entity or DEFAULT_ENTITY, record.project, header.run_id)
    return header, target.check()


def is_prefix_of_other(first: Path, second: Path) -> bool:
    """Whether two files are equal up to the end of the shorter one."""
    with open(open_file(first), "rb") as first_file, open(open_file(second), "rb") as second_file:
        while True:
            a, b = first_file.read(_COMPARED_BYTES), second_file.read(_COMPARED_BYTES)
            n_bytes = min(len(a), len(b))
            if a[:n_bytes] != b[:n_bytes]:
                return False
            if n_bytes < _COMPARED_BYTES:
                return True
