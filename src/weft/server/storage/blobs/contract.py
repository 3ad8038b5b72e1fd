"""The interface of blob stores, and the guarantees of every engine. Pure.

A blob is the content of a file, named by its SHA-256. A store does not know which blobs are still
needed: `services.stores.referenced_blobs` asks the metadata and decides what may be removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Protocol

PIECE_BYTES: Final = 1 << 20
"""The size of the pieces of a read, and roughly the best size for a write."""

DRAFT_SECS: Final = 86_400.0
"""The time after its last write for which a draft can be resumed."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """A blob of the store."""

    sha256: str
    n_bytes: int


class BlobWriter(Protocol):
    """A blob that is being written, by one thread at a time. `keep` or `discard` ends it."""

    @property
    def n_bytes(self) -> int:
        """The number of bytes written."""
        ...

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes.

        Raises:
            Unavailable: the disk is full or refuses the bytes.
        """
        ...

    def seal(self) -> BlobInfo:
        """Make what was written durable and return its hash and size. It is not a blob yet.

        May be repeated.

        Raises:
            Unavailable: the disk did not take all of it.
        """
        ...

    def keep(self) -> BlobInfo:
        """Add the sealed content to the store. `BlobStore.sync` makes its name durable.

        Raises:
            Unavailable: the store did not take it. It may be kept again.
        """
        ...

    def discard(self) -> None:
        """Delete what was written, unless it was kept. May be repeated."""
        ...


class LeavableWriter(BlobWriter, Protocol):
    """A blob that is written in one request. `leave` may end it, too."""

    def leave(self, name: str) -> None:
        """Leave the sealed content, larger than a small blob, for `BlobStore.complete_draft`.

        Raises:
            Unavailable: the disk refuses it.
        """
        ...


class ResumableWriter(BlobWriter, Protocol):
    """A blob that is written in several requests, which a kill of the server may separate.

    `keep` leaves the draft, so that a caller whose next step fails can suspend it and try again;
    `discard` removes it.
    """

    @property
    def sha256(self) -> str:
        """The hash of the bytes written."""
        ...

    def suspend(self) -> None:
        """Leave the bytes for `BlobStore.resume`, unless they were kept or discarded."""
        ...


class CompleteDraft(Protocol):
    """A whole content that is durable, and not a blob yet."""

    @property
    def n_bytes(self) -> int:
        """Its size."""
        ...

    def keep(self) -> BlobInfo:
        """See `BlobWriter.keep`."""
        ...


class BlobStore(Protocol):
    """Blobs by hash.

    Attributes:
        has_room_for_drafts: whether drafts are where the blobs will be, so they take no other
            space.

    Guarantees of every engine:
        BL1  Once `keep` returns, the blob survives a kill of the process, and after `sync` a
             power loss.
        BL2  A blob is there whole or not at all, also across a kill; its bytes are those that
             were written, and hash to its name.
        BL3  Content that is kept twice is stored once.
        BL4  A read that has begun continues to the end, whatever is removed meanwhile.
        BL5  `sweep` finds and removes what a killed process wrote and did not keep.
        BL6  Thread-safe: any method from any thread.
        BL7  Once `put` returns, all its blobs survive a power loss.
        BL8  What was written under a draft's name is there when it is resumed, also after a kill.
             If several servers share drafts, it is there from its `suspend` on, for all of them.
             A complete draft is there whole or not at all.
             `sweep` removes it only when it was not continued for `DRAFT_SECS`.
    """

    has_room_for_drafts: ClassVar[bool]

    def write(self, n_bytes: int = 0) -> LeavableWriter:
        """Begin a blob.

        Args:
            n_bytes: its size, if it is known. A large one is not held in memory at first.

        Raises:
            Unavailable: the disk can't be written.
        """
        ...

    def put(self, contents: Mapping[str, bytes | memoryview]) -> None:
        """Add several contents, by their SHA-256. Many small ones cost little more than one.

        Raises:
            Unavailable: the disk is full or refuses the bytes; some blobs may be in the store.
        """
        ...

    def resume(self, name: str) -> ResumableWriter:
        """Continue the draft of a name, or begin it. One writer at a time.

        Raises:
            Unavailable: another writer has the draft, or the disk can't be written. If several
                servers share drafts, `suspend` raises it for one of two writers.
        """
        ...

    def drafted(self, names: Collection[str]) -> dict[str, int]:
        """The bytes of those drafts that are there, by name."""
        ...

    def complete_draft(self, name: str, sha256: str) -> CompleteDraft | None:
        """The content that `LeavableWriter.leave` left under a name, or None.

        `suspended`, `remove_drafts` and `sweep` treat it as a draft to be resumed.

        Args:
            sha256: its hash.
        """
        ...

    def suspended(self) -> dict[str, int]:
        """The bytes of each draft that waits to be resumed or kept, by name."""
        ...

    def remove_drafts(self, names: Iterable[str]) -> None:
        """Remove those drafts that are there and that no writer has."""
        ...

    def sync(self, blobs: Iterable[str]) -> None:
        """Make the names of kept blobs durable. Many at once cost little more than one."""
        ...

    def find_blob(self, sha256: str) -> BlobInfo | None:
        """A blob's hash and size. None if the blob is not in the store."""
        ...

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Read bytes `[start, stop)` of a blob in pieces. It is already open when this returns.

        Raises:
            NotFound: no such blob.
        """
        ...

    def get(self, blobs: Sequence[str]) -> Iterator[bytes | None]:
        """The contents of small blobs, in this order; None for each that is not in the store.

        Many at once cost little more than one.
        """
        ...

    def link(self, sha256: str) -> str | None:
        """An address from which anyone can download a blob for an hour, ranges of it too.

        None if the store has no such addresses. The blob may be missing.
        """
        ...

    def copy_to(self, sha256: str, path: Path, *, is_passing: bool = False) -> int:
        """Copy or hard-link a blob to a free path, and return the bytes written, 0 for a link.

        The content is durable when this returns, its name in the folder not yet.

        Args:
            is_passing: the copy is read now and then deleted. It need not be durable, and may be
                made again soon.

        Raises:
            NotFound: no such blob.
            Unavailable: the blob can't be read, or the path can't be written.
        """
        ...

    def remove(self, blobs: Iterable[str]) -> int:
        """Remove those blobs that are there, and return the bytes that this freed."""
        ...

    def list(self) -> Iterator[BlobInfo]:
        """All blobs, by name. Blobs that are added or removed meanwhile may be missing or not."""
        ...

    def sweep(self, *, dry_run: bool = False) -> int:
        """Remove what was begun and never kept, and return how many bytes that is.

        What is being written at the moment stays, and so do drafts that may still be resumed.

        Args:
            dry_run: count the bytes, but remove nothing.
        """
        ...

    def close(self) -> None:
        """Close the store. No other method is running or called later."""
        ...
