"""Copies of blobs that are read again and again, on the server's own disk. Does I/O.

Part of `s3`. A page that scrolls through a table of 100 MB reads its file at each step; from a
bucket that would be 100 MB each time. The copies that were used last are kept, within a bound.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from weft.runlog.private_files import make_private_folder

COPIES_BYTES: Final = 2 * 2**30
"""The most bytes of all copies together."""


class Copies:
    """A folder of copies, `max_bytes` in all, by SHA-256. Thread-safe.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> copies = Copies(folder / "copies", 10)
    >>> for name, data in (("a1", b"123456"), ("b2", b"1234")):
    ...     _ = (folder / name).write_bytes(data)
    ...     copies.add(name, folder / name)
    ...     os.utime(folder / "copies" / name, (0, 0))
    >>> copies.copy_to("a1", folder / "copy"), copies.copy_to("c3", folder / "other")
    (True, False)
    >>> _ = (folder / "c3").write_bytes(b"1234")
    >>> copies.add("c3", folder / "c3")
    >>> sorted(path.name for path in (folder / "copies").iterdir())  # "b2" was used first
    ['a1', 'c3']
    """

    def __init__(self, folder: Path, max_bytes: int = COPIES_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        make_private_folder(folder)

    def copy_to(self, sha256: str, path: Path) -> bool:
        """Copy or hard-link a copy to a free path; return whether there was one."""
        copy = self._folder / sha256
        try:
            os.utime(copy)
            try:
                os.link(copy, path)
            except OSError:
                shutil.copyfile(copy, path)
        except FileNotFoundError:
            return False
        return True

    def add(self, sha256: str, path: Path) -> None:
        """Take a complete file of this file system as a copy; then remove what is too much."""
        path.replace(self._folder / sha256)
        with self._lock, contextlib.suppress(OSError):
            self._trim()

    def remove(self, blobs: Iterable[str]) -> None:
        """Remove the copies of some blobs."""
        for sha256 in blobs:
            with contextlib.suppress(OSError):
                (self._folder / sha256).unlink()

    def _trim(self) -> None:
        copies = [(path.stat(), path) for path in self._folder.iterdir()]
        n_bytes = sum(stat.st_size for stat, _ in copies)
        for stat, path in sorted(copies, key=lambda copy: copy[0].st_mtime_ns):
            if n_bytes <= self._max_bytes:
                return
            path.unlink()
            n_bytes -= stat.st_size
