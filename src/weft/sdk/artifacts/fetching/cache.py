"""Contents of artifacts that this machine has downloaded, up to a bounded size. Does disk I/O.

    CACHE/artifacts/
      ab/ab12…ef   a content, named by its SHA-256
      size         how many bytes there are, as far as known
      lock         held by the process that counts or removes

An entry is a hard link to the file that was downloaded, so it takes no space while that file is
there. If that file is written to, so is the entry: each is checked by its hash when it is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from weft.runlog.holder import cache_directory
from weft.runlog.lock import FileLock

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

LEAST_BYTES: Final = 32 << 10
"""Smaller contents are fetched again: to keep one costs more than a piece of a request."""

_PIECE_BYTES: Final = 1 << 20
_FULL: Final = 0.9
"""To which part of its bound the cache is emptied, so that it is not counted after each file."""


class CacheEntry(NamedTuple):
    """A content of the cache."""

    path: Path
    n_bytes: int
    used_secs: float


class DownloadCache:
    """The cache of one folder, which holds at most `most_bytes`.

    Thread-safe; several processes may share it.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> cache = DownloadCache(folder / "cache", 1_000_000)
    >>> _ = (folder / "a").write_bytes(b"a" * 40_000)
    >>> name = hashlib.sha256(b"a" * 40_000).hexdigest()
    >>> cache.keep(name, folder / "a"); cache.trim()
    0
    >>> cache.take(name, folder / "again"), (folder / "again").stat().st_size
    (True, 40000)
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._n_kept_bytes = 0

    def take(self, sha256: str, target: Path) -> bool:
        """Copy a content to a free path, if it is here and right."""
        entry = self._entry(sha256)
        try:
            reading = entry.open("rb", buffering=0)
        except OSError:
            return False
        digest = hashlib.sha256()
        with reading, target.open("wb", buffering=0) as writing:
            while piece := reading.read(_PIECE_BYTES):
                digest.update(piece)
                writing.write(piece)
        if digest.hexdigest() != sha256:
            target.unlink()
            with contextlib.suppress(OSError):
                entry.unlink()
            return False
        self._note_use(entry)
        return True

    def keep(self, sha256: str, path: Path) -> None:
        """Keep the content of a file that was downloaded. A failure is none of the download."""
        with contextlib.suppress(OSError):
            n_bytes = path.stat().st_size
            if n_bytes < LEAST_BYTES or n_bytes > self.most_bytes:
                return
            entry = self._entry(sha256)
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            entry.parent.mkdir(exist_ok=True, mode=0o700)
            try:
                os.link(path, entry)
            except FileExistsError:
                return
            except OSError:  # on another file system, or on one without links
                draft = entry.with_name(f".{entry.name}.{os.getpid()}.part")
                try:
                    shutil.copyfile(path, draft)
                    draft.replace(entry)
                finally:
                    draft.unlink(missing_ok=True)
            self._note_use(entry)
            self._n_kept_bytes += n_bytes

    def trim(self) -> int:
        """Remove what was used longest ago if the cache has become too large; the bytes
        removed.
        """
        n_new, self._n_kept_bytes = self._n_kept_bytes, 0
        lock = FileLock(self.folder / "lock")
        if not n_new or not self.folder.is_dir() or not lock.acquire():
            return 0
        try:
            n_bytes = self._noted_bytes() + n_new
            if n_bytes <= self.most_bytes:
                self._note_bytes(n_bytes)
                return 0
            return self._remove_down_to(int(self.most_bytes * _FULL), only_over=self.most_bytes)
        finally:
            lock.release()

    def clean(self, most_bytes: int) -> int:
        """Remove what was used longest ago until the rest fits; the bytes removed."""
        if not self.folder.is_dir():
            return 0
        for draft in self.folder.glob("??/.*.part"):
            if draft.stat().st_mtime < time.time() - 86_400:
                draft.unlink(missing_ok=True)
        return self._remove_down_to(most_bytes, only_over=most_bytes)

    def entries(self) -> list[CacheEntry]:
        """All contents, the one used longest ago first."""
        return sorted(self._scan(), key=lambda entry: entry.used_secs)

    def _scan(self) -> Iterator[CacheEntry]:
        try:
            folders = [entry.path for entry in os.scandir(self.folder) if len(entry.name) == 2]
        except OSError:
            return
        for folder in folders:
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    if not entry.name.startswith("."):
                        status = entry.stat(follow_symlinks=False)
                        yield CacheEntry(Path(entry.path), status.st_size, status.st_atime)

    def _remove_down_to(self, most_bytes: int, *, only_over: int) -> int:
        entries = self.entries()
        n_bytes = total = sum(entry.n_bytes for entry in entries)
        if total > only_over:
            for entry in entries:
                if n_bytes <= most_bytes:
                    break
                entry.path.unlink(missing_ok=True)
                n_bytes -= entry.n_bytes
        self._note_bytes(n_bytes)
        return total - n_bytes

    def _entry(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _note_use(self, entry: Path) -> None:
        # The time of access, set by hand: many file systems do not, and it is also the time of the
        # user's file, whose time of change must stay.
        with contextlib.suppress(OSError):
            os.utime(entry, ns=(time.time_ns(), entry.stat().st_mtime_ns))

    def _noted_bytes(self) -> int:
        try:
            return int((self.folder / "size").read_text())
        except (OSError, ValueError):
            return sum(entry.n_bytes for entry in self._scan()) - self._n_kept_bytes

    def _note_bytes(self, n_bytes: int) -> None:
        (self.folder / "size").write_text(str(n_bytes))


def download_cache(settings: Settings) -> DownloadCache:
    """The cache that the settings name: `cache_dir`, or `$XDG_CACHE_HOME/weft`."""
    base = settings.cache_dir or cache_directory()
    return DownloadCache(base / "artifacts", settings.cache_size)
