"""Messages between the server and the process that answers a query: framed, over two pipes."""

from __future__ import annotations

import io
import struct
from typing import Any, Final, Protocol

import msgspec

_HEAD: Final = struct.Struct("<cQ")
_JSON, _DATA, _END = b"j", b"d", b"e"


class Readable(Protocol):
    """The read end of a pipe."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """The write end of a pipe."""

    def write(self, data: bytes, /) -> Any: ...

    def flush(self) -> Any: ...


class PipeClosed(Exception):
    """The other process has closed the pipe, or sent something unexpected."""


def send(pipe: Writable, message: Any) -> None:
    """Send a message as JSON."""
    _write(pipe, _JSON, msgspec.json.encode(message))


def send_data(pipe: Writable, data: bytes) -> None:
    """Send a piece of a stream of bytes."""
    if data:
        _write(pipe, _DATA, data)


def send_end(pipe: Writable) -> None:
    """End a stream of bytes."""
    _write(pipe, _END, b"")


def receive(pipe: Readable) -> Any:
    """Read the next message; PipeClosed if there are no more, or bytes came instead."""
    kind, payload = _read(pipe)
    if kind != _JSON:
        raise PipeClosed("bytes where a message should be")
    return msgspec.json.decode(payload)


class ByteStream(io.RawIOBase):
    """A readable file over the pieces of a byte stream; it ends where the sender ends the stream.

    >>> pipe = io.BytesIO()
    >>> send_data(pipe, b"ab"), send_data(pipe, b"c"), send_end(pipe), pipe.seek(0)
    (None, None, None, 0)
    >>> ByteStream(pipe).read()
    b'abc'
    """

    def __init__(self, pipe: Readable) -> None:
        self._pipe = pipe
        self._piece = memoryview(b"")
        self._has_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not len(self._piece) and not self._has_ended:
            kind, payload = _read(self._pipe)
            if kind == _END:
                self._has_ended = True
            elif kind == _DATA:
                self._piece = memoryview(payload)
            else:
                raise PipeClosed("a message where bytes should be")
        into = memoryview(buffer).cast("B")
        n_bytes = min(len(into), len(self._piece))
        into[:n_bytes] = self._piece[:n_bytes]
        self._piece = self._piece[n_bytes:]
        return n_bytes


def _write(pipe: Writable, kind: bytes, payload: bytes) -> None:
    try:
        pipe.write(_HEAD.pack(kind, len(payload)))
        pipe.write(payload)
        pipe.flush()
    except (OSError, ValueError) as error:
        raise PipeClosed(str(error)) from error


def _read(pipe: Readable) -> tuple[bytes, bytes]:
    kind, n_bytes = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    return kind, _exactly(pipe, n_bytes)


def _exactly(pipe: Readable, n_bytes: int) -> bytes:
    pieces: list[bytes] = []
    while n_bytes:
        piece = pipe.read(n_bytes)
        if not piece:
            raise PipeClosed("the other side has ended")
        pieces.append(piece)
        n_bytes -= len(piece)
    return b"".join(pieces)
