"""Contents that several servers receive in pieces, each piece an object of their bucket. Does I/O.

    s3://bucket/prefix/drafts/<random>   a piece

A list that all servers share (`PieceList`) has the pieces of each draft in order. A piece is
received on the server's own disk; it becomes an object when its request ends, and is in the list
from then on. So any server continues a draft, and a server that is killed costs the client one
piece. S3 can add pieces up as parts of one object, but not hash them, and takes no part below
5 MB; so the last server reads the pieces once to hash them and once to store the content.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

from weft.errors import NotFound, Unavailable
from weft.server.storage.blobs.contract import DRAFT_SECS, PIECE_BYTES, BlobInfo
from weft.server.storage.blobs.draft_writers import write_all
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.blobs.s3_bucket import S3Bucket

PREFIX: Final = "drafts/"
_KEY: Final = re.compile(r"drafts/[0-9a-f]{32}", re.ASCII)


class Piece(NamedTuple):
    """Bytes `[start, start + n_bytes)` of a draft, which are the object `key`."""

    start: int
    n_bytes: int
    key: str


class PieceList(Protocol):
    """The pieces of all drafts of a bucket, as its servers see them."""

    def pieces(self, draft: str) -> list[Piece]:
        """The pieces of a draft, in order."""
        ...

    def add_piece(self, draft: str, piece: Piece) -> bool:
        """Add the next piece of a draft; False if other pieces came first, or were removed."""
        ...

    def remove(self, drafts: Iterable[str]) -> list[str]:
        """Remove drafts, and return the keys of their pieces."""
        ...

    def drafted(self, drafts: Collection[str]) -> dict[str, int]:
        """The bytes of those drafts that have pieces, by name."""
        ...

    def sizes(self) -> dict[str, int]:
        """The bytes of all drafts, by name."""
        ...

    def left(self, secs: float) -> dict[str, int]:
        """The bytes of the drafts that got no piece for a time, by name."""
        ...

    def keys(self) -> set[str]:
        """The keys of all pieces."""
        ...


KeepContent = Callable[[BlobInfo, Iterator[bytes]], None]
"""Stores a whole content as a blob, durably."""


@dataclass(eq=False)
class SharedDrafts:
    """The drafts of a bucket. Thread-safe.

    `new_file` gives a context with a path on the server's own disk, whose file is gone at its end.
    """

    _bucket: S3Bucket
    _pieces: PieceList
    _new_file: Callable[[], contextlib.AbstractContextManager[Path]]
    _keep: KeepContent

    def resume(self, name: str) -> SharedDraftWriter:
        """See `BlobStore.resume`; where two writers are at work, `suspend` fails for one."""
        return SharedDraftWriter(self._bucket, self._pieces, name, self._new_file(), self._keep)

    def drafted(self, names: Collection[str]) -> dict[str, int]:
        """See `BlobStore.drafted`."""
        return self._pieces.drafted(names) if names else {}

    def suspended(self) -> dict[str, int]:
        """See `BlobStore.suspended`."""
        return self._pieces.sizes()

    def remove(self, names: Iterable[str]) -> None:
        """See `BlobStore.remove_drafts`."""
        remove(self._bucket, self._pieces, names)

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`. Objects without a draft are of killed servers."""
        left = self._pieces.left(DRAFT_SECS)
        if not dry_run:
            self.remove(left)
        objects = {
            stored.key: stored.n_bytes
            for stored in self._bucket.list(PREFIX, older_secs=DRAFT_SECS)
            if _KEY.fullmatch(stored.key)
        }
        unlisted = objects.keys() - self._pieces.keys()
        if unlisted and not dry_run:
            self._bucket.delete([*unlisted])
        return sum(left.values()) + sum(objects[key] for key in unlisted)


class SharedDraftWriter:
    """`ResumableWriter` of one piece: a file of the server's own disk until it is suspended."""

    def __init__(
        self,
        bucket: S3Bucket,
        pieces: PieceList,
        name: str,
        file: contextlib.AbstractContextManager[Path],
        keep: KeepContent,
    ) -> None:
        self._bucket = bucket
        self._keep = keep
        self._list = pieces
        self._name = name
        self._pieces = pieces.pieces(name)
        self._n_before = sum(piece.n_bytes for piece in self._pieces)
        self._n_new = 0
        self._stack = contextlib.ExitStack()
        self._path = self._stack.enter_context(file)
        self._file: BinaryIO | None = None
        self._sha256: str | None = None
        self._is_ended = False

    @property
    def n_bytes(self) -> int:
        return self._n_before + self._n_new

    @property
    def sha256(self) -> str:
        if self._sha256 is None:
            digest = hashlib.sha256()
            for data in self._content():
                digest.update(data)
            self._sha256 = digest.hexdigest()
        return self._sha256

    def write(self, data: bytes | memoryview) -> None:
        with disk_faults("the file can't be written"):
            if self._file is None:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                fd = os.open(self._path, flags, 0o600)
                self._file = self._stack.enter_context(os.fdopen(fd, "w+b", buffering=0))
            # What a failed write left is written over.
            self._file.seek(self._n_new)
            write_all(self._file, data)
        self._n_new += len(data)
        self._sha256 = None

    def seal(self) -> BlobInfo:
        """See `BlobWriter.seal`; the piece that this server alone has is durable after `keep`."""
        return BlobInfo(self.sha256, self.n_bytes)

    def keep(self) -> BlobInfo:
        info = self.seal()
        self._keep(info, self._content())
        return info

    def suspend(self) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        with self._stack:
            if self._n_new:
                self._add_piece()

    def discard(self) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        with self._stack:
            # Without a byte here, all pieces are of other requests.
            if self.n_bytes:
                remove(self._bucket, self._list, [self._name])

    def _add_piece(self) -> None:
        key = f"{PREFIX}{secrets.token_hex(16)}"
        self._bucket.create_from(key, self._new_data(), self._n_new)
        if not self._list.add_piece(self._name, Piece(self._n_before, self._n_new, key)):
            with contextlib.suppress(Unavailable):  # `sweep` removes it later
                self._bucket.delete([key])
            raise Unavailable("another request is sending this file: try again")

    def _content(self) -> Iterator[bytes]:
        """The whole content; Unavailable if pieces were removed meanwhile."""
        for piece in self._pieces:
            try:
                yield from self._bucket.read(piece.key)
            except NotFound:
                raise Unavailable("another request has ended this file: try again") from None
        yield from self._new_data()

    def _new_data(self) -> Iterator[bytes]:
        if self._file is None:
            return
        self._file.seek(0)
        n_left = self._n_new
        while n_left:
            data = self._file.read(min(PIECE_BYTES, n_left))
            n_left -= len(data)
            yield data


def remove(bucket: S3Bucket, pieces: PieceList, names: Iterable[str]) -> None:
    """Remove drafts with their objects; `SharedDrafts.sweep` finds those that can't be deleted."""
    keys = pieces.remove(names)
    if keys:
        with contextlib.suppress(Unavailable):
            bucket.delete(keys)
