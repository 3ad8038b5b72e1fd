"""Thrift's compact protocol, as far as Parquet's headers and footer need it. Pure; writes only.

Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

_TRUE, _FALSE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 5, 6, 8, 9, 12
_LONGEST_SHORT_LIST: Final = 14


class I32(NamedTuple):
    """A number that the schema calls i32; plain ints are i64."""

    value: int


class Struct(NamedTuple):
    """A struct, encoded: a thousand of them wait for a footer, so they are kept small."""

    data: bytes


Value: TypeAlias = "bool | int | I32 | bytes | Struct | Sequence[Value]"


def struct_of(fields: Mapping[int, Value]) -> Struct:
    """A struct of its fields by id, ascending.

    >>> struct_of({1: I32(2), 3: 5}).data.hex()
    '1504260a00'
    """
    data = bytearray()
    last = 0
    for number, value in fields.items():
        kind, content = _encoded(value)
        if isinstance(value, bool):  # in a field its value is the type
            kind, content = (_TRUE if value else _FALSE), b""
        data.append((number - last) << 4 | kind)
        data += content
        last = number
    data.append(0)
    return Struct(bytes(data))


def encode(value: Struct) -> bytes:
    """The bytes of a message that is one struct."""
    return value.data


def varint(number: int) -> bytes:
    """A number from 0 up, seven bits a byte, the low ones first.

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
