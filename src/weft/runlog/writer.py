"""Appends records to one writer's log. A record is durable from here.

Receives payloads from `weft.sdk.rows.history` (and the sidecar), leaves whole frames in the file
for `weft.sync.uploading.tail`. Rules RL30 to RL35 of `docs/run-log-format.md`.

Once `write_frame` has returned the frame survives a `kill -9` of the process: it is in the
kernel's page cache. There is no buffer, thread or queue here.
"""

from __future__ import annotations

import _thread
import os
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from threading import RLock
from time import perf_counter_ns
from typing import Final
from zlib import crc32

from weft.errors import ConfigError
from weft.records.limits import MAX_FRAME_BYTES, RING_BYTES
from weft.records.record import Console, Record, Row, System
from weft.runlog.format import (
    FRAME_OVERHEAD,
    MARK,
    Header,
    encode_frame,
    encode_header,
    encode_payload,
)
from weft.runlog.platform import PORTABLE, boot_clock_nanos, is_local_file_system
from weft.runlog.private_files import write_private
from weft.runlog.ring import FrameKind, Ring

STALL_NANOS: Final = 50_000_000
"""A write that took longer is made without the GIL from then on, so that other threads go on."""

RESERVE_BYTES: Final = 16 * 1024
"""Room kept next to the log, so that a full disk still takes the words that end it [RL35]."""

RETRY_NANOS: Final = 200_000_000
"""While the disk takes nothing, how often a waiting row tries it again."""

_WIDENING_MACHINES: Final = frozenset({"x86_64", "aarch64", "arm64"})
"""Machines on which libffi widens an int to a whole register, so that a `size_t` below 2 GiB may
be passed as one. Without declared argument types a call costs 0.86 µs rather than 1.18."""

_pack_u32 = Struct("<I").pack
_pack_head = Struct("<2sII").pack


_MOST_LENGTHS: Final = 4096
_length_crcs: Final[dict[int, int]] = {}
"""The checksum of a frame's length, which begins the checksum of its payload. Lengths repeat."""


def _crc_of_length(n_bytes: int) -> int:
    crc = crc32(_pack_u32(n_bytes))
    if len(_length_crcs) < _MOST_LENGTHS:
        _length_crcs[n_bytes] = crc
    return crc


def _write_keeping_gil() -> Callable[[int, bytes, int], int] | None:
    """The C library's `write`, called without giving up the GIL; None where there is none.

    `os.write` releases the GIL, and next to a busy Python thread it gets it back only after the
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
        write.restype = ctypes.c_ssize_t
    except (OSError, AttributeError):  # or a signal handler, amid the import of `ctypes`
        return None
    if os.uname().machine not in _WIDENING_MACHINES:
        write.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t)
    return write


def _write_releasing_gil(fd: int, data: bytes, n_bytes: int) -> int:
    del n_bytes
    return os.write(fd, data)


class LogWriter:
    """One process's append-only log. Thread-safe and re-entrant: a signal handler may log.

    Attributes:
        lock: held around each append. Whoever numbers rows or interns keys takes it first.
        n_lost_rows: rows that were given up; the log holds Gap records for them, if it could.
        on_trouble: called once per trouble with a sentence for the user.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Create the log with its header, in an existing directory."""
        self.path = path
        self.header = header
        self.lock = RLock()
        self.n_lost_rows = 0
        self.on_trouble: Callable[[str], None] = lambda _: None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._fd = os.open(path, flags, 0o600)
        self._ring = Ring(RING_BYTES)
        self._writing = False
        self._waits = False
        self._next_try = 0
        self._has_warned = False
        may_keep_gil = is_local_file_system(path.parent)
        self._write: Callable[[int, bytes, int], int] = (
            self._write_alone if may_keep_gil else _write_releasing_gil
        )
        first = encode_header(header)
        try:
            if os.write(self._fd, first) != len(first):
                raise OSError(28, "no space left for the run log's header", str(path))
        except OSError:
            os.close(self._fd)
            path.unlink(missing_ok=True)
            raise
        _make_reserve(reserve_path(path))

    def write_frame(
        self, payload: bytes, row_micros: int | None = None, line_micros: int | None = None
    ) -> None:
        """Append one payload as a frame; the caller holds `lock`. Never raises for a disk's fault.

        Args:
            payload: an encoded record, 1 byte to 32 MiB.
            row_micros: for a Row or System record its time; such a frame may be given up when the
                disk stays full and 64 MB wait.
            line_micros: the same for a Console record. If both are None, the frame is of another
                record, which is never given up.

        Raises:
            ValueError: the payload is empty or too long for a frame.
            ConfigError: the log is closed.
        """
        n_bytes = len(payload)
        if not 0 < n_bytes <= MAX_FRAME_BYTES:
            encode_frame(payload)  # raises, naming the limit
        begin_crc = _length_crcs.get(n_bytes)
        if begin_crc is None:
            begin_crc = _crc_of_length(n_bytes)
        crc = crc32(payload, begin_crc)
        frame = _pack_head(MARK, crc, n_bytes) + payload
        # `_writing`: a signal handler or a finaliser, amid another append of this thread. Its
        # frame waits, and the append that it interrupted writes it.
        if self._writing or self._waits or self._fd < 0:
            self._wait(frame, *_frame_kind(row_micros, line_micros))
            return
        try:
            self._writing = True
            begin = perf_counter_ns()
            try:
                written = self._write(self._fd, frame, n_bytes + FRAME_OVERHEAD)
            except OSError:
                written = -1
            if perf_counter_ns() - begin > STALL_NANOS:
                self._write = _write_releasing_gil
            if written != n_bytes + FRAME_OVERHEAD:
                self._cut_back(written)
                self._put(frame, *_frame_kind(row_micros, line_micros))
        finally:
            self._writing = False
        if self._waits:
            self._write_waiting()

    def _write_alone(self, fd: int, data: bytes, n_bytes: int) -> int:
        """Write as long as no other Python thread could take the GIL.

        `ctypes`, a twentieth of a first `init()`, is loaded once there is one.
        """
        if _thread._count() == 0:  # noqa: SLF001  as `threading.active_count`, in 40 ns
            return os.write(fd, data)
        self._write = _write_keeping_gil() or _write_releasing_gil
        return self._write(fd, data, n_bytes)

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
        payload = encode_payload(record)
        with self.lock:
            if isinstance(record, (Row, System)):
                self.write_frame(payload, record.micros)
            elif isinstance(record, Console):
                self.write_frame(payload, line_micros=record.micros)
            else:
                self.write_frame(payload)

    def micros(self) -> int:
        """µs since the header's anchor, by the clock that counts sleep; never negative [RL22]."""
        return max(0, boot_clock_nanos() // 1000 - self.header.boot_micros)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._fd).st_size if self._fd >= 0 else self.path.stat().st_size

    @property
    def is_deleted(self) -> bool:
        """Whether the open log has no name any more; False for one that was moved or closed."""
        return self._fd >= 0 and os.fstat(self._fd).st_nlink == 0

    @property
    def n_waiting(self) -> int:
        """Frames in memory that the disk has not taken yet."""
        return len(self._ring)

    def close(self) -> None:
        """Try once more to write what waits, then close; later calls do nothing.

        If the disk takes nothing even now, the waiting rows are lost, and the log's last records
        go into the room that was kept for them [RL35].
        """
        with self.lock:
            if self._fd < 0:
                return
            self._next_try = 0
            if self._ring:
                self._write_waiting()
            is_stuck = bool(self._ring) or self._ring.gap is not None
            remove_reserve(self.path)
            if is_stuck:
                self._write_last_words()
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _write_last_words(self) -> None:
        self.n_lost_rows += self._ring.give_up_all()
        frames = [waiting.frame for waiting in self._ring.drain()]
        if gap := self._ring.gap:
            frames.insert(0, encode_frame(encode_payload(gap)))
        n_lost = 0
        room = RESERVE_BYTES - len(frames[-1])  # Exit, as a rule: without it the run has crashed
        for frame in frames[:-1]:
            if len(frame) <= room and self._write_whole(frame):
                room -= len(frame)
            else:
                n_lost += 1
        n_lost += not self._write_whole(frames[-1])
        others = f", {n_lost} other records too" if n_lost else ""
        self.on_trouble(
            f"the disk took no more of the run log: {self.n_lost_rows} rows are lost{others}: "
            f"{self.path}"
        )

    def abandon(self) -> None:
        """Let go of the file without writing: a forked child's copy of its parent's writer."""
        self.lock = RLock()  # the parent's thread may have held the old one at the fork
        self._ring.drain()
        self._waits = self._writing = False
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _wait(self, frame: bytes, micros: int, kind: FrameKind) -> None:
        if self._fd < 0:
            raise ConfigError(f"run log is closed: {self.path}")
        self._put(frame, micros, kind)
        if not self._writing:
            self._write_waiting()

    def _put(self, frame: bytes, micros: int, kind: FrameKind) -> None:
        self._waits = True
        self.n_lost_rows += self._ring.put(frame, micros, kind)

    def _write_waiting(self) -> None:
        """Write what waits, oldest first, unless the disk was tried a moment ago."""
        now = perf_counter_ns()
        if now < self._next_try:
            return
        try:
            self._writing = True
            while gap := self._ring.gap:
                if not self._write_whole(encode_frame(encode_payload(gap))):
                    return
                self._ring.gap = None
            while head := self._ring.head():
                if not self._write_whole(head.frame):
                    return
                self._ring.pop()
            self._waits = False
            self._next_try = 0
            self._has_warned = False
        finally:
            self._writing = False

    def _write_whole(self, frame: bytes) -> bool:
        try:
            written = os.write(self._fd, frame)
        except OSError:
            written = -1
        if written == len(frame):
            return True
        self._cut_back(written)
        self._next_try = perf_counter_ns() + RETRY_NANOS
        if not self._has_warned:
            self._has_warned = True
            self.on_trouble(
                f"the disk takes no more of the run log; rows wait in memory, "
                f"up to {RING_BYTES >> 20} MB: {self.path}"
            )
        return False

    def _cut_back(self, written: int) -> None:
        """After a short write the file ends in half a frame: cut that off [RL31]."""
        if written > 0:
            try:
                os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            except OSError:
                pass  # half a frame is damage, and a reader finds the next one by its mark


def _frame_kind(row_micros: int | None, line_micros: int | None) -> tuple[int, FrameKind]:
    """The time and kind of a frame that waits."""
    if row_micros is not None:
        return row_micros, "row"
    return (0, "other") if line_micros is None else (line_micros, "line")


def reserve_path(log: Path) -> Path:
    """The file whose room is for a log's last records.

    >>> reserve_path(Path("run-ab12cd34.w.weft")).name
    'run-ab12cd34.w.reserve'
    """
    return log.with_suffix(".reserve")


def remove_reserve(log: Path) -> None:
    """Give the room back: its log is closed, or its writer dead."""
    try:
        reserve_path(log).unlink(missing_ok=True)
    except OSError:
        pass  # the directory was made read-only; 16 KB stay


def _make_reserve(path: Path) -> None:
    try:
        # Random bytes: a file system that compresses would keep no room for zeros.
        write_private(path, os.urandom(RESERVE_BYTES))
    except OSError:
        pass  # the disk is full already
