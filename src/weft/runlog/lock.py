"""A lock file that dies with its holder: flock on POSIX, msvcrt on Windows.

Locks are in the host's runtime directory (`layout.ensure_runtime_directory`), never in `WEFT_DIR`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)


class FileLock:
    """One holder at a time; given back by `release`, or by the system when the holder dies.

    The file is made if it is missing, and left there unless `release` removes it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.lock"
    >>> first, second = FileLock(path), FileLock(path)
    >>> first.acquire(), second.acquire()
    (True, False)
    >>> first.release(); second.acquire()
    True
    >>> second.release()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self) -> bool:
        """Take the lock without waiting. False if another process holds it."""
        if self._fd is not None:
            return True
        while True:
            # Python opens descriptors close-on-exec: a child never keeps the lock alive.
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            if not _try_lock(fd):
                os.close(fd)
                return False
            if self._is_there(fd):
                self._fd = fd
                return True
            # Its last holder removed the file before we had it: the next one makes another.
            os.close(fd)

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back; nothing happens if it is not held.

        `remove` takes the file away, since the lock is not likely to be wanted again.
        """
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        if remove:
            try:
                self.path.unlink(missing_ok=True)
            except OSError:
                pass  # Windows removes no open file
        _unlock(fd)
        os.close(fd)

    def _is_there(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self.path.stat())
        except FileNotFoundError:
            return False


def is_locked(path: Path) -> bool:
    """Whether any process holds the lock now (about 5 µs; opens the file, never makes it)."""
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if _try_lock(fd):
            _unlock(fd)
            return False
        return True
    finally:
        os.close(fd)
