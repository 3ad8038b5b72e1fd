"""Encodes console lines as blocks, whose text can be searched without decoding each line.

Pure, no I/O. `docs/decisions/0029-console-reading.md` specifies the format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import zstandard

from weft.server.storage.contract import ConsoleLine, Int64, TextSearch
from weft.server.storage.metrics.encoding.codec import pack_array, unpack_array

BLOCK_LINES: Final = 1000
"""Line numbers per block: block `i` has the lines from `1000 * i` on."""

_STYLE: Final = re.compile(rb"\x1b\[[0-9;:]*m")

Lines = dict[int, tuple[int, str]]
"""Time in µs and text of lines, by line number."""


class _Blob(msgspec.Struct, array_like=True):
    """The stored form of a block.

    `n_bytes` counts each line's break, too. `n_plain_bytes` and `plain` are without SGR codes;
    empty if the lines have no codes.
    """

    numbers: bytes
    micros: bytes
    n_bytes: bytes
    texts: bytes
    n_plain_bytes: bytes = b""
    plain: bytes = b""


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Blob)


@dataclass(frozen=True, slots=True)
class ConsoleBlock:
    """Console lines of one stream, in order.

    `texts` are UTF-8; a line ends at `ends`, and its break follows.
    """

    numbers: Int64
    micros: Int64
    ends: Int64
    texts: bytes

    def __len__(self) -> int:
        return len(self.numbers)

    def lines(self) -> Iterator[tuple[int, int, str]]:
        """Number, time and text of each line."""
        start = 0
        columns = (self.numbers.tolist(), self.micros.tolist(), self.ends.tolist())
        for number, micros, end in zip(*columns, strict=True):
            yield number, micros, self.texts[start:end].decode()
            start = end + 1

    def plain(self) -> tuple[Int64, bytes]:
        """`ends` and `texts` without SGR codes."""
        if b"\x1b" not in self.texts:
            return self.ends, self.texts
        bounds = [0, *(self.ends + 1).tolist()]
        pieces = [_STYLE.sub(b"", self.texts[lo:hi]) for lo, hi in pairwise(bounds)]
        ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64) - 1
        return ends, b"".join(pieces)

    def find(self, search: TextSearch) -> Iterator[int]:
        """The numbers of lines in which `search` finds something, in order.

        SGR codes are not searched.
        """
        ends, texts = self.plain()
        return (int(self.numbers[line]) for line in _find_lines(ends, texts, search, 0))


def _find_lines(ends: Int64, texts: bytes, search: TextSearch, at: int) -> Iterator[int]:
    """The ordinals of lines with a match at or after an offset."""
    at = search(texts, at)
    while 0 <= at < len(texts):
        line = int(np.searchsorted(ends, at))
        yield line
        at = search(texts, int(ends[line]) + 1)


def make_block(lines: Mapping[int, tuple[int, str]]) -> ConsoleBlock:
    """A block of lines.

    >>> block = make_block({7: (50, "seven"), 8: (60, "")})
    >>> list(block.lines()), block.ends.tolist()
    ([(7, 50, 'seven'), (8, 60, '')], [5, 6])
    """
    numbers = sorted(lines)
    texts = [lines[number][1].encode() for number in numbers]
    lengths = np.array([len(text) + 1 for text in texts], dtype=np.int64)
    return ConsoleBlock(
        np.array(numbers, dtype=np.int64),
        np.array([lines[number][0] for number in numbers], dtype=np.int64),
        np.cumsum(lengths) - 1,
        b"".join(text + b"\n" for text in texts),
    )


def encode_block(block: ConsoleBlock) -> bytes:
    """Encode a block for the file.

    >>> block = make_block({7: (50, "seven"), 8: (60, "eight")})
    >>> list(decode_block(encode_block(block)).lines()) == list(block.lines())
    True
    """
    blob = _Blob(
        pack_array(block.numbers),
        pack_array(block.micros),
        pack_array(np.diff(block.ends, prepend=-1)),
        _compress(block.texts),
    )
    ends, texts = block.plain()
    if texts is not block.texts:
        blob.n_plain_bytes = pack_array(np.diff(ends, prepend=-1))
        blob.plain = _compress(texts)
    return _encoder.encode(blob)


def _compress(texts: bytes) -> bytes:
    return zstandard.ZstdCompressor(3).compress(texts)


def _decompress(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(data)


def decode_block(data: bytes) -> ConsoleBlock:
    """Decode what `encode_block` made."""
    blob = _decoder.decode(data)
    return ConsoleBlock(
        unpack_array(blob.numbers),
        unpack_array(blob.micros),
        np.cumsum(unpack_array(blob.n_bytes)) - 1,
        _decompress(blob.texts),
    )


def search_block(data: bytes, search: TextSearch) -> Iterator[int]:
    r"""As `ConsoleBlock.find`; decodes nothing but the text of an encoded block without a match.

    >>> block = make_block({7: (50, "\x1b[31mseven"), 8: (60, "eight")})
    >>> list(search_block(encode_block(block), lambda text, at: text.find(b"31", at)))
    []
    >>> list(search_block(encode_block(block), lambda text, at: text.find(b"seven", at)))
    [7]
    """
    blob = _decoder.decode(data)
    texts = _decompress(blob.plain or blob.texts)
    first = search(texts, 0)
    if first < 0:
        return
    numbers = unpack_array(blob.numbers)
    ends: Int64 = np.cumsum(unpack_array(blob.n_plain_bytes or blob.n_bytes)) - 1
    for line in _find_lines(ends, texts, search, first):
        yield int(numbers[line])


def decode_times(data: bytes) -> tuple[Int64, Int64]:
    """Line numbers and times of an encoded block, without its text."""
    blob = _decoder.decode(data)
    return unpack_array(blob.numbers), unpack_array(blob.micros)


def supersede(lines: Lines, number: int, micros: int, text: str) -> None:
    """Put a line among others unless they hold a newer text of it.

    A line that is sent again late must not replace a newer text.
    """
    old = lines.get(number)
    if old is None or micros >= old[0]:
        lines[number] = micros, text


def merge_lines(
    lines: Iterable[ConsoleLine], read: Callable[[str, int], bytes | None]
) -> dict[tuple[str, int], ConsoleBlock]:
    """Blocks, by stream and number, with further lines in order of arrival.

    `read` returns the encoded block of a stream and number, None if it is new.
    """
    blocks: dict[tuple[str, int], Lines] = {}
    for line in lines:
        name = line.stream, line.line // BLOCK_LINES
        if name not in blocks:
            data = read(*name)
            stored = () if data is None else decode_block(data).lines()
            blocks[name] = {number: (micros, text) for number, micros, text in stored}
        supersede(blocks[name], line.line, line.micros, line.text)
    return {name: make_block(of_block) for name, of_block in blocks.items()}
