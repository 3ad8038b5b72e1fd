"""The files of an environment on their way from the process that gathers to the run. Does I/O.

They are written in a folder of their own and moved to the run's files once all are there, so that
no file is sent half written.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from weft.records.files.described import CAPTURED_FILES
from weft.sync.capture.task import Task, task_path


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """The order to a process that gathers for run directories with tasks.

    `is_left` is true if the runs' processes, and those that looked after them, are dead;
    `is_same_boot` is true if the system has not been started again since.
    """

    directories: list[str] = []
    is_left: bool = False
    is_same_boot: bool = True


def read_task(directory: Path) -> Task | None:
    """The task of a run's directory; None if it has none, or none that can be read."""
    try:
        return msgspec.json.decode(task_path(directory).read_bytes(), type=Task)
    except (OSError, msgspec.DecodeError):
        return None


def gathered_path(directory: Path) -> Path:
    """The folder in which the files are until all of them are written."""
    return directory / "logs" / "environment"


def part_path(directory: Path) -> Path:
    """The folder in which the files are written."""
    return gathered_path(directory).with_suffix(".part")


def put_gathered(directory: Path) -> None:
    """Note that all files of a run's environment are written: a later process uses them."""
    try:
        part_path(directory).rename(gathered_path(directory))
    except OSError:
        return  # the directory was removed


def take_gathered(directory: Path, *, trusts_links: bool = True) -> list[str]:
    """Move what was gathered to the run's files, and remove the task. Returns the files' paths.

    What is there of a process that was ended is moved, too. In a directory of another user, do not
    trust links: they may lead to any file.
    """
    import shutil

    root = directory / "files"
    sources = [gathered_path(directory), part_path(directory)]
    if not trusts_links and not all(map(_is_folder, (directory / "logs", root))):
        return []
    paths: list[str] = []
    for source in [source for source in sources if _is_folder(source)]:
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source).as_posix()
            if path.is_symlink() or not path.is_file() or path.suffix == ".tmp":
                continue
            if name not in CAPTURED_FILES and (not trusts_links or (root / name).exists()):
                continue  # `log_code` has stored it
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(root / name)
            paths.append(name)
        shutil.rmtree(source, ignore_errors=True)
    task_path(directory).unlink(missing_ok=True)
    return list(dict.fromkeys(paths))


def can_be_gathered(directory: Path) -> bool:
    """Whether a process may write the environment of a run that it does not know."""
    sources = [gathered_path(directory), part_path(directory)]
    if not _is_folder(directory / "logs") or any(source.is_symlink() for source in sources):
        return False
    try:
        owner = task_path(directory).lstat().st_uid
    except OSError:
        return False
    return not hasattr(os, "getuid") or owner == os.getuid()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
