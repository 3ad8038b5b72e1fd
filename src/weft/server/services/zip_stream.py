"""Writes a zip file as a stream of bytes, in bounded memory. No I/O of its own."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

FIRST_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a zip file; with it as the default, zips of the same files are alike."""


class ZipStream:
    """A zip file whose bytes are returned as they are made. For one thread at a time.

    >>> made = ZipStream()
    >>> data = b"".join(made.entry("a.txt", [b"one"])) + made.end()
    >>> import io
    >>> zipfile.ZipFile(io.BytesIO(data)).read("a.txt")
    b'one'
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        # pyrefly: ignore[no-matching-overload]
        self._zip = zipfile.ZipFile(self._sink, "w", allowZip64=True)

    def entry(
        self,
        name: str,
        pieces: Iterable[bytes],
        *,
        packed: bool = False,
        date: tuple[int, int, int, int, int, int] = FIRST_DATE,
    ) -> Iterator[bytes]:
        """Add a file, and return the bytes of the zip up to its end.

        The date is from 1980 to 2107.
        """
        info = zipfile.ZipInfo(name, date)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                if written := self._sink.take():
                    yield written
        yield self._sink.take()

    def end(self) -> bytes:
        """Return the last bytes: the directory of all files."""
        self._zip.close()
        return self._sink.take()


class _Sink:
    """Collects the bytes of the zip until they are taken. Not a file, so zipfile can't seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def take(self) -> bytes:
        data, self._pieces = b"".join(self._pieces), []
        return data
