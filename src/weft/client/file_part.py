"""A file, or a part of one, as the body of a request: read while it is sent. Does I/O."""

from __future__ import annotations

import os
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
