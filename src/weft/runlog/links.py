"""Puts a file of the user among the files of a run: by a link, or a copy. Does I/O."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from weft.errors import ConfigError
from weft.runlog.private_files import make_private, make_private_folder

COPIED_BYTES: Final = 16 << 20
"""Files up to this size are copied if their present content is wanted: it takes about 10 ms."""

Placed = Literal["linked", "copied"]


def place_file(source: Path, target: Path, *, snapshot: bool = False) -> Placed:
    """Make `target` a hard link to `source`, a symbolic link, or a copy: the first that works.

    A hard link keeps the content if the user deletes the file, but not if he overwrites it.

    Args:
        source: a regular file, or a link to one.
        target: the path of the copy; replaced in one step if it exists. Its folder is created.
        snapshot: copy it, unless it is large, so that later changes do not matter.

    Raises:
        OSError: the file can't be read, or nothing can be written there.

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
    """Check that nothing but a file is where a file is to be made.

    Raises:
        ConfigError: a folder is there, or a file is where the path has a folder.
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


def copy_file(source: Path, target: Path) -> None:
    """Make `target` a copy of the present content of `source`, whole or not at all.

    Args:
        source, target: as for `place_file`.

    Raises:
        OSError: the file can't be read, or nothing can be written there.
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
