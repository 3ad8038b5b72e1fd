"""Decodes the protobuf wire format: the fields of a message by number. Pure.

Source: protobuf's "Encoding" page.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final

_VARINT: Final = 0
_FIXED_64: Final = 1
_BYTES: Final = 2
_FIXED_32: Final = 5

_MAX_VARINT_BYTES: Final = 10
_DOUBLE: Final = Struct("<d")

Value = int | bytes
"""An unsigned varint, or the bytes of anything else."""


class MalformedMessage(ValueError):
    """Bytes are not a protobuf message."""


def fields(data: bytes) -> Iterator[tuple[int, Value]]:
    r"""The fields of a message, in order, each with its number.

    >>> list(fields(b"\x08\x96\x01\x12\x02hi"))
    [(1, 150), (2, b'hi')]
    """
    start, end = 0, len(data)
    while start < end:
        tag, start = _varint(data, start)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise MalformedMessage("field number 0")
        if kind == _VARINT:
            value, start = _varint(data, start)
            yield number, value
            continue
        if kind == _BYTES:
            n_bytes, start = _varint(data, start)
        elif kind in {_FIXED_64, _FIXED_32}:
            n_bytes = 8 if kind == _FIXED_64 else 4
        else:
            raise MalformedMessage(f"wire type {kind}")
        if start + n_bytes > end:
            raise MalformedMessage("a field ends after its message")
        yield number, data[start : start + n_bytes]
        start += n_bytes


def _varint(data: bytes, start: int) -> tuple[int, int]:
    value = shift = 0
    for position in range(start, min(start + _MAX_VARINT_BYTES, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + 1
        shift += 7
    raise MalformedMessage("a varint has no end")


def message(value: Value) -> bytes:
    """A field that is a message, or text in bytes."""
    if isinstance(value, int):
        raise MalformedMessage("a number where a message or text is expected")
    return value


def text(value: Value) -> str:
    """A field that is text. Bytes that are not UTF-8 become U+FFFD."""
    return message(value).decode(errors="replace")


def number(value: Value) -> int:
    """A field that is an unsigned varint."""
    if not isinstance(value, int):
        raise MalformedMessage("bytes where a number is expected")
    return value


def signed(value: Value) -> int:
    """A field that is an int32 or an int64.

    >>> signed(2**64 - 1)
    -1
    """
    bits = number(value)
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def zigzag(value: Value) -> int:
    """A field that is an sint64.

    >>> zigzag(3), zigzag(4)
    (-2, 2)
    """
    bits = number(value)
    return (bits >> 1) ^ -(bits & 1)


def double(value: Value) -> float:
    """A field that is a double."""
    data = message(value)
    if len(data) != _DOUBLE.size:
        raise MalformedMessage("a double has 8 bytes")
    result: float = _DOUBLE.unpack(data)[0]
    return result
