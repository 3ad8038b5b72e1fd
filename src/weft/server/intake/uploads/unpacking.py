"""Decompresses zstd, and limits how many bytes are unpacked at once. No I/O."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import zstandard

from weft.errors import CorruptLog, LimitExceeded
from weft.records.limits import MAX_UPLOAD_BYTES

MAX_BYTES_IN_WORK: Final = 32 * 2**20
"""Limit of the unpacked bytes of all small uploads in work at once."""

_MAX_WINDOW_BYTES: Final = 8 * 2**20
"""The largest zstd window that a sender may use; level 19 needs that much."""


class _Unpackers(threading.local):
    """An unpacker for each thread: making one takes as long as unpacking a small body."""

    def __init__(self) -> None:
        self.own = zstandard.ZstdDecompressor()


_unpackers: Final = _Unpackers()


class ByteBudget:
    """Admits uploads while those in work have at most `n_bytes` together."""

    def __init__(self, n_bytes: int) -> None:
        self._free_bytes = n_bytes
        self._changed = threading.Condition()

    @contextmanager
    def room_for(self, n_bytes: int) -> Generator[None]:
        """Wait for room, and release it at the end; `n_bytes` never exceeds the whole budget."""
        with self._changed:
            self._changed.wait_for(lambda: self._free_bytes >= n_bytes)
            self._free_bytes -= n_bytes
        try:
            yield
        finally:
            with self._changed:
                self._free_bytes += n_bytes
                self._changed.notify_all()


def unpacked_bytes(body: bytes) -> int:
    """Upper limit of a body's unpacked size: the size it claims, else `MAX_UPLOAD_BYTES`.

    CorruptLog if it is not a zstd frame, or needs a dictionary or a window above 8 MiB;
    LimitExceeded if it claims to be larger.
    """
    try:
        claimed = zstandard.frame_content_size(body)
        frame = zstandard.get_frame_parameters(body)
    except zstandard.ZstdError as error:
        raise CorruptLog(f"the body is not zstd: {error}") from None
    if claimed > MAX_UPLOAD_BYTES:
        raise LimitExceeded(
            f"upload of {claimed} bytes after unpacking; the limit is {MAX_UPLOAD_BYTES}"
        )
    # A frame without a window of its own states its content's size.
    if frame.window_size > max(_MAX_WINDOW_BYTES, claimed):
        raise CorruptLog(
            f"the body's zstd window is {frame.window_size} bytes; at most {_MAX_WINDOW_BYTES}"
        )
    if frame.dict_id:
        raise CorruptLog("the body was packed with a zstd dictionary; none is known here")
    return claimed if claimed >= 0 else MAX_UPLOAD_BYTES


def unpacked(body: bytes) -> bytes:
    """Decompress a body to at most `MAX_UPLOAD_BYTES`.

    CorruptLog if it is not one whole zstd frame, or has bytes after it.
    """
    unpacked_bytes(body)
    try:
        if zstandard.frame_content_size(body) >= 0:
            return _unpackers.own.decompress(body, allow_extra_data=False)
        return _unpacked_stream(body)
    except zstandard.ZstdError as error:
        raise CorruptLog(f"the body is not zstd: {error}") from None


def _unpacked_stream(body: bytes) -> bytes:
    # A sender that streams does not know the size beforehand, so unpack in steps.
    unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
    pieces: list[bytes] = []
    n_bytes = 0
    # The shortest block unpacks to at most 128 KiB, so small steps of input bound each piece.
    for start in range(0, len(body), 256):
        pieces.append(unpacker.decompress(body[start : start + 256]))
        n_bytes += len(pieces[-1])
        if n_bytes > MAX_UPLOAD_BYTES:
            raise LimitExceeded(f"upload of more than {MAX_UPLOAD_BYTES} bytes after unpacking")
    if not unpacker.eof or unpacker.unused_data:
        raise CorruptLog("the body is not one whole zstd frame")
    return b"".join(pieces)
