"""Requests that send contents of files: several contents together, or a piece of a large one.

`contents` decides what is sent in which order, and what an answer means.
"""

from __future__ import annotations

from io import BufferedIOBase, RawIOBase
from typing import Final, NamedTuple

from weft.client.file_part import FilePart, JoinedParts
from weft.wire.files.contents import MAX_CONTENTS, LackedContent

MOST_HELD_BYTES: Final = 4 << 20
"""Most bytes of a request that this process holds in memory: contents of up to `HELD_BYTES`."""

HELD_BYTES: Final = 256 << 10
"""Larger contents are read while they are sent."""

MOST_OPEN_FILES: Final = 16
"""Most files that are open for one request."""

_PER_CONTENT_BYTES: Final = 16
"""More than msgpack adds to a content."""

_ARRAY: Final = b"\xdd"
_BINARY: Final = b"\xc6"
"""The first bytes of an array and of a binary in msgpack; four bytes with their length follow."""


class Batch(NamedTuple):
    """A request with several contents, a msgpack array of binaries.

    `parts` are those that are read while they are sent; None for each other one.
    """

    lacked: list[LackedContent]
    parts: list[FilePart | None]
    body: JoinedParts

    @property
    def n_bytes(self) -> int:
        return self.body.n_bytes

    def has_fault(self) -> bool:
        """Whether a file could not be read to the end of its content."""
        return any(part is not None and part.fault is not None for part in self.parts)


class BatchBuilder:
    """Puts the contents of a request together. Its first one may exceed `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._n_bytes = 0
        self._n_held_bytes = 0
        self._lacked: list[LackedContent] = []
        self._parts: list[FilePart | None] = []
        self._body: list[bytes | FilePart] = []
        self._held: list[bytes] = []
        self._files: dict[str, RawIOBase | BufferedIOBase] = {}

    def has_room_for(self, lacked: LackedContent) -> bool:
        """Whether a content can be added within the limits of a request."""
        if not self._lacked:
            return True
        if len(self._lacked) == MAX_CONTENTS or self._n_bytes + lacked.n_bytes > self._most_bytes:
            return False
        if lacked.n_bytes <= HELD_BYTES:
            return self._n_held_bytes + lacked.n_bytes <= MOST_HELD_BYTES
        return lacked.path in self._files or len(self._files) < MOST_OPEN_FILES

    def file_of(self, lacked: LackedContent) -> RawIOBase | BufferedIOBase | None:
        """The file of a content, if another content of it is in the request already."""
        return self._files.get(lacked.path)

    def add_bytes(self, lacked: LackedContent, content: bytes) -> None:
        """Add a content that was read."""
        self._begin(lacked, len(content), None)
        self._held.append(content)
        self._n_held_bytes += len(content)

    def add_part(self, lacked: LackedContent, part: FilePart) -> None:
        """Add a content that is read while it is sent, of a file that the request closes."""
        self._begin(lacked, part.n_bytes, part)
        self._files[lacked.path] = part.file
        self._flush()
        self._body.append(part)

    def _begin(self, lacked: LackedContent, n_bytes: int, part: FilePart | None) -> None:
        self._lacked.append(lacked)
        self._parts.append(part)
        self._n_bytes += n_bytes + _PER_CONTENT_BYTES
        self._held.append(_BINARY + n_bytes.to_bytes(4, "big"))

    def build(self) -> Batch:
        """Return the request. Nothing is added later."""
        self._flush()
        n_contents = len(self._lacked).to_bytes(4, "big")
        body = JoinedParts([_ARRAY + n_contents, *self._body])
        return Batch(self._lacked, self._parts, body)

    def _flush(self) -> None:
        if self._held:
            self._body.append(b"".join(self._held))
            self._held.clear()


class Piece(NamedTuple):
    """A request with the next bytes of a content."""

    lacked: LackedContent
    body: FilePart

    @property
    def n_bytes(self) -> int:
        return self.body.n_bytes
