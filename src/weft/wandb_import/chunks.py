"""The records of a `.wandb` file, as bytes. Pure but for reading the open file.

The file begins with 7 bytes: `:W&B`, a u16 and a version. Then LevelDB's log format: blocks of
32 KiB, the first of which includes those 7 bytes. A block holds chunks: CRC-32 of type and
payload (u32), length (u16), type (u8), payload. Fewer than 7 bytes at the end of a block are
padding. A record is one chunk (FULL), or a FIRST, any number of MIDDLE and a LAST one. All
integers are little-endian.

Source: LevelDB's `doc/log_format.md`. W&B's files differ in the header and in the checksum, which
is zlib's, without a mask.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, Final
from zlib import crc32

from weft.errors import CorruptLog

FILE_HEADER: Final = b":W&B\xe1\xbe\x00"
BLOCK_BYTES: Final = 32 * 1024

FULL: Final = 1
FIRST: Final = 2
MIDDLE: Final = 3
LAST: Final = 4

_CHUNK: Final = Struct("<IHB")
_MAX_RECORD_BYTES: Final = 1 << 30
"""A damaged file may never end a record. wandb itself refuses far smaller ones."""


class ChunkReader:
    """Reads the records of one file, up to its first incomplete chunk.

    A process that was killed leaves a file that ends anywhere. A chunk with a wrong checksum costs
    the rest of its block, since the next chunk begins where the damaged one says that it ends.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Check the file's header; CorruptLog if it is not a `.wandb` file, or of an unknown
        version.
        """
        self.n_damaged_bytes = 0
        self.is_cut = False
        self._file = file
        self._partial = bytearray()
        self._is_amid_record = False
        head = file.read(len(FILE_HEADER))
        if len(head) < len(FILE_HEADER) or head[:6] != FILE_HEADER[:6]:
            raise CorruptLog(f"not a .wandb file, its header is invalid: {name}")
        if head[6] != FILE_HEADER[6]:
            raise CorruptLog(f"unknown version {head[6]} of a .wandb file: {name}")

    def __iter__(self) -> Iterator[bytes]:
        start = len(FILE_HEADER)
        while True:
            block = self._file.read(BLOCK_BYTES - start)
            yield from self._records_in(block, is_last=len(block) < BLOCK_BYTES - start)
            if len(block) < BLOCK_BYTES - start:
                break
            start = 0
        if self._is_amid_record:
            self.is_cut = True

    def _records_in(self, block: bytes, *, is_last: bool) -> Iterator[bytes]:
        start, end = 0, len(block)
        while end - start >= _CHUNK.size:
            crc, n_bytes, kind = _CHUNK.unpack_from(block, start)
            payload = start + _CHUNK.size
            stop = payload + n_bytes
            if stop > end and is_last and FULL <= kind <= LAST:
                self.is_cut = True
                self._drop_partial()
                return
            is_whole = stop <= end and FULL <= kind <= LAST
            if not is_whole or crc32(block[payload - 1 : stop]) != crc:
                if is_last and not any(block[start:]):
                    self.is_cut = True  # room that the file system gave and nothing was written to
                else:
                    self.n_damaged_bytes += end - start
                self._drop_partial()
                return
            record = self._assembled(kind, block[payload:stop])
            if record is not None:
                yield record
            start = stop
        if is_last and start < end and any(block[start:]):
            self.is_cut = True

    def _assembled(self, kind: int, payload: bytes) -> bytes | None:
        """The record that ends with a chunk; None if none does."""
        if kind in {FULL, FIRST}:
            self._drop_partial()
            if kind == FULL:
                return payload
            self._partial += payload
            self._is_amid_record = True
            return None
        if not self._is_amid_record or len(self._partial) > _MAX_RECORD_BYTES:
            self._drop_partial()
            self.n_damaged_bytes += len(payload)
            return None
        self._partial += payload
        if kind == MIDDLE:
            return None
        record = bytes(self._partial)
        self._partial.clear()
        self._is_amid_record = False
        return record

    def _drop_partial(self) -> None:
        """Count the beginning of a record whose rest is missing."""
        if self._is_amid_record and not self.is_cut:
            self.n_damaged_bytes += len(self._partial)
        self._partial.clear()
        self._is_amid_record = False
