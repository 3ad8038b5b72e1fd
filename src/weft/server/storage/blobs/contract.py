"""What the services may ask of a blob store, and what every engine guarantees. Pure.

A blob is the content of a file, named by its SHA-256. Which blobs are wanted is not known here:
`services.stores.kept_blobs` asks metadata, and says what may go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

PIECE_BYTES: Final = 1 << 20
"""What a read yields at a time, and about what a write is best given."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """A blob that is kept."""

    sha256: str
    n_bytes: int


class BlobWriter(Protocol):
    """A blob in the making. One thread at a time; `keep` or `discard` ends it."""

    @property
    def n_bytes(self) -> int:
        """Bytes written so far."""
        ...

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            Unavailable: the disk takes no more.
        """
        ...

    def seal(self) -> BlobInfo:
        """Make what was written durable and say what it is; it is not a blob yet.

        May be repeated.

        Raises:
            Unavailable: the disk took not all of it.
        """
        ...

    def keep(self) -> BlobInfo:
        """Make it a blob of the store, after `seal`; `BlobStore.sync` makes its name durable."""
        ...

    def discard(self) -> None:
        """Throw away what was written, unless it was kept. May be repeated."""
        ...


class BlobStore(Protocol):
    """Blobs by hash.

    Guarantees of every engine:
        BL1  What `keep` returned for survives a kill of the process, and after `sync` a loss of
             power.
        BL2  A blob is there whole or not at all, also across a kill; its bytes are those that
             were written, and hash to its name.
        BL3  The same content kept twice lies there once.
        BL4  A read that has begun goes on to the end, whatever is removed meanwhile.
        BL5  What a killed process wrote and did not keep is found, and removed, by `sweep`.
        BL6  Thread-safe: any method from any thread.
    """

    def write(self) -> BlobWriter:
        """Begin a blob.

        Raises:
            Unavailable: nothing can be written.
        """
        ...

    def sync(self, blobs: Iterable[str]) -> None:
        """Make the names of kept blobs durable; many at once cost little more than one."""
        ...

    def find(self, sha256: str) -> BlobInfo | None:
        """A blob; None = it is not there."""
        ...

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Open a blob; bytes `[start, stop)` in pieces. It is open when this returns.

        Raises:
            NotFound: it is not there.
        """
        ...

    def copy_to(self, sha256: str, path: Path) -> int:
        """Put a blob at a path where nothing is; the bytes that this cost, 0 for a hard link.

        Durable when it returns, but for the name in its folder.

        Raises:
            NotFound: it is not there.
            Unavailable: it can't be read, or the path not be written.
        """
        ...

    def remove(self, sha256: str) -> int:
        """Remove a blob; the bytes that were given back, 0 = it was not there."""
        ...

    def list(self) -> Iterator[BlobInfo]:
        """All blobs, in order of their names; of those that come or go meanwhile any."""
        ...

    def sweep(self, *, dry_run: bool = False) -> int:
        """Remove what was begun and never kept, save what is being written now; its bytes."""
        ...
