"""Reads a msgpack array of binaries that arrives in pieces, without holding it in memory."""

from __future__ import annotations

from typing import Final, Protocol

from weft.errors import ConfigError

_ARRAY_LENGTH_BYTES: Final = {0xDC: 2, 0xDD: 4}
_BINARY_LENGTH_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_SHORT_ARRAYS: Final = range(0x90, 0xA0)
"""First bytes of arrays that have their length in it."""


class BinarySink(Protocol):
    """The receiver of the binaries, one after the other."""

    def begin(self, n_bytes: int, /) -> None: ...

    def write(self, data: memoryview, /) -> None:
        """Take the next bytes of the binary. They are valid during the call only."""
        ...

    def end(self) -> None: ...


class BinaryArray:
    """A msgpack array of binaries; see https://github.com/msgpack/msgpack/blob/master/spec.md.

    >>> class Printer:
    ...     def begin(self, n_bytes): print("begin", n_bytes)
    ...     def write(self, data): print(bytes(data))
    ...     def end(self): print("end")
    >>> array = BinaryArray(Printer())
    >>> array.feed(bytes([0x91, 0xC4]))
    >>> array.feed(bytes([2, 65, 66]))
    begin 2
    b'AB'
    end
    >>> array.check_complete()
    """

    def __init__(self, sink: BinarySink) -> None:
        self._sink = sink
        self._head = bytearray()
        """The bytes read of a length."""
        self._n_binaries: int | None = None
        """The number of binaries that are still to begin. None before the length of the array."""
        self._n_left = 0
        """Bytes of the present binary that are still to come."""

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the array."""
        unread = memoryview(data)
        while unread:
            if self._n_left:
                piece, unread = unread[: self._n_left], unread[self._n_left :]
                self._sink.write(piece)
                self._n_left -= len(piece)
                if not self._n_left:
                    self._sink.end()
            else:
                self._head.append(unread[0])
                unread = unread[1:]
                self._read_head()

    def check_complete(self) -> None:
        """Check that the array is at its end; ConfigError if not."""
        if self._n_binaries != 0 or self._n_left or self._head:
            raise _malformed("it ends early")

    def _read_head(self) -> None:
        kind, n_head = self._head[0], len(self._head) - 1
        if self._n_binaries is None:
            if kind in _SHORT_ARRAYS:
                self._n_binaries = kind - _SHORT_ARRAYS.start
                self._head.clear()
                return
            n_length = _ARRAY_LENGTH_BYTES.get(kind)
        elif not self._n_binaries:
            raise _malformed("bytes follow its end")
        else:
            n_length = _BINARY_LENGTH_BYTES.get(kind)
        if n_length is None:
            raise _malformed(f"unexpected byte 0x{kind:02x}")
        if n_head < n_length:
            return
        length = int.from_bytes(self._head[1:], "big")
        self._head.clear()
        if self._n_binaries is None:
            self._n_binaries = length
            return
        self._n_binaries -= 1
        self._n_left = length
        self._sink.begin(length)
        if not length:
            self._sink.end()


def _malformed(reason: str) -> ConfigError:
    return ConfigError(f"request must be a msgpack array of binaries: {reason}")
