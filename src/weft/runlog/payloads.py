"""All payloads of a run log, many at a time, for who reads a log from end to end. Does I/O.

`weft.runlog.reader` follows a log that grows; this is for one that is read once, as fast as the
disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.runlog.format import FRAME_OVERHEAD, Header, frame_ends
from weft.runlog.reader import LogTail, open_file, read_start

READ_BYTES: Final = 4 << 20


def read_whole_header(path: Path) -> tuple[Header, int]:
    """The header of a log, and the position of its first record.

    CorruptLog or NewerLog if this weft can't read it.
    """
    start = read_start(path)
    if start is None:
        raise CorruptLog(f"run log has no complete header: {path}")
    return start


def read_payloads(path: Path, position: int) -> Iterator[list[memoryview]]:
    """Payloads of all whole, valid frames from a position on; damage is passed over."""
    with open(open_file(path), "rb", buffering=0) as file:
        while True:
            file.seek(position)
            data = file.read(READ_BYTES)
            if ends := frame_ends(data):
                yield _payloads(data, ends)
                position += ends[-1]
                continue
            # The end, damage, or a frame longer than what was read.
            tail = LogTail(path, position)
            try:
                rest = tail.read(READ_BYTES)
            finally:
                tail.close()
            if not rest.data:
                return
            yield _payloads(rest.data, frame_ends(rest.data))
            position = rest.end


def _payloads(data: bytes, ends: Sequence[int]) -> list[memoryview]:
    """The payloads of the frames with these ends, the first of which begins `data`."""
    view = memoryview(data)
    starts = (0, *ends)
    return [view[start + FRAME_OVERHEAD : end] for start, end in zip(starts, ends, strict=False)]
