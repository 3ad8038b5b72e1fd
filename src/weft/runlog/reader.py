"""Reads run logs: whole, or as they grow.

Receives files that a `LogWriter` appends to (or appended to before it was killed), hands whole
frames to `weft.sync.uploading.batch` and to the server's follower. Rules RL7 to RL11.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.records.limits import MAX_FRAME_BYTES
from weft.records.record import Record
from weft.runlog.decoding import decode_record
from weft.runlog.format import (
    FRAME_OVERHEAD,
    HEAD_BYTES,
    MARK,
    PROLOGUE_BYTES,
    Frame,
    Header,
    crc_of,
    decode_header,
    find_frame,
    frame_at,
)

READ_BYTES: Final = 1 << 20
_LARGEST_FRAME: Final = FRAME_OVERHEAD + MAX_FRAME_BYTES


@dataclass(slots=True, frozen=True)
class FrameRange:
    """Whole frames that follow each other in a log.

    Attributes:
        start: position of the first byte of `data`; 0 if they begin with the log's header.
        data: frames, ready to be sent; empty if nothing whole is there yet.
        n_damaged: bytes just before `start` that hold no valid frame and were passed over.
        crc: checksum field of the last frame; two logs that differ before differ in it.
    """

    start: int
    data: bytes
    n_damaged: int = 0
    crc: int = 0

    @property
    def end(self) -> int:
        """The position after the last frame."""
        return self.start + len(self.data)


def open_file(path: Path | str, *, dir_fd: int | None = None, follows_link: bool = True) -> int:
    """Open a regular file to read; a descriptor. With `dir_fd`, a relative path begins there.

    Folders of logs may be shared: a pipe or device of a log's name must not be waited for, and is
    refused by CorruptLog, like a socket or folder.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    if not follows_link:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        fd = os.open(path, flags, dir_fd=dir_fd)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise CorruptLog(f"not a file: {path}") from None
        raise
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise CorruptLog(f"not a file: {path}")
    return fd


class LogTail:
    """Follows one log from a position.

    >>> import tempfile
    >>> from weft.records.record import Exit
    >>> from weft.runlog.header import make_header
    >>> from weft.runlog.writer import LogWriter
    >>> path = Path(tempfile.mkdtemp()) / "run-ab12cd34.x.weft"
    >>> log = LogWriter(path, make_header("ab12cd34")); log.append(Exit(0, 0)); log.close()
    >>> tail = LogTail(path)
    >>> tail.read().end == path.stat().st_size, tail.read().data
    (True, b'')
    """

    def __init__(self, path: Path, position: int = 0) -> None:
        """Open the log at 0 or the end of a frame."""
        self.path = path
        self.position = position
        self._fd = open_file(path)

    @property
    def size(self) -> int:
        """Bytes in the file now; the last frame may be torn."""
        return os.fstat(self._fd).st_size

    def sync(self) -> None:
        """Make what the file holds now survive a loss of power."""
        os.fsync(self._fd)

    def read(self, n_bytes: int = READ_BYTES) -> FrameRange:
        """The next whole frames, about `n_bytes` of them (one frame at least if it is whole).

        A torn frame at the end of the file is waited for: it may still be being written. A corrupt
        one with a valid one behind it is passed over, and counted in `n_damaged` [RL9].
        """
        start = self.position
        data = self._pread(start, n_bytes)
        end, crc = self._whole(data)
        if end == 0 and len(data) == n_bytes:
            data = self._pread(start, max(n_bytes, _LARGEST_FRAME))
            end, crc = self._whole(data)
        if end == 0 and data and start > 0 and (valid := self._next_valid(start + 1)) is not None:
            start = valid
            data = self._pread(start, max(n_bytes, _LARGEST_FRAME))
            end, crc = self._whole(data)
        frames = FrameRange(start, data[:end], start - self.position, crc)
        self.position = frames.end
        return frames

    def crc_before(self, position: int) -> int | None:
        """Checksum field of the frame that ends at `position`. None if no frame ends there.

        Looks for it backwards: a payload can hold no copy of a frame, since msgpack never uses
        the mark's first byte and numbers are shorter than a frame.
        """
        n_bytes = 4096
        while True:
            data = self._pread(max(0, position - n_bytes), min(position, n_bytes))
            start = len(data)
            while (start := data.rfind(MARK, 0, start)) >= 0:
                try:
                    frame = frame_at(data, start)
                except CorruptLog:
                    continue
                if frame is not None and frame.end == len(data):
                    return crc_of(data, frame)
            if n_bytes >= min(position, _LARGEST_FRAME):
                return None
            n_bytes *= 16

    def close(self) -> None:
        os.close(self._fd)

    def _pread(self, position: int, n_bytes: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._fd, n_bytes, position)
        os.lseek(self._fd, position, os.SEEK_SET)
        return os.read(self._fd, n_bytes)

    def _whole(self, data: bytes) -> tuple[int, int]:
        """Bytes of `data` that are whole, valid frames (after the header, at position 0).

        With the checksum of the last one; 0 if there is none.
        """
        end = 0
        last: Frame | None = None
        if self.position == 0:
            if decode_header(data) is None:
                return 0, 0
            end = PROLOGUE_BYTES
        try:
            while (frame := frame_at(data, end)) is not None:
                last, end = frame, frame.end
        except CorruptLog:
            pass
        return (end, crc_of(data, last)) if last else (0, 0)

    def _next_valid(self, position: int) -> int | None:
        """Position of the next valid frame, or None after a torn tail.

        Looks through the rest of the file in windows that overlap by the largest frame.
        """
        while True:
            data = self._pread(position, 2 * _LARGEST_FRAME)
            frame = find_frame(data, 0)
            if frame is not None:
                return position + frame.start
            if len(data) < 2 * _LARGEST_FRAME:
                return None
            position += _LARGEST_FRAME


def read_start(path: Path) -> tuple[Header, int] | None:
    """The header of a log, and the position of its first record.

    None if the header is not whole (the process died while it made the file). CorruptLog or
    NewerLog if this weft can't read it.
    """
    with open(open_file(path), "rb") as file:
        return decode_header(file.read(HEAD_BYTES))


def read_header(path: Path) -> Header | None:
    """The header of a log, as in `read_start`."""
    start = read_start(path)
    return None if start is None else start[0]


def read_records(path: Path) -> Iterator[Record]:
    """All records of a log that this weft knows, in order; damage is passed over."""
    tail = LogTail(path)
    try:
        while (frames := tail.read()).data:
            position = 0
            if frames.start == 0:
                decoded = decode_header(frames.data)
                position = decoded[1] if decoded else 0
            while (frame := frame_at(frames.data, position)) is not None:
                record = decode_record(memoryview(frames.data)[frame.payload : frame.end])
                if record is not None:
                    yield record
                position = frame.end
    finally:
        tail.close()
