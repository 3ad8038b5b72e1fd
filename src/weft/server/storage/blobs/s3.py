"""Blobs as objects of an S3 bucket, and what is being written on the server's own disk. Does I/O.

    s3://bucket/prefix/
      ab/ab12…ef      a blob, named by its SHA-256; never written again
      drafts/         pieces of contents, if several servers receive them: see `shared_drafts`
      owner.json      the server whose files these are: see `opening`
    DATA/blobs/
      drafts/         what is being written: see `drafts`
      copies/         what is read again and again: see `copies`

An object appears whole or not at all, and S3 answers a write once it is durable. The reasons for
the drafts on disk are in docs/decisions/0036.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import ClassVar, Final

from weft.errors import NotFound, Unavailable
from weft.runlog.private_files import make_private_folder
from weft.server.storage.blobs.contract import BlobInfo
from weft.server.storage.blobs.copies import Copies
from weft.server.storage.blobs.drafts import Drafts, DraftsOfStore
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.blobs.s3_bucket import PART_BYTES, S3Bucket
from weft.server.storage.blobs.shared_drafts import PieceList, SharedDrafts

_REQUESTS_AT_ONCE: Final = 32
"""For many small blobs: a request to S3 takes tens of milliseconds, most of them waiting."""

_LARGE_AT_ONCE: Final = 4
"""Uploads in parts. Each holds a few parts in memory."""

_WAIT_SECS: Final = 5
"""The longest wait of an upload in parts for its turn, in a thread of the server."""

_LINK_SECS: Final = 3600
_EMPTY: Final = hashlib.sha256().hexdigest()
_KEY: Final = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})", re.ASCII)


class S3BlobStore(DraftsOfStore):
    """`BlobStore` in a bucket, with a folder on the server's own disk.

    If `gives_links`, `link` returns addresses. With `pieces`, other servers continue its drafts.
    """

    has_room_for_drafts: ClassVar[bool] = False

    def __init__(
        self,
        bucket: S3Bucket,
        folder: Path,
        *,
        gives_links: bool = False,
        pieces: PieceList | None = None,
    ) -> None:
        self._bucket = bucket
        self._gives_links = gives_links
        make_private_folder(folder)
        self._drafts = Drafts(folder / "drafts", self)
        if pieces is not None:
            self._shared_drafts = SharedDrafts(bucket, pieces, self._drafts.another, self._keep)
        self._copies = Copies(folder / "copies")
        self._pool = ThreadPoolExecutor(_REQUESTS_AT_ONCE, "weft-s3")
        self._large = threading.Semaphore(_LARGE_AT_ONCE)

    def put(self, contents: Mapping[str, bytes | memoryview]) -> None:
        begun = [
            self._pool.submit(self.keep_small, sha256, bytes(data))
            for sha256, data in contents.items()
        ]
        wait(begun)  # all, so that none is stored after the caller got a fault
        for upload in begun:
            upload.result()

    def sync(self, blobs: Iterable[str]) -> None:
        """See `BlobStore.sync`; a bucket's names are durable with its contents."""

    def find_blob(self, sha256: str) -> BlobInfo | None:
        n_bytes = self._bucket.size(_key(sha256))
        return None if n_bytes is None else BlobInfo(sha256, n_bytes)

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        if start or stop == 0 or sha256 == _EMPTY:
            # S3 refuses a range that begins at the end of the object or after it.
            blob = self.find_blob(sha256)
            if blob is None:
                raise NotFound(f"no blob {sha256}")
            stop = blob.n_bytes if stop is None else min(stop, blob.n_bytes)
            if start >= stop:
                return iter(())
        return self._bucket.read(_key(sha256), start, stop)

    def get(self, blobs: Sequence[str]) -> Iterator[bytes | None]:
        return self._pool.map(self._bucket.get, map(_key, blobs))

    def copy_to(self, sha256: str, path: Path, *, is_passing: bool = False) -> int:
        if not is_passing:
            return self._download(sha256, path)
        with disk_faults(f"blob {sha256} can't be copied to {path}"):
            if self._copies.copy_to(sha256, path):
                return 0
            with self._drafts.another() as draft:
                n_bytes = self._download(sha256, draft)
                self._copies.add(sha256, draft)
            if not self._copies.copy_to(sha256, path):
                return self._download(sha256, path)
        return n_bytes

    def _download(self, sha256: str, path: Path) -> int:
        pieces = self._bucket.read(_key(sha256))
        with disk_faults(f"blob {sha256} can't be copied to {path}"), path.open("xb") as writing:
            for piece in pieces:
                writing.write(piece)
            writing.flush()
            os.fsync(writing.fileno())
            return writing.tell()

    def remove(self, blobs: Iterable[str]) -> int:
        hashes = list(blobs)
        self._copies.remove(hashes)
        keys = [_key(sha256) for sha256 in hashes]
        sizes = zip(keys, self._pool.map(self._bucket.size, keys), strict=True)
        sizes_ = {key: n_bytes for key, n_bytes in sizes if n_bytes is not None}
        if sizes_:
            self._bucket.delete([*sizes_])
        return sum(sizes_.values())

    def list(self) -> Iterator[BlobInfo]:
        for stored in self._bucket.list():
            match = _KEY.fullmatch(stored.key)
            if match is not None:
                yield BlobInfo(match[1], stored.n_bytes)

    def link(self, sha256: str) -> str | None:
        return self._bucket.signed(_key(sha256), _LINK_SECS) if self._gives_links else None

    def close(self) -> None:
        self._pool.shutdown()

    def keep_small(self, sha256: str, data: bytes) -> None:
        # An existing object has the same content: an object is never written over.
        self._bucket.create(_key(sha256), data)

    def link_file(self, sha256: str, draft: Path) -> None:
        key = _key(sha256)
        with disk_faults("the file can't be kept"):
            n_bytes = draft.stat().st_size
        if n_bytes <= PART_BYTES:
            self._bucket.create(key, draft)
            return
        with self._turn_of_large():
            self._bucket.create_in_parts(key, draft)

    def keep_file(self, sha256: str, draft: Path) -> None:
        self.link_file(sha256, draft)
        draft.unlink(missing_ok=True)

    def _keep(self, info: BlobInfo, content: Iterator[bytes]) -> None:
        """Store a content that is read in pieces."""
        with self._turn_of_large() if info.n_bytes > PART_BYTES else contextlib.nullcontext():
            self._bucket.create_from(_key(info.sha256), content, info.n_bytes)

    @contextlib.contextmanager
    def _turn_of_large(self) -> Generator[None]:
        if not self._large.acquire(timeout=_WAIT_SECS):
            raise Unavailable("other large files are being stored: try again")
        try:
            yield
        finally:
            self._large.release()


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
