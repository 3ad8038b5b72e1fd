"""Bodies of requests that are read from files while they are sent. Does I/O."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Generator, Sequence
from io import BufferedIOBase, RawIOBase
from typing import Final

_PIECE_BYTES: Final = 256 * 1024
"""The bytes of a file that are read and sent at once: they stay in a core's cache in between."""


_CUT: Final = "it was cut while it was being sent"

_FILE_FAULTS: Final = frozenset({errno.EIO, errno.ESTALE})
"""Errors of files that connections don't have."""


class FilePart:
    """Some bytes, from `start` on, of an open file, which `close` closes.

    `fault` is why they can't be read to their end. The request fails then.

    >>> import io
    >>> part = FilePart(io.BytesIO(b"weights"), 1, 3)
    >>> [bytes(piece) for piece in part.pieces()]
    [b'eig']
    """

    def __init__(self, file: RawIOBase | BufferedIOBase, start: int, n_bytes: int) -> None:
        self.file = file
        self.n_bytes = n_bytes
        self.fault: str | None = None
        self._start = start

    @classmethod
    def whole(cls, file: RawIOBase | BufferedIOBase) -> FilePart:
        """All bytes that a file has now."""
        return cls(file, 0, os.fstat(file.fileno()).st_size)

    def pieces(self, memory: bytearray | None = None) -> Generator[memoryview]:
        """Read the bytes from the first one on, into `memory` if it is there.

        Each piece is valid until the next is read. OSError if the file is shorter by now, or can't
        be read; see `fault`.
        """
        self.fault = None
        n_left = self.n_bytes
        if memory is None:
            memory = bytearray(min(n_left, _PIECE_BYTES))
        view = memoryview(memory)
        self.file.seek(self._start)
        while n_left:
            try:
                n_bytes = self.file.readinto(view[:n_left])
            except OSError as error:
                self.fault = (error.strerror or str(error)).lower()
                raise
            if not n_bytes:
                self.fault = _CUT
                raise OSError(self.fault)
            n_left -= n_bytes
            yield view[:n_bytes]

    def send(self, connection: socket.socket) -> None:
        """Have the system send the bytes, so that they are not copied to this process.

        OSError as `pieces`; or if the connection is lost or too slow.
        """
        self.fault = None
        if not self.n_bytes:
            return
        try:
            n_bytes = connection.sendfile(self.file, self._start, self.n_bytes)
        except OSError as error:
            if error.errno in _FILE_FAULTS:
                self.fault = (error.strerror or str(error)).lower()
            raise
        if n_bytes < self.n_bytes:
            self.fault = _CUT
            raise OSError(self.fault)

    def close(self) -> None:
        self.file.close()


class JoinedParts:
    """Bytes and parts of files, one after the other, as one body.

    Several parts may be of one open file; `close` closes their files.

    >>> import io
    >>> body = JoinedParts([b"<", FilePart(io.BytesIO(b"weights"), 1, 3), b">"])
    >>> body.n_bytes, [bytes(piece) for piece in body.pieces()]
    (5, [b'<', b'eig', b'>'])
    """

    def __init__(self, parts: Sequence[bytes | FilePart]) -> None:
        self.n_bytes = sum(map(_length, parts))
        self._parts = parts

    def pieces(self) -> Generator[bytes | memoryview]:
        """Read all from the first byte on; see `FilePart.pieces`."""
        lengths = (part.n_bytes for part in self._parts if isinstance(part, FilePart))
        memory = bytearray(min(max(lengths, default=0), _PIECE_BYTES))
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.pieces(memory)

    def send(self, connection: socket.socket) -> None:
        """Send all from the first byte on; see `FilePart.send`."""
        for part in self._parts:
            if isinstance(part, bytes):
                connection.sendall(part)
            else:
                part.send(connection)

    def close(self) -> None:
        for part in self._parts:
            if isinstance(part, FilePart):
                part.close()


def _length(part: bytes | FilePart) -> int:
    return len(part) if isinstance(part, bytes) else part.n_bytes
