"""Appends records to one writer's log. Step 2 of a point's way: durable from here.

Receives payloads from `weft.sdk.history` (and the sidecar), leaves whole frames in the file for
`weft.sync.tail`. Rules RL30 to RL39 of `docs/run-log-format.md`.

Once `write_frame` has returned the frame survives a `kill -9` of the process: it lies in the
kernel's page cache. There is no buffer, thread or queue here.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from threading import RLock
from time import perf_counter_ns
from typing import Final
from zlib import crc32

from weft.errors import ConfigError
from weft.records.limits import MAX_FRAME_BYTES, RING_BYTES
from weft.records.record import Gap, Record
from weft.runlog.format import MARK, Header, encode_frame, encode_header, encode_payload
from weft.runlog.platform import PORTABLE, boot_clock_nanos, is_local_file_system

STALL_NANOS: Final = 50_000_000
"""A write that took longer is made without the GIL from then on, so that other threads go on."""

RETRY_NANOS: Final = 200_000_000
"""While the disk takes nothing, how often a waiting row tries it again."""

_pack_u32 = Struct("<I").pack


def _write_keeping_gil() -> Callable[[int, bytes, int], int] | None:
    """The C library's `write`, called without giving up the GIL; None where there is none.

    `os.write` releases the GIL, and beside a busy Python thread it gets it back only after the
    switch interval: 5 ms in 2 to 6 % of calls.
    """
    if PORTABLE or os.name != "posix":
        return None
    import sys

    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return None
    import ctypes

    try:
        write = ctypes.PyDLL(None).write
    except (OSError, AttributeError):
        return None
    write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
    write.restype = ctypes.c_ssize_t
    return write


def _write_releasing_gil(fd: int, data: bytes, n_bytes: int) -> int:
    del n_bytes
    return os.write(fd, data)


class LogWriter:
    """One process's append-only log. Thread-safe and re-entrant: a signal handler may log.

    Attributes:
        lock: held around each append. Whoever numbers rows or interns keys takes it first.
        n_lost_rows: rows that fell out of the ring; the log holds Gap records for them.
        on_trouble: called once per kind of trouble with a sentence for the user.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Create the log with its header.

        Args:
            path: the new file; its directory has to exist.

        Raises:
            OSError: the file can't be made there.
        """
        self.path = path
        self.header = header
        self.lock = RLock()
        self.n_lost_rows = 0
        self.on_trouble: Callable[[str], None] = lambda _: None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._fd = os.open(path, flags, 0o600)
        self._size = 0
        self._ring: deque[tuple[bytes, int | None]] = deque()
        self._ring_bytes = 0
        self._gap_rows = 0
        self._gap_first = 0
        self._gap_last = 0
        self._next_try = 0
        self._told = False
        keeping = _write_keeping_gil() if is_local_file_system(path.parent) else None
        self._write: Callable[[int, bytes, int], int] = keeping or _write_releasing_gil
        first = encode_header(header)
        try:
            if os.write(self._fd, first) != len(first):
                raise OSError(28, "no space left for the run log's header", str(path))
        except OSError:
            os.close(self._fd)
            path.unlink(missing_ok=True)
            raise
        self._size = len(first)

    def write_frame(self, payload: bytes, row_micros: int | None = None) -> None:
        """Append one payload as a frame. Never raises for a fault of the disk.

        Args:
            payload: an encoded record.
            row_micros: for a Row or System record its time; such a frame may be given up when the
                disk stays full and 64 MB wait. None: any other record, which is never given up.
        """
        body = _pack_u32(len(payload)) + payload
        if len(body) > MAX_FRAME_BYTES:
            encode_frame(payload)  # raises, naming the limit
        frame = MARK + _pack_u32(crc32(body)) + body
        n_bytes = len(frame)
        with self.lock:
            if not self._ring:
                begin = perf_counter_ns()
                try:
                    written = self._write(self._fd, frame, n_bytes)
                except OSError:
                    written = -1
                if perf_counter_ns() - begin > STALL_NANOS:
                    self._write = _write_releasing_gil
                if written == n_bytes:
                    self._size += n_bytes
                    return
            self._wait_for_disk(frame, row_micros)

    def append(self, record: Record) -> None:
        """Append one record.

        >>> import tempfile
        >>> from weft.records.record import Exit
        >>> from weft.runlog.header import make_header
        >>> path = Path(tempfile.mkdtemp()) / "run-ab12cd34.x.weft"
        >>> log = LogWriter(path, make_header("ab12cd34"))
        >>> log.append(Exit(micros=0, exit_code=0))
        >>> log.close()
        """
        self.write_frame(encode_payload(record))

    def micros(self) -> int:
        """µs since the header's anchor, by the clock that counts sleep."""
        return boot_clock_nanos() // 1000 - self.header.boot_micros

    @property
    def size(self) -> int:
        """Bytes of whole frames in the file."""
        return self._size

    @property
    def n_waiting(self) -> int:
        """Frames in memory that the disk has not taken yet."""
        return len(self._ring)

    def close(self) -> None:
        """Try once more to write what waits, then close; later calls do nothing."""
        with self.lock:
            if self._fd < 0:
                return
            self._next_try = 0
            self._flush_ring()
            fd, self._fd = self._fd, -1
            os.close(fd)

    def abandon(self) -> None:
        """Let go of the file without writing: a forked child's copy of its parent's writer."""
        self.lock = RLock()  # the parent's thread may have held the old one at the fork
        self._ring.clear()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _wait_for_disk(self, frame: bytes, row_micros: int | None) -> None:
        if self._fd < 0:
            raise ConfigError(f"run log is closed: {self.path}")
        if not self._ring:
            self._truncate_to_whole_frames()
        self._ring.append((frame, row_micros))
        self._ring_bytes += len(frame)
        if self._flush_ring():
            return
        if not self._told:
            self._told = True
            self.on_trouble(
                f"the disk takes no more of the run log; rows wait in memory, "
                f"up to {RING_BYTES >> 20} MB: {self.path}"
            )
        if self._ring_bytes > RING_BYTES:
            self._give_up_oldest_rows()

    def _flush_ring(self) -> bool:
        """Write what waits, oldest first; False = something still waits."""
        if not self._ring:
            return True
        now = perf_counter_ns()
        if now < self._next_try:
            return False
        while self._ring or self._gap_rows:
            if self._gap_rows:
                gap = Gap(self._gap_rows, self._gap_first, self._gap_last)
                frame, is_gap = encode_frame(encode_payload(gap)), True
            else:
                frame, is_gap = self._ring[0][0], False
            if not self._write_whole(frame):
                self._next_try = now + RETRY_NANOS
                return False
            if is_gap:
                self._gap_rows = 0
            else:
                self._ring.popleft()
                self._ring_bytes -= len(frame)
        self._next_try = 0
        self._told = False
        return True

    def _write_whole(self, frame: bytes) -> bool:
        try:
            written = os.write(self._fd, frame)
        except OSError:
            written = -1
        if written == len(frame):
            self._size += written
            return True
        self._truncate_to_whole_frames()
        return False

    def _truncate_to_whole_frames(self) -> None:
        # After a short write the file ends in half a frame, and the next frame would follow it.
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            pass  # a reader stops at the torn frame, and finds the next by its mark

    def _give_up_oldest_rows(self) -> None:
        kept: list[tuple[bytes, int | None]] = []
        while self._ring and self._ring_bytes > RING_BYTES:
            frame, row_micros = self._ring.popleft()
            if row_micros is None:
                kept.append((frame, None))
                continue
            self._ring_bytes -= len(frame)
            if not self._gap_rows:
                self._gap_first = row_micros
            self._gap_last = row_micros
            self._gap_rows += 1
            self.n_lost_rows += 1
        self._ring.extendleft(reversed(kept))
