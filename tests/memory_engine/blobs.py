"""The blob store's twin in memory, held to the same contract. No I/O but `copy_to`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from weft.errors import NotFound
from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo


class MemoryBlobStore:
    """`BlobStore` in a dict; it survives nothing.

    >>> store = MemoryBlobStore()
    >>> draft = store.write()
    >>> draft.write(b"weights")
    >>> draft.seal().n_bytes, store.find(draft.keep().sha256).n_bytes
    (7, 7)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: dict[str, bytes] = {}

    def write(self) -> MemoryBlobWriter:
        """See `BlobStore.write`."""
        return MemoryBlobWriter(self)

    def sync(self, blobs: Iterable[str]) -> None:
        """See `BlobStore.sync`; there is nothing that a name could be durable in."""

    def find(self, sha256: str) -> BlobInfo | None:
        """See `BlobStore.find`."""
        data = self._blobs.get(sha256)
        return None if data is None else BlobInfo(sha256, len(data))

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `BlobStore.read`."""
        data = self._content(sha256)[start:stop]
        return (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))

    def copy_to(self, sha256: str, path: Path) -> int:
        """See `BlobStore.copy_to`."""
        with path.open("xb") as file:
            return file.write(self._content(sha256))

    def remove(self, sha256: str) -> int:
        """See `BlobStore.remove`."""
        with self._lock:
            return len(self._blobs.pop(sha256, b""))

    def list(self) -> Iterator[BlobInfo]:
        """See `BlobStore.list`."""
        with self._lock:
            found = [BlobInfo(sha256, len(data)) for sha256, data in self._blobs.items()]
        return iter(sorted(found, key=lambda info: info.sha256))

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`; what was not kept is gone with its writer."""
        return 0 * dry_run

    def put(self, info: BlobInfo, data: bytes) -> None:
        """Keep what a writer has sealed."""
        with self._lock:
            self._blobs[info.sha256] = data

    def _content(self, sha256: str) -> bytes:
        data = self._blobs.get(sha256)
        if data is None:
            raise NotFound(f"no blob {sha256}")
        return data


class MemoryBlobWriter:
    """`BlobWriter` to a list of pieces; see there."""

    def __init__(self, store: MemoryBlobStore) -> None:
        self._store = store
        self._pieces: list[bytes] = []

    @property
    def n_bytes(self) -> int:
        """See `BlobWriter.n_bytes`."""
        return sum(map(len, self._pieces))

    def write(self, data: bytes) -> None:
        """See `BlobWriter.write`."""
        self._pieces.append(bytes(data))

    def seal(self) -> BlobInfo:
        """See `BlobWriter.seal`."""
        data = b"".join(self._pieces)
        return BlobInfo(hashlib.sha256(data).hexdigest(), len(data))

    def keep(self) -> BlobInfo:
        """See `BlobWriter.keep`."""
        info = self.seal()
        self._store.put(info, b"".join(self._pieces))
        return info

    def discard(self) -> None:
        """See `BlobWriter.discard`."""
        self._pieces.clear()
