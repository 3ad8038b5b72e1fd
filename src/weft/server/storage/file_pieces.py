"""Reads a range of an open file in pieces, or has the system send it to a socket."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from weft.errors import Unavailable

_PIECE_BYTES: Final = 1 << 20


class FilePieces:
    """The bytes `[start, stop)` of a file, which is closed at the end or with the object.

    `n_left` are still to be read or sent. Without `stop`, they end where the file ends now.
    """

    def __init__(self, file: BinaryIO, start: int, stop: int | None) -> None:
        self._file = file
        self._file.seek(start)
        self.n_left = max((os.fstat(file.fileno()).st_size if stop is None else stop) - start, 0)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        n_wanted = min(_PIECE_BYTES, self.n_left)
        piece = b"" if self._file.closed or not n_wanted else self._file.read(n_wanted)
        if not piece:
            self.close()
            raise StopIteration
        self.n_left -= len(piece)
        return piece

    def send_to(self, descriptor: int, most_bytes: int) -> int:
        """Send the next bytes to a socket without reading them into this process. Only on POSIX.

        Returns how many bytes the socket took; 0 at the end, also of a file that became shorter.
        BlockingIOError if it takes nothing now.
        """
        n_wanted = min(most_bytes, self.n_left)
        if not n_wanted:
            return 0
        position = self._file.tell()
        n_bytes = os.sendfile(descriptor, self._file.fileno(), position, n_wanted)
        self._file.seek(position + n_bytes)
        self.n_left -= n_bytes
        return n_bytes

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self.close()


class JoinedPieces:
    """The pieces of several contents. Each is opened when the one before it is at its end."""

    def __init__(self, contents: Iterator[Iterator[bytes]]) -> None:
        self._contents = contents
        self._content: Iterator[bytes] = iter(())
        self._unsent = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while True:
            piece, self._unsent = self._unsent or next(self._content, b""), b""
            if piece:
                return piece
            self._content = next(self._contents)

    def send_to(self, descriptor: int, most_bytes: int) -> int:
        """Send the next bytes to a socket, those of files as `FilePieces.send_to` does."""
        while True:
            if isinstance(self._content, FilePieces):
                n_bytes = self._content.send_to(descriptor, most_bytes)
                if n_bytes or self._content.n_left:
                    return n_bytes
            else:
                with _faults_of_reading():
                    self._unsent = self._unsent or next(self._content, b"")
                if self._unsent:
                    n_bytes = os.write(descriptor, memoryview(self._unsent)[:most_bytes])
                    self._unsent = self._unsent[n_bytes:]
                    return n_bytes
            with _faults_of_reading():
                content = next(self._contents, None)
            if content is None:
                return 0
            self._content = content

    def close(self) -> None:
        """Close the present content."""
        if isinstance(self._content, FilePieces):
            self._content.close()


@contextmanager
def _faults_of_reading() -> Generator[None]:
    """Raise what looks like a fault of the socket as what it is."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the content can't be read: {error}") from error
