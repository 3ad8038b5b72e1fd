"""Packs figures for a static file: curves as whole numbers, which take a third of their bytes.

A packed figure is, little-endian: the length of a list, the list as JSON, the length of the
content, the content of the figure with zeros in place of its curves, and the codes of these, each
byte of a code in a plane of its own. An entry of the list has the position of its first float32 in
the content (`at`), their number (`n`), the bytes of a code (`width`), and its `kind`:

`step`: codes are multiples of `step`, a power of two. A number is off by at most 1/131,072 of the
        range of its panel, and by at most 1/4,096 of itself.
`float`: codes are the first 24 bits of float32, in the order of the numbers: off by at most
        1/65,536 of itself. For curves over many powers of ten.
`bits`: codes are the bits of float32, which stay as they are.

With `isDelta` a code is the difference to the one before; with `other` that to the same number of
that entry of the list, as a minimum is close to its mean. Differences are in zigzag order (0, -1,
1, -2, ...). `nan` has the indices of NaN.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec
import nanoarrow
import numpy as np
from numpy.typing import NDArray

from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE
from weft.server.http.answers.arrow_messages import batch_extents

_STEPS_OF_RANGE: Final = 2.0**16
_STEPS_OF_VALUE: Final = 2.0**11
_MOST_STEPS_OF_RANGE: Final = 2.0**18
"""Steps that fine take more bytes than the first 24 bits of float32."""

_MOST_NAN: Final = 1000
"""More of them in a column stay as they are."""

_CURVES: Final = ("mean", "min", "max", "low", "high")
_CLOSE_TO: Final = {"min": "mean", "max": "mean", "high": "low"}
_POSITIONS: Final = "offset"

_LIST_BUFFERS: Final = 4
_TEXT_BUFFERS: Final = 3
_NUMBER_BUFFERS: Final = 2

_FLOAT: Final[Mapping[str, Any]] = {"kind": "float"}
_BITS: Final[Mapping[str, Any]] = {"kind": "bits"}

_Codes = NDArray[np.int64]
_Floats = NDArray[np.float32]
_encode: Final = msgspec.json.Encoder().encode
_na: Any = nanoarrow


class _Column(NamedTuple):
    """A list column of float32: its numbers, the first of each row, their place in the stream."""

    numbers: _Floats
    starts: NDArray[np.int32]
    at: int


def pack_static_figure(content: bytes) -> bytes:
    """A figure's content, as `pack_figure` makes it, packed for a static file."""
    (n_head,) = struct.unpack_from("<I", content)
    head: Mapping[str, Any] = msgspec.json.decode(content[4 : 4 + n_head])
    at = 4 + n_head
    hollow = bytearray(content)
    writer = _CodeWriter()
    for answer in head["answers"]:
        end = at + answer["n_bytes"]
        if str(answer["type"]).startswith(ARROW_MEDIA_TYPE) and answer["status"] == 200:
            for columns, base, scale in _panels(content[at:end]):
                _write_panel(writer, hollow, at, columns, base, scale)
        at = end
    entries = _encode(writer.entries)
    parts = [struct.pack("<I", len(entries)), entries, struct.pack("<I", len(hollow)), hollow]
    return b"".join([*parts, *writer.planes])


class _CodeWriter:
    """The entries of the list, and the planes of their codes."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.planes: list[bytes] = []

    def add(
        self, at: int, codes: _Codes, fields: Mapping[str, Any], other: tuple[int, _Codes] | None
    ) -> None:
        """Add codes; with `other`, an entry and its codes, as differences to those."""
        entry: dict[str, Any] = {"at": at, "n": len(codes), **fields}
        if other is not None:
            entry["other"] = other[0]
            codes = codes - other[1]
        elif fields["isDelta"]:
            codes = np.diff(codes, prepend=0)
        if other is not None or fields["isDelta"]:
            codes = (codes << 1) ^ (codes >> 63)
        width = max(1, -(-int(codes.max()).bit_length() // 8))
        octets = codes.astype("<u8").view(np.uint8).reshape(-1, 8)
        self.planes.append(np.ascontiguousarray(octets[:, :width].T).tobytes())
        self.entries.append({**entry, "width": width})


def _write_panel(
    writer: _CodeWriter,
    hollow: bytearray,
    answer_at: int,
    columns: Mapping[str, _Column],
    base: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> None:
    """Move the curves of one panel from its answer into codes."""
    named = [(name, columns[name]) for name in _CURVES if name in columns]
    kind = _kind([column for _, column in named], base, scale)
    written: dict[str, tuple[int, _Codes]] = {}
    for name, column in named:
        numbers = column.numbers
        nan = np.flatnonzero(np.isnan(numbers))
        if not len(numbers) or len(nan) > _MOST_NAN or bool(np.isinf(numbers).any()):
            continue
        if len(nan):
            numbers = np.where(np.isnan(numbers), np.float32(0), numbers)
        codes = _codes(numbers, kind)
        other = written.get(_CLOSE_TO.get(name, ""))
        if other is not None and len(other[1]) != len(codes):
            other = None
        if kind == _BITS:
            other = None
        fields = {**kind, "isDelta": other is None and kind != _BITS}
        if len(nan):
            fields["nan"] = nan.tolist()
        written[name] = len(writer.entries), codes
        writer.add(answer_at + column.at, codes, fields, other)
        _hollow_out(hollow, answer_at + column.at, len(codes))
    positions = columns.get(_POSITIONS)
    if positions is not None and len(positions.numbers):
        codes = _codes(positions.numbers, _BITS)
        writer.add(answer_at + positions.at, codes, {**_BITS, "isDelta": False}, None)
        _hollow_out(hollow, answer_at + positions.at, len(codes))


def _hollow_out(content: bytearray, at: int, n: int) -> None:
    content[at : at + 4 * n] = bytes(4 * n)


def _kind(
    columns: Sequence[_Column], base: NDArray[np.float64], scale: NDArray[np.float64]
) -> Mapping[str, Any]:
    """The kind of codes that is fine enough for a panel."""
    values = [_values(column, base) for column in columns]
    whole = np.concatenate([part[np.isfinite(part)] for part in values] or [np.zeros(0)])
    sizes = np.abs(whole[whole != 0])
    if not len(sizes) or bool((whole == whole[0]).all()):
        return _BITS
    value_range = float(whole.max() - whole.min())
    step = min(value_range / _STEPS_OF_RANGE, float(sizes.min()) / _STEPS_OF_VALUE)
    is_fine = math.isfinite(value_range) and step * _MOST_STEPS_OF_RANGE >= value_range
    if bool((scale != 1).any()) or not is_fine:
        return _FLOAT
    return {"kind": "step", "step": 2.0 ** math.floor(math.log2(step))}


def _values(column: _Column, base: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.repeat(np.arange(len(base)), np.diff(column.starts))
    return column.numbers.astype(np.float64) + base[rows]


def _codes(numbers: _Floats, kind: Mapping[str, Any]) -> _Codes:
    if kind == _BITS:
        return numbers.view(np.uint32).astype(np.int64)
    if kind == _FLOAT:
        bits = numbers.view(np.int32).astype(np.int64)
        return (np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF)) + 128) >> 8
    return np.rint(numbers.astype(np.float64) / kind["step"]).astype(np.int64)


def _panels(
    stream: bytes,
) -> Iterator[tuple[dict[str, _Column], NDArray[np.float64], NDArray[np.float64]]]:
    """The curves of each panel of an Arrow answer, with the base and the scale of each row.

    Nothing of a stream that is not as the server writes them: an archive may have brought it.
    """
    try:
        names = _buffers_by_name(stream)
        for extents in batch_extents(stream):
            yield _panel(stream, names, extents.buffers)
    except (struct.error, ValueError, IndexError, KeyError, RuntimeError):
        return


def _buffers_by_name(stream: bytes) -> dict[str, int]:
    """The index of the first buffer of each column."""
    kind = _na.Type
    buffers = {kind.LIST: _LIST_BUFFERS, kind.STRING: _TEXT_BUFFERS}
    names: dict[str, int] = {}
    n_buffers = 0
    for field in _na.ArrayStream.from_readable(stream).schema.fields:
        names[field.name] = n_buffers
        n_buffers += buffers.get(field.type, _NUMBER_BUFFERS)
    return names


def _panel(
    stream: bytes, names: Mapping[str, int], buffers: NDArray[np.int64]
) -> tuple[dict[str, _Column], NDArray[np.float64], NDArray[np.float64]]:
    def numbers(buffer: int, dtype: str) -> NDArray[Any]:
        begin, end = (int(edge) for edge in buffers[buffer])
        size = np.dtype(dtype).itemsize
        return np.frombuffer(stream, dtype, (end - begin) // size, begin)

    base = cast("NDArray[np.float64]", numbers(names["base"] + 1, "<f8"))
    scale = cast("NDArray[np.float64]", numbers(names["scale"] + 1, "<f8"))
    columns: dict[str, _Column] = {}
    for name in (*_CURVES, _POSITIONS):
        first = names[name]
        starts, items = numbers(first + 1, "<i4"), numbers(first + 3, "<f4")
        if len(starts) == len(base) + 1 and int(starts[-1]) == len(items):
            columns[name] = _Column(items, starts, int(buffers[first + 3][0]))
    return columns, base, scale
