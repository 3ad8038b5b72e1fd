"""Reads a range of an open file in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

_PIECE_BYTES: Final = 1 << 20


class FilePieces:
    """The bytes `[start, stop)` of a file, which is closed at the end or with the object."""

    def __init__(self, file: BinaryIO, start: int, stop: int | None) -> None:
        self._file = file
        self._file.seek(start)
        self._left = None if stop is None else max(stop - start, 0)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        size = _PIECE_BYTES if self._left is None else min(_PIECE_BYTES, self._left)
        piece = b"" if self._file.closed or not size else self._file.read(size)
        if not piece:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __del__(self) -> None:
        self.close()
