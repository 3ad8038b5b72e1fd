"""Writers of drafts: contents that are being written to the server's own disk. Does I/O.

`drafts` makes them. What they wrote goes to the engine once it is complete and its hash is known.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.blobs.small import SMALL_BYTES

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


class Digest(Protocol):
    """A hash that is being computed."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Add bytes."""
        ...

    def hexdigest(self) -> str:
        """The hash of the bytes added."""
        ...


class HashedPart(NamedTuple):
    """The hash of the first bytes of a content."""

    digest: Digest
    n_bytes: int


class Keeper(Protocol):
    """The engine that takes complete contents. All of its methods return once they are durable."""

    def keep_small(self, sha256: str, data: bytes) -> None:
        """Add a small blob."""
        ...

    def keep_file(self, sha256: str, draft: Path) -> None:
        """Turn a draft's file, which is durable, into a blob. The file is gone afterwards."""
        ...

    def link_file(self, sha256: str, draft: Path) -> None:
        """Like `keep_file`, but the draft stays, if the engine can leave it."""
        ...


class DraftWriter:
    """`BlobWriter` to memory while the content is small, then to a file, unless `n_bytes` shows
    that it will be large. `close` is called with the file's name when the draft is no longer
    being written.
    """

    def __init__(
        self, keeper: Keeper, path: Path, close: Callable[[str], None], n_bytes: int = 0
    ) -> None:
        self._keeper = keeper
        self._path = path
        self._close = close
        self._is_small = n_bytes <= SMALL_BYTES
        self._small = bytearray()
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._n_bytes = 0
        self._sealed: BlobInfo | None = None

    @property
    def n_bytes(self) -> int:
        return self._n_bytes

    def write(self, data: bytes | memoryview) -> None:
        self._is_small = self._is_small and self._n_bytes + len(data) <= SMALL_BYTES
        if self._is_small:
            self._small += data
        else:
            with disk_faults("the file can't be written"):
                if self._file is None:
                    self._file = _opened(self._path, os.O_EXCL)
                    write_all(self._file, bytes(self._small))
                    self._small.clear()
                write_all(self._file, data)
        self._hash.update(data)
        self._n_bytes += len(data)

    def seal(self) -> BlobInfo:
        if self._sealed is None:
            if self._file is not None:
                with disk_faults("the file can't be written"):
                    os.fsync(self._file.fileno())
                    self._file.close()
            self._sealed = BlobInfo(self._hash.hexdigest(), self._n_bytes)
        return self._sealed

    def keep(self) -> BlobInfo:
        info = self._sealed
        assert info is not None, "it was sealed"
        if self._file is None:
            self._keeper.keep_small(info.sha256, bytes(self._small))
        else:
            self._keeper.keep_file(info.sha256, self._path)
        self._close(self._path.name)
        return info

    def leave(self, name: str) -> None:
        assert self._sealed is not None, "it was sealed"
        assert self._file is not None, "it is large"
        with disk_faults("the file can't be left"):
            self._path.replace(self._path.with_name(name))
        self._close(self._path.name)

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
        self._close(self._path.name)


class LeftDraft:
    """`CompleteDraft` in a file; FileNotFoundError if it is missing."""

    def __init__(self, keeper: Keeper, path: Path, sha256: str) -> None:
        self._keeper = keeper
        self._path = path
        self._info = BlobInfo(sha256, path.stat().st_size)

    @property
    def n_bytes(self) -> int:
        return self._info.n_bytes

    def keep(self) -> BlobInfo:
        self._keeper.keep_file(self._info.sha256, self._path)
        return self._info


class ResumedDraftWriter:
    """`ResumableWriter` to a file that stays until it is kept, discarded or swept.

    If `known`, its hash and size, is None, the file is read. `close` is called with the file's
    name when it is no longer being written, and with hash and size if it is left to be resumed and
    they are known.
    """

    def __init__(
        self,
        keeper: Keeper,
        path: Path,
        hashed: HashedPart | None,
        close: Callable[[str, HashedPart | None], None],
    ) -> None:
        self._keeper = keeper
        self._path = path
        self._close = close
        self._is_well = True
        self._is_ended = False
        with disk_faults("the file can't be continued"):
            self._file = _opened(path, os.O_APPEND)
            self._n_bytes = os.fstat(self._file.fileno()).st_size
            if hashed is not None and hashed.n_bytes == self._n_bytes:
                self._hash = hashed.digest
            else:
                self._hash = _hash_of(path)

    @property
    def n_bytes(self) -> int:
        return self._n_bytes

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes | memoryview) -> None:
        self._is_well = False
        with disk_faults("the file can't be written"):
            write_all(self._file, data)
        self._is_well = True
        self._hash.update(data)
        self._n_bytes += len(data)

    def seal(self) -> BlobInfo:
        if not self._file.closed:
            with disk_faults("the file can't be written"):
                os.fsync(self._file.fileno())
                self._file.close()
        return BlobInfo(self.sha256, self._n_bytes)

    def keep(self) -> BlobInfo:
        self._keeper.link_file(self.sha256, self._path)
        return BlobInfo(self.sha256, self._n_bytes)

    def suspend(self) -> None:
        self._file.close()
        # After a fault, only the file itself says how much of the last piece it took.
        self._end(HashedPart(self._hash, self._n_bytes) if self._is_well else None)

    def discard(self) -> None:
        if not self._is_ended:
            self._file.close()
            self._path.unlink(missing_ok=True)
        self._end(None)

    def _end(self, part: HashedPart | None) -> None:
        # Another request may have the draft already.
        if not self._is_ended:
            self._is_ended = True
            self._close(self._path.name, part)


def _opened(path: Path, flags: int) -> BinaryIO:
    return os.fdopen(os.open(path, _FLAGS | flags, 0o600), "wb", buffering=0)


def write_all(file: BinaryIO, data: bytes | memoryview) -> None:
    """Write to an unbuffered file, which may take only a part at a time."""
    unwritten = memoryview(data)
    while unwritten:
        unwritten = unwritten[file.write(unwritten) or 0 :]


def _hash_of(path: Path) -> Digest:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    return digest
