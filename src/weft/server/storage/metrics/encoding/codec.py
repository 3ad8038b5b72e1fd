"""Encodes arrays and objects as bytes and back: the content of every blob of the metric store.

Pure, no I/O. `docs/decisions/0002-metric-store.md`, section Arrays, specifies the format.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray
from pcodec import (
    ChunkConfig,  # pyrefly: ignore[missing-module-attribute]
    standalone,  # pyrefly: ignore[missing-module-attribute]
)

from weft.errors import Damaged

Array = NDArray[Any]

DAMAGED: Final = "the metric store is damaged on disk, `weft server check` names where"

_SEQUENCE: Final = 0
_PCO: Final = 1
_PLAIN: Final = 2
_BITS: Final = 3

_PCO_FROM: Final = 24
"""From so many values on, pco is smaller than plain bytes: its header takes 30 to 60 bytes."""

_QUICK_LEVEL: Final = 2
_DENSE_LEVEL: Final = 6
# Level 6 is 2 % smaller than 4 and 10 % slower to encode; 8 is 1 % smaller than 6 and takes twice
# the time.

_INT_SEQUENCE: Final = struct.Struct("<BcIqq")
_FLOAT_CONSTANT: Final = struct.Struct("<BcId")
_BITS_HEAD: Final = struct.Struct("<BI")

_LETTERS: Final[dict[str, np.dtype[Any]]] = {
    "i": np.dtype("<i8"),
    "f": np.dtype("<f8"),
    "u": np.dtype("<u4"),
}
_LETTER_OF: Final = {dtype: letter.encode() for letter, dtype in _LETTERS.items()}

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder()
_raw_decoder: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])


def pack_array(array: Array, *, quick: bool = False) -> bytes:
    """Encode an int64, float64, uint32 or bool array.

    `quick` spends less effort and uses plain bytes more often, for blobs that compaction soon
    rewrites.

    >>> len(pack_array(np.arange(1_000_000)))
    22
    >>> unpack_array(pack_array(np.array([1.5, 2.5])))
    array([1.5, 2.5])
    """
    n = len(array)
    if array.dtype == np.bool_:
        return _BITS_HEAD.pack(_BITS, n) + np.packbits(array, bitorder="little").tobytes()
    letter = _LETTER_OF[array.dtype]
    sequence = _pack_sequence(array, letter) if n > 1 else None
    if sequence is not None:
        return sequence
    if n < (256 if quick else _PCO_FROM):
        return b"\x02" + letter + array.astype(_LETTERS[letter.decode()], copy=False).tobytes()
    return b"\x01" + _compress(array, _QUICK_LEVEL if quick else _DENSE_LEVEL)


def _compress(array: Array, level: int) -> bytes:
    config: Any = ChunkConfig(compression_level=level)
    aligned = np.require(array, requirements=["C", "A"])
    return standalone.simple_compress(aligned, config)


def _decompress(data: bytes) -> Array | None:
    return standalone.simple_decompress(data)


def _pack_sequence(array: Array, letter: bytes) -> bytes | None:
    n = len(array)
    # The first and last values nearly always show at once that the array is no sequence.
    if letter == b"f":
        first = float(array[0])
        same = array[1] == first == array[-1] and bool((array == first).all())
        # 0.0 equals -0.0, so zeros of both signs would lose their signs.
        if same and (first != 0 or not np.signbit(array).any()):
            return _FLOAT_CONSTANT.pack(_SEQUENCE, letter, n, first)
        return None
    start, last = int(array[0]), int(array[-1])
    step = int(array[1]) - start
    if start + step * (n - 1) != last or not -(2**62) < step < 2**62:
        return None
    # Differences may wrap around; the check of the last value makes that harmless.
    if bool((array[1:] - array[:-1] == np.array(step).astype(array.dtype)).all()):
        return _INT_SEQUENCE.pack(_SEQUENCE, letter, n, start, step)
    return None


def unpack_array(data: bytes | memoryview) -> Array:
    """Decode what `pack_array` made.

    Damaged, which a user who requested a chart sees, if it is malformed.
    """
    tag = data[0]
    if tag == _PCO:
        try:
            values = _decompress(bytes(data[1:]))
        except RuntimeError as error:
            raise Damaged(f"{DAMAGED}: {error}") from error
        if values is None:
            raise Damaged(f"{DAMAGED}: an array has no type")
        return values
    if tag == _PLAIN:
        # Copied because the bytes begin at an odd address, and pco needs an aligned array.
        plain: Array = np.frombuffer(data, dtype=_LETTERS[chr(data[1])], offset=2)
        return plain.copy()
    if tag == _SEQUENCE:
        letter = chr(data[1])
        if letter == "f":
            _, _, n, first = _FLOAT_CONSTANT.unpack_from(data)
            return np.full(n, first)
        _, _, n, start, step = _INT_SEQUENCE.unpack_from(data)
        if step == 0:
            return np.full(n, start, dtype=_LETTERS[letter])
        # Not `np.arange(start, end, step)`: the end may be beyond int64 although no value is.
        steps = np.arange(n, dtype=np.int64)
        steps *= step
        steps += start
        return steps.astype(_LETTERS[letter], copy=False)
    if tag == _BITS:
        _, n = _BITS_HEAD.unpack_from(data)
        bits = np.frombuffer(data, dtype=np.uint8, offset=_BITS_HEAD.size)
        return np.unpackbits(bits, count=n, bitorder="little").astype(np.bool_)
    raise Damaged(f"{DAMAGED}: an array has an unknown tag, {tag}")


def array_length(data: bytes) -> int:
    """The number of values that `unpack_array` would return; decodes them only if necessary.

    >>> array_length(pack_array(np.arange(1000))), array_length(pack_array(np.array([0.5])))
    (1000, 1)
    """
    tag = data[0]
    if tag == _PLAIN:
        return (len(data) - 2) // _LETTERS[chr(data[1])].itemsize
    if tag == _SEQUENCE:
        return struct.unpack_from("<I", data, 2)[0]
    if tag == _BITS:
        return _BITS_HEAD.unpack_from(data)[1]
    return len(unpack_array(data))


def pack_ordinals(ordinals: Array, n_rows: int) -> bytes:
    """Encode ascending ordinals below `n_rows` as a list or a bitmap, whichever is smaller.

    >>> len(pack_ordinals(np.arange(0, 80_000, 7, dtype=np.uint32), 80_000)) < 12_000
    True
    """
    listed = pack_array(ordinals.astype(np.uint32, copy=False))
    if len(listed) <= n_rows // 8 + _BITS_HEAD.size:
        return listed
    bits = np.zeros(n_rows, dtype=np.bool_)
    bits[ordinals] = True
    return pack_array(bits)


def unpack_ordinals(data: bytes | memoryview) -> NDArray[np.uint32]:
    """Decode what `pack_ordinals` made."""
    array = unpack_array(data)
    if array.dtype == np.bool_:
        return np.flatnonzero(array).astype(np.uint32)
    return array


def pack_objects(values: Any, *, level: int = 3) -> bytes:
    """Encode values as msgpack, compressed with zstd if that is smaller.

    >>> unpack_objects(pack_objects(["a", None, {"b": [1]}]))
    ['a', None, {'b': [1]}]
    """
    plain = _encoder.encode(values)
    if len(plain) > 64:
        # A compressor must not be shared between threads, and is cheap to create.
        squeezed = zstandard.ZstdCompressor(level).compress(plain)
        if len(squeezed) < len(plain):
            return b"\x01" + squeezed
    return b"\x00" + plain


def unpack_objects(data: bytes | memoryview) -> Any:
    """Decode what `pack_objects` made."""
    return _decoder.decode(_plain_objects(data))


def unpack_object(data: bytes | memoryview, nth: int) -> Any:
    """Decode one of the values in a list that `pack_objects` encoded.

    >>> unpack_object(pack_objects(["a", None, {"b": [1]}]), 2)
    {'b': [1]}
    """
    return _decoder.decode(_raw_decoder.decode(_plain_objects(data))[nth])


def _plain_objects(data: bytes | memoryview) -> bytes:
    body = bytes(data[1:])
    return zstandard.ZstdDecompressor().decompress(body) if data[0] else body


def join_parts(parts: list[bytes]) -> bytes:
    """Concatenate byte strings behind a head with their lengths."""
    head = struct.pack(f"<B{len(parts)}I", len(parts), *map(len, parts))
    return head + b"".join(parts)


def split_parts(data: bytes) -> list[memoryview]:
    """Undo `join_parts`, without copying."""
    view = memoryview(data)
    n_parts = data[0]
    offset = 1 + 4 * n_parts
    parts: list[memoryview] = []
    for length in struct.unpack_from(f"<{n_parts}I", data, 1):
        parts.append(view[offset : offset + length])
        offset += length
    return parts
