"""Links among the files of a run: makes those to a user's files, follows no stranger's.

Does I/O.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Literal

from weft.errors import ConfigError, CorruptLog
from weft.records.files.file_paths import check_file_path
from weft.runlog.private_files import make_private, make_private_folder
from weft.runlog.reader import open_file

COPIED_BYTES: Final = 16 << 20
"""Files up to this size are copied if their present content is wanted: it takes about 10 ms."""

_FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

Placed = Literal["linked", "copied"]


def place_file(source: Path, target: Path, *, snapshot: bool = False) -> Placed:
    """Make `target` a hard link to `source`, a symbolic link, or a copy: the first that works.

    A hard link keeps the content if the user deletes the file, but not if he overwrites it.

    Args:
        snapshot: copy it, unless it is large, so that later changes do not matter.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "model.pt").write_text("weights")
    >>> place_file(folder / "model.pt", folder / "files" / "model.pt")
    'linked'
    """
    source = source.resolve(strict=True)
    with _replacing(target) as temporary:
        return _link_or_copy(source, temporary, snapshot=snapshot)


def check_free(target: Path) -> None:
    """Check that nothing but a file is where a file is to be made; ConfigError for a folder, or a
    file where the path has a folder.
    """
    fault = ""
    if target.is_dir() and not target.is_symlink():
        fault = f"{target} is a folder"
    else:
        above = next((path for path in target.parents if os.path.lexists(path)), None)
        if above is not None and not above.is_dir():
            fault = f"{above} is a file, not a folder"
    if fault:
        raise ConfigError(f"no file can be made at {target}: {fault}")


def open_contained(folder: Path, path: str, *, allows_own_link: bool = False) -> int:
    """Open a regular file of a folder that a stranger may have filled; a descriptor.

    No link leads out of the folder, not even one that takes the place of a folder meanwhile; the
    folder itself must not be a link. With `allows_own_link`, the file may be a link of this user
    to a file of this user. CorruptLog if it is, or is behind, another link, or if it is no regular
    file; ConfigError if `path` is not a valid path of a file.
    """
    *folders, name = check_file_path(path).split("/")
    if os.open not in os.supports_dir_fd:
        check_unlinked(folder, path)
        return open_file(folder / path)
    with ExitStack() as stack:
        parent: int | None = None
        for above in (os.fspath(folder), *folders):
            try:
                parent = os.open(above, _FOLDER_FLAGS, dir_fd=parent)
            except NotADirectoryError:
                raise _link_error(path) from None
            stack.callback(os.close, parent)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISLNK(status.st_mode):
            return open_file(name, dir_fd=parent, follows_link=False)
        if not allows_own_link or status.st_uid != os.geteuid():
            raise _link_error(path)
        opened = open_file(name, dir_fd=parent)
        if os.fstat(opened).st_uid != os.geteuid():
            os.close(opened)
            raise _link_error(path)
        return opened


def check_unlinked(folder: Path, path: str) -> None:
    """Check that neither a folder nor anything on the way to a path below it is a link; else
    CorruptLog.
    """
    above = folder
    for name in ("", *path.split("/")):
        above = above / name
        if above.is_symlink():
            raise _link_error(path)


def _link_error(path: str) -> CorruptLog:
    return CorruptLog(f"{path} is a link out of the run's directory, or behind one")


def copy_file(source: Path, target: Path) -> None:
    """Make `target` a copy of the present content of `source`, whole or not at all; see
    `place_file`.
    """
    with _replacing(target) as temporary:
        shutil.copyfile(source, temporary)
        make_private(temporary)


@contextmanager
def _replacing(target: Path) -> Generator[Path, None, None]:
    """Yield the path to make a file at; it replaces `target` at the end."""
    make_private_folder(target.parent)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        temporary.replace(target)
    finally:
        # A rename between two links to one file does nothing, and leaves both.
        temporary.unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path, *, snapshot: bool) -> Placed:
    if not snapshot or source.stat().st_size > COPIED_BYTES:
        for link in (target.hardlink_to, target.symlink_to):
            try:
                link(source)
            except (OSError, NotImplementedError):
                continue
            return "linked"
    shutil.copy2(source, target)
    make_private(target)
    return "copied"
