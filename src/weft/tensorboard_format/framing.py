"""The records of an event file, which may still grow. Reads files.

A file is a sequence of TFRecords: length (u64), masked CRC-32C of the length (u32), the event,
masked CRC-32C of the event (u32). All integers are little-endian.

Source: TensorFlow's "TFRecord and tf.train.Example", section "TFRecords format details".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from struct import Struct
from typing import Any, Final

_HEAD: Final = Struct("<QI")
_CRC: Final = Struct("<I")
_CHUNK_BYTES: Final = 1 << 20
_MASK: Final = 0xFFFF_FFFF
_POLYNOMIAL: Final = 0x82F6_3B78

MOST_CHECKED_BYTES: Final = 1024
"""Longest record whose checksum is computed in Python, at 50 ns a byte; without google_crc32c
longer ones are not checked."""


def _table() -> tuple[int, ...]:
    entries: list[int] = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        entries.append(crc)
    return tuple(entries)


_TABLE: Final = _table()


def _crc32c(data: bytes) -> int:
    crc, table = _MASK, _TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ _MASK


try:
    _checksum: Any = import_module("google_crc32c").value
    _most_checked_bytes = _MASK
except ImportError:
    _checksum = _crc32c
    _most_checked_bytes = MOST_CHECKED_BYTES


def masked_crc(data: bytes) -> int:
    """The checksum of a record's length, or of its event.

    >>> hex(masked_crc(b"123456789"))
    '0xc78ab0e5'
    """
    crc: int = _checksum(data)
    return ((crc >> 15 | crc << 17) + 0xA282_EAD8) & _MASK


class EventFile:
    """The events of one file, in order, each once.

    Attributes:
        position: the end of the last record that was read.
        n_damaged: records that were left out, as their checksum is wrong.
        is_cut: whether a record's length has a wrong checksum. Where the next one begins is
            unknown then, so nothing more is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self.n_damaged = 0
        self.is_cut = False

    def read(self) -> Iterator[bytes]:
        """The whole records that were added since the last call. OSError if the file can't be
        read.
        """
        if self.is_cut:
            return
        with self.path.open("rb") as file:
            n_left = os.fstat(file.fileno()).st_size - self.position
            file.seek(self.position)
            buffer, start = b"", 0
            while True:
                head = buffer[start : start + _HEAD.size]
                if len(head) == _HEAD.size:
                    n_bytes, crc = _HEAD.unpack(head)
                    if crc != masked_crc(head[:8]):
                        self.is_cut = True
                        return
                    n_needed = _HEAD.size + n_bytes + _CRC.size
                    if n_needed > n_left:
                        return
                    if len(buffer) - start >= n_needed:
                        begin = start + _HEAD.size
                        event = buffer[begin : begin + n_bytes]
                        (crc,) = _CRC.unpack_from(buffer, begin + n_bytes)
                        start += n_needed
                        n_left -= n_needed
                        self.position += n_needed
                        if n_bytes <= _most_checked_bytes and crc != masked_crc(event):
                            self.n_damaged += 1
                        else:
                            yield event
                        continue
                else:
                    n_needed = _HEAD.size
                missing = n_needed - (len(buffer) - start)
                chunk = file.read(max(missing, _CHUNK_BYTES))
                if len(chunk) < missing:
                    return
                buffer, start = buffer[start:] + chunk, 0
