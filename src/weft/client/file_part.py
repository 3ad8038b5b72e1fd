"""Bodies of requests that are read from files while they are sent. Does I/O."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO


class FilePart:
    """Some bytes of an open file.

    Attributes:
        n_bytes: how many they are.
        fault: why they can't be read to their end; None as long as they can. The request fails.

    Args:
        file: closed by `close`.
        start: where they begin.

    >>> import io
    >>> part = FilePart(io.BytesIO(b"weights"), 1, 3)
    >>> part.read(2), part.read(2), part.read(2)
    (b'ei', b'g', b'')
    """

    def __init__(self, file: BinaryIO, start: int, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        self.fault: str | None = None
        self._file = file
        self._start = start
        self._n_left = n_bytes
        self.seek(0)

    @classmethod
    def whole(cls, file: BinaryIO) -> FilePart:
        """All bytes that a file has now."""
        return cls(file, 0, os.fstat(file.fileno()).st_size)

    def seek(self, position: int) -> None:
        """Read on from a position in the part."""
        self.fault = None
        self._file.seek(self._start + position)
        self._n_left = self.n_bytes - position

    def read(self, n_bytes: int = -1, /) -> bytes:
        """Read at most so many bytes, or all if negative; none at the end.

        Raises:
            OSError: the file is shorter by now, or can't be read; see `fault`.
        """
        if not self._n_left:
            return b""
        try:
            wanted = self._n_left if n_bytes < 0 else min(n_bytes, self._n_left)
            data = self._file.read(wanted)
        except OSError as error:
            self.fault = (error.strerror or str(error)).lower()
            raise
        if not data:
            self.fault = "it was cut while it was being sent"
            raise OSError(self.fault)
        self._n_left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


class JoinedParts:
    """Bytes and parts of files, one after the other, as one body.

    Attributes:
        n_bytes: the length of all together.

    Args:
        parts: in order. Several may be of one open file; `close` closes their files.

    >>> import io
    >>> body = JoinedParts([b"<", FilePart(io.BytesIO(b"weights"), 1, 3), b">"])
    >>> body.n_bytes, body.read(2), body.read(9), body.read(9), body.read(9)
    (5, b'<', b'eig', b'>', b'')
    """

    def __init__(self, parts: Sequence[bytes | FilePart]) -> None:
        self.n_bytes = sum(map(_length, parts))
        self._parts = parts
        self._next = 0
        self._current: FilePart | None = None

    def seek(self, position: int) -> None:
        """Read again from the beginning, the only position that a request goes back to."""
        assert position == 0, "a request is repeated as a whole"
        self._next = 0
        self._current = None

    def read(self, n_bytes: int = -1, /) -> bytes:
        """Read from the next part that has bytes left: at most `n_bytes` of a file's.

        Other bytes are returned whole, since they are in memory already. b"" at the end.

        Raises:
            OSError: a file is shorter by now, or can't be read; see `FilePart.fault`.
        """
        while True:
            if self._current is not None and (data := self._current.read(n_bytes)):
                return data
            if self._next == len(self._parts):
                return b""
            part = self._parts[self._next]
            self._next += 1
            if isinstance(part, bytes):
                self._current = None
                return part
            part.seek(0)  # the part before may have moved on in the same file
            self._current = part

    def close(self) -> None:
        for part in self._parts:
            if isinstance(part, FilePart):
                part.close()


def _length(part: bytes | FilePart) -> int:
    return len(part) if isinstance(part, bytes) else part.n_bytes
