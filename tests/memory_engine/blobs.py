"""The blob store's twin in memory, held to the same contract. No I/O but `copy_to`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from weft.errors import NotFound, Unavailable
from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo


class MemoryBlobStore:
    """`BlobStore` in a dict; it survives nothing.

    >>> store = MemoryBlobStore()
    >>> draft = store.write()
    >>> draft.write(b"weights")
    >>> draft.seal().n_bytes, store.find_blob(draft.keep().sha256).n_bytes
    (7, 7)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blobs: dict[str, bytes] = {}
        self._drafts: dict[str, bytes] = {}
        self._resumed: set[str] = set()

    has_room_for_drafts: ClassVar[bool] = True

    def write(self, n_bytes: int = 0) -> MemoryBlobWriter:
        """See `BlobStore.write`."""
        del n_bytes
        return MemoryBlobWriter(self)

    def put(self, contents: Mapping[str, bytes]) -> None:
        """See `BlobStore.put`."""
        with self._lock:
            self._blobs.update(contents)

    def resume(self, name: str) -> MemoryBlobWriter:
        """See `BlobStore.resume`."""
        with self._lock:
            if name in self._resumed:
                raise Unavailable("another request is sending this file")
            self._resumed.add(name)
            return MemoryBlobWriter(self, name, self._drafts.pop(name, b""))

    def drafted(self, names: Collection[str]) -> dict[str, int]:
        """See `BlobStore.drafted`."""
        return {name: len(self._drafts[name]) for name in names if name in self._drafts}

    def complete_draft(self, name: str, sha256: str) -> MemoryBlobWriter | None:
        """See `BlobStore.complete_draft`."""
        data = self._drafts.get(name)
        return None if data is None else MemoryBlobWriter(self, name, data)

    def leave(self, name: str, data: bytes | None) -> None:
        """Note that a draft is not being written, and what it has, if it can be resumed."""
        with self._lock:
            self._resumed.discard(name)
            if data is not None:
                self._drafts[name] = data

    def close(self) -> None:
        """See `BlobStore.close`."""

    def sync(self, blobs: Iterable[str]) -> None:
        """See `BlobStore.sync`; there is nothing that a name could be durable in."""

    def find_blob(self, sha256: str) -> BlobInfo | None:
        """See `BlobStore.find_blob`."""
        data = self._blobs.get(sha256)
        return None if data is None else BlobInfo(sha256, len(data))

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `BlobStore.read`."""
        data = self._content(sha256)[start:stop]
        return (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))

    def get(self, blobs: Sequence[str]) -> Iterator[bytes | None]:
        """See `BlobStore.get`."""
        return map(self._blobs.get, blobs)

    def link(self, sha256: str) -> None:
        """See `BlobStore.link`; memory has no address."""

    def copy_to(self, sha256: str, path: Path, *, is_passing: bool = False) -> int:
        """See `BlobStore.copy_to`."""
        with path.open("xb") as file:
            return file.write(self._content(sha256))

    def remove(self, blobs: Iterable[str]) -> int:
        """See `BlobStore.remove`."""
        with self._lock:
            return sum(len(self._blobs.pop(sha256, b"")) for sha256 in blobs)

    def list(self) -> Iterator[BlobInfo]:
        """See `BlobStore.list`."""
        with self._lock:
            infos = [BlobInfo(sha256, len(data)) for sha256, data in self._blobs.items()]
        return iter(sorted(infos, key=lambda info: info.sha256))

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`; what was not kept is gone with its writer."""
        return 0 * dry_run

    def _content(self, sha256: str) -> bytes:
        data = self._blobs.get(sha256)
        if data is None:
            raise NotFound(f"no blob {sha256}")
        return data


class MemoryBlobWriter:
    """`ResumableWriter` to a list of pieces; see there."""

    def __init__(self, store: MemoryBlobStore, name: str = "", data: bytes = b"") -> None:
        self._store = store
        self._name = name
        self._pieces = [data]
        self._is_ended = False

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
        self._store.put({info.sha256: b"".join(self._pieces)})
        if not self._name:
            self._end()
        return info

    def leave(self, name: str) -> None:
        """See `LeavableWriter.leave`."""
        self._store.leave(name, b"".join(self._pieces))
        self._is_ended = True

    @property
    def sha256(self) -> str:
        """See `ResumableWriter.sha256`."""
        return self.seal().sha256

    def suspend(self) -> None:
        """See `ResumableWriter.suspend`."""
        if not self._is_ended:
            self._store.leave(self._name, b"".join(self._pieces))
            self._is_ended = True

    def discard(self) -> None:
        """See `BlobWriter.discard`."""
        self._pieces.clear()
        self._end()

    def _end(self) -> None:
        if not self._is_ended:
            self._is_ended = True
            self._store.leave(self._name, None)
