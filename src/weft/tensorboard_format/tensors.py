"""The numbers and texts of a `TensorProto`. Pure.

Source: TensorFlow's `tensor.proto` and `types.proto`.
"""

from __future__ import annotations

import struct
from math import prod
from typing import Final, NamedTuple

from weft.records.protobuf import MalformedMessage, Value, fields, message, number, signed

MOST_NUMBERS: Final = 1 << 20
"""More than any curve or histogram has. A damaged shape would fill the memory."""

_CODES: Final = {
    1: "f",  # float
    2: "d",  # double
    3: "i",  # int32
    4: "B",  # uint8
    5: "h",  # int16
    6: "b",  # int8
    9: "q",  # int64
    10: "?",  # bool
    17: "H",  # uint16
    19: "e",  # half
    22: "I",  # uint32
    23: "Q",  # uint64
}
_BFLOAT16: Final = 14

_FLOATS: Final = {5: "f", 6: "d"}
"""Fields of floats and doubles, packed or not."""

_INTEGERS: Final = frozenset({7, 10, 11, 13, 16, 17})
"""Fields of integers, packed or not. Those of 13 are the bits of half floats."""

_TEXTS: Final = 8
_HALVES: Final = 13


class Tensor(NamedTuple):
    """The shape of a tensor with its numbers in the order of rows, or its texts."""

    shape: list[int]
    numbers: list[float]
    texts: list[bytes]

    def rows(self, n_columns: int | None = None) -> list[list[float]]:
        """The rows of a matrix, which has so many columns."""
        if len(self.shape) != 2 or (n_columns is not None and self.shape[1] != n_columns):
            raise MalformedMessage(f"a matrix has another shape: {self.shape}")
        n = self.shape[1]
        return [self.numbers[at : at + n] for at in range(0, len(self.numbers), n)] if n else []


def tensor(data: bytes) -> Tensor:
    """Decode a tensor; MalformedMessage if its type is no number, bool or text."""
    kind = 0
    shape: list[int] = []
    content = b""
    numbers: list[float] = []
    texts: list[bytes] = []
    for field, value in fields(data):
        if field == 1:
            kind = number(value)
        elif field == 2:
            shape = [_size(dimension) for name, dimension in fields(message(value)) if name == 2]
        elif field == 4:
            content = message(value)
        elif field in _FLOATS:
            numbers += _unpacked(message(value), _FLOATS[field])
        elif field in _INTEGERS:
            integers = [signed(value)] if isinstance(value, int) else _varints(value)
            numbers += [_half(bits, kind) for bits in integers] if field == _HALVES else integers
        elif field == _TEXTS:
            texts.append(message(value))
    if content:
        numbers = _content(content, kind)
    n = prod(shape)
    if not 0 <= n <= MOST_NUMBERS:
        raise MalformedMessage(f"a tensor of shape {shape}")
    if numbers and len(numbers) < n:  # the last number stands for all that follow
        numbers += numbers[-1:] * (n - len(numbers))
    return Tensor(shape, numbers[:n], texts)


def _size(dimension: Value) -> int:
    return next((signed(value) for name, value in fields(message(dimension)) if name == 1), 0)


def _varints(data: bytes) -> list[int]:
    # Each number is made a field 1, so that one decoder serves both forms.
    integers: list[int] = []
    start = 0
    for at, byte in enumerate(data):
        if byte < 0x80:
            integers += [signed(value) for _, value in fields(b"\x08" + data[start : at + 1])]
            start = at + 1
    return integers


def _half(bits: int, kind: int) -> float:
    if kind == _BFLOAT16:
        return _unpacked(struct.pack("<I", (bits & 0xFFFF) << 16), "f")[0]
    return _unpacked(struct.pack("<H", bits & 0xFFFF), "e")[0]


def _content(content: bytes, kind: int) -> list[float]:
    if kind == _BFLOAT16:
        return [_half(int(bits), kind) for bits in _unpacked(content, "H")]
    if kind not in _CODES:
        raise MalformedMessage(f"a tensor of type {kind}")
    return _unpacked(content, _CODES[kind])


def _unpacked(data: bytes, code: str) -> list[float]:
    size = struct.calcsize(f"<{code}")
    if len(data) % size:
        raise MalformedMessage("the bytes of a tensor end within a number")
    return [*struct.unpack(f"<{len(data) // size}{code}", data)]
