"""Blobs as files on the server's own disk, in `DATA/blobs`. Does I/O.

    blobs/
      small.sqlite    blobs of at most 256 KiB
      ab/ab12…ef      a larger blob, named by its SHA-256; never written again
      drafts/<random> what is being written
      drafts/<name>   what is being written in several requests; the name has a hyphen

This module writes plain files rather than use `obstore`, whose local store does not `fsync` and
offers neither hard links nor a copy during a read. An engine on S3 can use `obstore`: nothing in
the contract exposes a path of this store.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from weft.errors import NotFound, Unavailable
from weft.server.storage.blobs.contract import DRAFT_SECS, PIECE_BYTES, BlobInfo
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.blobs.local_writer import HashedPart, LocalBlobWriter, ResumedBlobWriter
from weft.server.storage.blobs.small import SMALL_BYTES, SmallBlobs
from weft.server.storage.file_pieces import FilePieces
from weft.server.storage.private import make_private_folder, sync_folder

_DRAFTS: Final = "drafts"
_SMALL: Final = "small.sqlite"
_RESUMABLE: Final = "-"
"""In the name of each draft that can be resumed."""

_MAX_HASHES: Final = 1024
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
        self._hashes: dict[str, HashedPart] = {}
        self._small = SmallBlobs(directory / _SMALL)

    def write(self) -> LocalBlobWriter:
        """See `BlobStore.write`."""
        name = secrets.token_hex(8)
        with self._lock:
            self._open_drafts.add(name)
        return LocalBlobWriter(self, self._drafts / name)

    def put(self, contents: Mapping[str, bytes]) -> None:
        """See `BlobStore.put`."""
        small: dict[str, bytes] = {}
        large: list[str] = []
        for sha256, data in contents.items():
            if len(data) <= SMALL_BYTES:
                small[sha256] = data
                continue
            draft = self.write()
            try:
                draft.write(data)
                draft.seal()
                large.append(draft.keep().sha256)
            finally:
                draft.discard()
        self.sync(large)
        if small:
            self._small.put(small)

    def resume(self, name: str) -> ResumedBlobWriter:
        """See `BlobStore.resume`."""
        assert _RESUMABLE in name, "else `sweep` takes it for the draft of a killed process"
        with self._lock:
            if name in self._open_drafts:
                raise Unavailable("another request is sending this file: try again")
            self._open_drafts.add(name)
            known = self._hashes.pop(name, None)
        try:
            return ResumedBlobWriter(self, self._drafts / name, known, self._note_hash)
        except BaseException:
            self.close_draft(name)
            raise

    def n_drafted(self, name: str) -> int:
        """See `BlobStore.n_drafted`."""
        try:
            return (self._drafts / name).stat().st_size
        except FileNotFoundError:
            return 0

    def sync(self, blobs: Iterable[str]) -> None:
        """See `BlobStore.sync`."""
        for folder in {self.path(sha256).parent for sha256 in blobs}:
            if folder.exists():
                sync_folder(folder)

    def find(self, sha256: str) -> BlobInfo | None:
        """See `BlobStore.find`."""
        n_bytes = self._small.size(sha256)
        if n_bytes is not None:
            return BlobInfo(sha256, n_bytes)
        try:
            return BlobInfo(sha256, self.path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `BlobStore.read`."""
        content = self._small.read(sha256)
        if content is not None:
            part = content[start:stop]
            return iter([part] if part else [])
        try:
            fd = os.open(self.path(sha256), os.O_RDONLY)
        except FileNotFoundError:
            raise NotFound(f"no blob {sha256}") from None
        return FilePieces(os.fdopen(fd, "rb", buffering=0), start, stop)

    def copy_to(self, sha256: str, path: Path) -> int:
        """See `BlobStore.copy_to`."""
        source = self.path(sha256)
        content = self._small.read(sha256)
        with disk_faults(f"blob {sha256} can't be copied to {path}"):
            if content is not None:
                with path.open("xb") as writing:
                    writing.write(content)
                    writing.flush()
                    os.fsync(writing.fileno())
                return len(content)
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

    def remove(self, blobs: Iterable[str]) -> int:
        """See `BlobStore.remove`."""
        asked = list(blobs)
        n_bytes = self._small.remove(asked)
        for sha256 in asked:
            path = self.path(sha256)
            with contextlib.suppress(FileNotFoundError):
                size = path.stat().st_size
                path.unlink()
                n_bytes += size
        return n_bytes

    def list(self) -> Iterator[BlobInfo]:
        """See `BlobStore.list`."""
        both = heapq.merge(self._small.list(), self._files(), key=lambda info: info.sha256)
        # A restored backup has small blobs as files; one may have been stored again since.
        for _, some in itertools.groupby(both, key=lambda info: info.sha256):
            yield next(some)

    def _files(self) -> Iterator[BlobInfo]:
        for folder in sorted(self._directory.iterdir()):
            if len(folder.name) != 2 or not _HEX.issuperset(folder.name):
                continue
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    yield BlobInfo(path.name, path.stat().st_size)

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`."""
        n_bytes = 0
        due = time.time() - DRAFT_SECS
        for path in list(self._drafts.iterdir()):
            with self._lock, contextlib.suppress(FileNotFoundError):
                found = path.stat()
                if path.name in self._open_drafts or (
                    _RESUMABLE in path.name and found.st_mtime > due
                ):
                    continue
                n_bytes += found.st_size
                if not dry_run:
                    path.unlink()
        return n_bytes

    def close(self) -> None:
        """See `BlobStore.close`."""
        self._small.close()

    def path(self, sha256: str) -> Path:
        """The path of a blob, whether or not it exists."""
        return self._directory / sha256[:2] / sha256

    def close_draft(self, name: str) -> None:
        """See `Drafts.close_draft`."""
        with self._lock:
            self._open_drafts.discard(name)

    def keep_small(self, sha256: str, data: bytes) -> None:
        """See `Drafts.keep_small`."""
        self._small.put({sha256: data})

    def link_file(self, sha256: str, draft: Path) -> None:
        """See `Drafts.link_file`."""
        name = secrets.token_hex(8)
        copy = self._drafts / name
        with self._lock:
            self._open_drafts.add(name)
        try:
            try:
                os.link(draft, copy)
            except OSError:
                copy = draft
            self.keep_file(sha256, copy)
        finally:
            self.close_draft(name)

    def keep_file(self, sha256: str, draft: Path) -> None:
        """See `Drafts.keep_file`."""
        place = self.path(sha256)
        with disk_faults("the file can't be kept"):
            if not place.parent.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(place.parent.parent)
            # This also replaces an existing blob, which may have been damaged since.
            draft.replace(place)

    def _note_hash(self, name: str, part: HashedPart) -> None:
        with self._lock:
            if len(self._hashes) >= _MAX_HASHES:
                self._hashes.clear()
            self._hashes[name] = part
