"""Blobs as files on the server's own disk, in `DATA/blobs`. Does I/O.

    blobs/
      ab/ab12…ef      a whole blob, named by its SHA-256; never written again
      drafts/<random> what is being written

This module writes plain files rather than use `obstore`, whose local store does not `fsync` and
offers neither hard links nor a copy during a read. An engine on S3 can use `obstore`: nothing in
the contract exposes a path of this store.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final

from weft.errors import NotFound, Unavailable
from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo
from weft.server.storage.private import make_private_folder, sync_folder

_DRAFTS: Final = "drafts"
_HEX: Final = frozenset("0123456789abcdef")


class LocalBlobStore:
    """`BlobStore` in a folder.

    Args:
        directory: the folder; created if it is missing.

    >>> import tempfile
    >>> store = LocalBlobStore(Path(tempfile.mkdtemp()))
    >>> draft = store.write()
    >>> draft.write(b"weights")
    >>> sha256 = draft.seal().sha256
    >>> b"".join(store.read(draft.keep().sha256, 1, 4))
    b'eig'
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._drafts = directory / _DRAFTS
        make_private_folder(directory)
        make_private_folder(self._drafts)
        self._lock = threading.Lock()
        self._open_drafts: set[str] = set()

    def write(self) -> LocalBlobWriter:
        """See `BlobStore.write`."""
        name = secrets.token_hex(8)
        with self._lock:
            self._open_drafts.add(name)
        try:
            return LocalBlobWriter(self, self._drafts / name)
        except BaseException:
            self.close_draft(name)
            raise

    def sync(self, blobs: Iterable[str]) -> None:
        """See `BlobStore.sync`."""
        for folder in {self.path(sha256).parent for sha256 in blobs}:
            sync_folder(folder)

    def find(self, sha256: str) -> BlobInfo | None:
        """See `BlobStore.find`."""
        try:
            return BlobInfo(sha256, self.path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `BlobStore.read`."""
        try:
            fd = os.open(self.path(sha256), os.O_RDONLY)
        except FileNotFoundError:
            raise NotFound(f"no blob {sha256}") from None
        return _Pieces(fd, start, stop)

    def copy_to(self, sha256: str, path: Path) -> int:
        """See `BlobStore.copy_to`."""
        source = self.path(sha256)
        with _disk(f"blob {sha256} can't be copied to {path}"):
            with contextlib.suppress(OSError):
                os.link(source, path)
                return 0
            try:
                reading = source.open("rb")
            except FileNotFoundError:
                raise NotFound(f"no blob {sha256}") from None
            with reading, path.open("xb") as writing:
                shutil.copyfileobj(reading, writing, PIECE_BYTES)
                writing.flush()
                os.fsync(writing.fileno())
                return writing.tell()

    def remove(self, sha256: str) -> int:
        """See `BlobStore.remove`."""
        path = self.path(sha256)
        try:
            n_bytes = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return n_bytes

    def list(self) -> Iterator[BlobInfo]:
        """See `BlobStore.list`."""
        for folder in sorted(self._directory.iterdir()):
            if len(folder.name) != 2 or not _HEX.issuperset(folder.name):
                continue
            for path in sorted(folder.iterdir()):
                found = self.find(path.name)
                if found is not None:
                    yield found

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`."""
        n_bytes = 0
        for path in list(self._drafts.iterdir()):
            with self._lock:
                if path.name in self._open_drafts:
                    continue
            with contextlib.suppress(FileNotFoundError):
                n_bytes += path.stat().st_size
                if not dry_run:
                    path.unlink()
        return n_bytes

    def path(self, sha256: str) -> Path:
        """The path of a blob, whether or not it exists."""
        return self._directory / sha256[:2] / sha256

    def close_draft(self, name: str) -> None:
        """Note that a draft is no longer being written."""
        with self._lock:
            self._open_drafts.discard(name)


class LocalBlobWriter:
    """`BlobWriter` to a file."""

    def __init__(self, store: LocalBlobStore, path: Path) -> None:
        self._store = store
        self._path = path
        with _disk("files can't be written"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
        self._hash = hashlib.sha256()
        self._n_bytes = 0
        self._sealed: BlobInfo | None = None

    @property
    def n_bytes(self) -> int:
        """See `BlobWriter.n_bytes`."""
        return self._n_bytes

    def write(self, data: bytes) -> None:
        """See `BlobWriter.write`."""
        rest = memoryview(data)
        with _disk("the file can't be written"):
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        self._hash.update(data)
        self._n_bytes += len(data)

    def seal(self) -> BlobInfo:
        """See `BlobWriter.seal`."""
        if self._sealed is not None:
            return self._sealed
        with _disk("the file can't be written"):
            os.fsync(self._file.fileno())
            self._file.close()
        self._sealed = BlobInfo(self._hash.hexdigest(), self._n_bytes)
        return self._sealed

    def keep(self) -> BlobInfo:
        """See `BlobWriter.keep`."""
        info = self._sealed
        assert info is not None, "it was sealed"
        place = self._store.path(info.sha256)
        with _disk("the file can't be kept"):
            if not place.parent.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(place.parent.parent)
            # This also replaces an existing blob, which may have been damaged since.
            self._path.replace(place)
        self._store.close_draft(self._path.name)
        return info

    def discard(self) -> None:
        """See `BlobWriter.discard`."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        self._store.close_draft(self._path.name)


class _Pieces:
    """The bytes `[start, stop)` of an open file, which is closed at the end or with the object."""

    def __init__(self, fd: int, start: int, stop: int | None) -> None:
        self._file = os.fdopen(fd, "rb", buffering=0)
        self._file.seek(start)
        self._left = None if stop is None else max(stop - start, 0)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        wanted = PIECE_BYTES if self._left is None else min(PIECE_BYTES, self._left)
        piece = b"" if self._file.closed or not wanted else self._file.read(wanted)
        if not piece:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self.close()


@contextlib.contextmanager
def _disk(what: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        reason = "the disk is full" if full else str(error)
        raise Unavailable(f"{what}: {reason}") from error
