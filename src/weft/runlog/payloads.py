"""All payloads of a run log, many at a time, for who reads a log from end to end. Does I/O.

`weft.runlog.reader` follows a log that grows; this is for one that is read once, as fast as the
disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import crc32

from weft.errors import CorruptLog
from weft.records.limits import MAX_FRAME_BYTES
from weft.runlog.format import FRAME_OVERHEAD, MARK, Header, decode_header, split_frames
from weft.runlog.reader import LogTail, open_file

READ_BYTES: Final = 4 << 20

_unpack_head: Final = Struct("<2sII").unpack_from


def read_whole_header(path: Path) -> tuple[Header, int]:
    """The header of a log, and the position of its first record.

    CorruptLog or NewerLog if this weft can't read it.
    """
    with open(open_file(path), "rb") as file:
        decoded = decode_header(file.read(1 << 16))
    if decoded is None:
        raise CorruptLog(f"run log has no complete header: {path}")
    return decoded


def read_payloads(path: Path, position: int) -> Iterator[list[memoryview]]:
    """Payloads of all whole, valid frames from a position on; damage is passed over."""
    with open(open_file(path), "rb", buffering=0) as file:
        while True:
            file.seek(position)
            payloads, n_bytes = _whole_frames(file.read(READ_BYTES))
            if payloads:
                yield payloads
                position += n_bytes
                continue
            # The end, damage, or a frame longer than what was read.
            tail = LogTail(path, position)
            try:
                frames = tail.read(READ_BYTES)
            finally:
                tail.close()
            if not frames.data:
                return
            view = memoryview(frames.data)
            yield [view[frame.payload : frame.end] for frame in split_frames(frames.data)]
            position = frames.end


def _whole_frames(data: bytes) -> tuple[list[memoryview], int]:
    """Payloads of the whole, valid frames that `data` begins with, and the bytes they take."""
    view = memoryview(data)
    payloads: list[memoryview] = []
    start, n_bytes = 0, len(data)
    # `frame_at` by hand: this loop runs once per logged row.
    while (payload := start + FRAME_OVERHEAD) <= n_bytes:
        mark, crc, length = _unpack_head(data, start)
        stop = payload + length
        if mark != MARK or stop > n_bytes or not 0 < length <= MAX_FRAME_BYTES:
            break
        if crc32(view[payload - 4 : stop]) != crc:
            break
        payloads.append(view[payload:stop])
        start = stop
    return payloads, start
