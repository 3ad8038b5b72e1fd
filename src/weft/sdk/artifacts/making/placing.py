"""Puts the files of an artifact into the run's directory, from where they are sent. Does I/O."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from weft.records.files.artifacts import ManifestEntry
from weft.runlog.private_files import make_private, make_private_folder
from weft.sdk.artifacts.making.draft_files import DraftFile
from weft.sdk.recording.linked_files import PlacedFile

_FICLONE: Final = 0x40049409
"""Linux's request to share the blocks of a file with a new one, until either is written to."""


def place_files(files: Iterable[DraftFile], folder: Path) -> list[PlacedFile]:
    """Put files into a folder under their paths.

    Files that may be overwritten are copied, without writing their blocks again where the file
    system can share them; others are linked. After an OSError, what was put there stays.
    """
    placed: list[PlacedFile] = []
    parents: set[str] = set()
    for file in files:
        target = f"{folder}{os.sep}{file.path}"
        parent = os.path.dirname(target)  # noqa: PTH120  a Path takes longer than a small file
        if parent not in parents:
            make_private_folder(Path(parent))
            parents.add(parent)
        is_link = False
        if file.is_ours:
            _move(file.source, target)
            make_private(target)
        elif file.policy == "immutable":
            is_link = _link(file.source, target)
        else:
            copy_content(file.source, target)
        status = os.stat(target)  # noqa: PTH116
        entry = ManifestEntry(file.path, status.st_size)
        placed.append(PlacedFile(entry, status.st_mtime_ns if is_link else 0))
    return placed


def _move(source: Path, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        copy_content(source, target)


def _link(source: Path, target: str) -> bool:
    """Link a file, or copy it where no link is possible; whether it is a link."""
    real = os.path.realpath(source)
    for link in (os.link, os.symlink):
        try:
            link(real, target)
        except (OSError, NotImplementedError):
            continue
        return True
    copy_content(source, target)
    return False


def copy_content(source: Path, target: str) -> None:
    """Copy a file, without writing its blocks again where the file system can share them."""
    if not _clone(source, target):
        shutil.copyfile(source, target)
    make_private(target)
    with contextlib.suppress(OSError):
        status = os.stat(source)  # noqa: PTH116
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _clone(source: Path, target: str) -> bool:
    """Share the blocks of a file, which takes no time and no space; whether that was possible."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        with source.open("rb") as reading, Path(target).open("xb") as writing:
            fcntl.ioctl(writing.fileno(), _FICLONE, reading.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(target)  # noqa: PTH108
        return False
    return True
