"""Thrift's compact protocol, as far as Parquet's headers and footer need it. Pure; write-only.

Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

_TRUE, _FALSE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 5, 6, 8, 9, 12
_LONGEST_SHORT_LIST: Final = 14


class I32(NamedTuple):
    """An int of type i32 in the schema; plain ints are i64."""

    value: int


class Struct(NamedTuple):
    """An encoded struct. Encoded early to save memory, as thousands are held for the footer."""

    data: bytes


Value: TypeAlias = "bool | int | I32 | bytes | Struct | Sequence[Value]"


def struct_of(fields: Mapping[int, Value]) -> Struct:
    """Encode a struct from its fields by id, in ascending order.

    >>> struct_of({1: I32(2), 3: 5}).data.hex()
    '1504260a00'
    """
    data = bytearray()
    last = 0
    for number, value in fields.items():
        kind, content = _encoded(value)
        if isinstance(value, bool):  # in a field, the type encodes the value
            kind, content = (_TRUE if value else _FALSE), b""
        data.append((number - last) << 4 | kind)
        data += content
        last = number
    data.append(0)
    return Struct(bytes(data))


def encode(value: Struct) -> bytes:
    """The bytes of a message that consists of one struct."""
    return value.data


def varint(number: int) -> bytes:
    """A non-negative int, seven bits per byte, low bits first.

    >>> varint(300).hex()
    'ac02'
    """
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _zigzag(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _encoded(value: Value) -> tuple[int, bytes]:
    if isinstance(value, Struct):
        return _STRUCT, value.data
    if isinstance(value, I32):
        return _I32, _zigzag(value.value)
    if isinstance(value, bytes):
        return _BINARY, varint(len(value)) + value
    if isinstance(value, int):
        return _I64, _zigzag(value)
    items = [_encoded(item) for item in value]
    kind = items[0][0] if items else _STRUCT
    n_items = len(items)
    head = (
        bytes([n_items << 4 | kind])
        if n_items <= _LONGEST_SHORT_LIST
        else bytes([0xF0 | kind]) + varint(n_items)
    )
    return _LIST, head + b"".join(content for _, content in items)
