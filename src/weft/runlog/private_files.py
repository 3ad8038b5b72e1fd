"""Creates files and folders that only their owner can read, whatever the umask. Does I/O.

Processes of weft's own set their umask; a script's process keeps its own, which is the user's.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

PRIVATE_UMASK: Final = 0o077
"""The umask of weft's own processes: makes files that libraries create private, too."""

_FLAGS: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_TRUNC
    | getattr(os, "O_BINARY", 0)
    # A run's directory may be another user's, who can put a link at the path of a draft.
    | getattr(os, "O_NOFOLLOW", 0)
)


def make_private_folder(path: Path) -> None:
    """Create a folder and its missing parents with mode 0700.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp(), "a", "b")
    >>> make_private_folder(folder)
    >>> oct(folder.stat().st_mode & 0o777), oct(folder.parent.stat().st_mode & 0o777)
    ('0o700', '0o700')
    """
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        make_private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all, with mode 0600.

    After an OSError, an earlier file is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(draft, _FLAGS, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def make_private(path: str | Path) -> None:
    """Take the permissions of others from a file, as far as the file system has any."""
    with contextlib.suppress(OSError):
        os.chmod(path, 0o600)  # noqa: PTH101  a Path takes longer than a small file
