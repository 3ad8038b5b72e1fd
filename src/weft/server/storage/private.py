"""Creates files and folders that only the server's own user can read, durably. Does I/O.

SQLite gives a database's write-ahead log and shared memory the mode of the database file, so that
file is created here before SQLite opens it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OWN_NAMES: Final = frozenset(
    {"metrics", "blobs", "columns", "imports", "server.lock", "token", ".ready"}
)
METADATA_NAME: Final = "metadata.db"


def make_private_file(path: Path) -> None:
    """Create an empty file with mode 0600 unless it exists."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable if the system supports it."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def close_to_others(data: Path) -> list[str]:
    """Remove all permissions of group and others from an existing data directory.

    The directory itself is left alone if it holds anything that does not belong to weft, as a home
    directory does. Blobs are always written with mode 0600, so only their folders are changed.
    Returns the reasons, in words, for each path that could not be changed.
    """
    if os.name == "nt":
        return []
    failed: list[str] = []
    for path in _own_paths(data):
        try:
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & _OTHERS:
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(f"{error.strerror}: {path}")
    return failed


def _own_paths(data: Path) -> Iterator[Path]:
    entries = list(data.iterdir())
    own = [
        path for path in entries if path.name in _OWN_NAMES or path.name.startswith(METADATA_NAME)
    ]
    if len(own) == len(entries):
        yield data
    yield from own
    for folder in ("metrics", "blobs"):
        if (data / folder).is_dir():
            yield from (data / folder).iterdir()
