"""Reads one log for its upload and tracks how far it is. Does I/O: reads the log.

Reads what a `LogWriter` appends, passes whole frames to `uploader`, and detects when the writer
has ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.client.script_client import LogTarget
from weft.errors import CorruptLog, Diverged
from weft.records.ids import DEFAULT_ENTITY
from weft.records.limits import MAX_REASON_BYTES
from weft.records.record import Exit, Run
from weft.runlog.child_log import SIDECAR_PROCESS
from weft.runlog.decoding import decode_record
from weft.runlog.format import HEAD_BYTES, MARK, Header, decode_header, find_frame, frame_at
from weft.runlog.layout import FILES, ensure_runtime_directory, upload_lock_path
from weft.runlog.lock import FileLock
from weft.runlog.platform import is_running
from weft.runlog.reader import FrameRange, LogTail, open_file
from weft.runlog.writer import remove_reserve
from weft.sync.status import MOST_LOST, LogStatus
from weft.sync.uploading.batch import BatchWindow
from weft.sync.uploading.contents import Contents
from weft.sync.uploading.contents_ahead import ContentsAhead
from weft.sync.uploading.marker import Marker, read_marker, write_marker
from weft.sync.uploading.staged_artifacts import StagedArtifacts
from weft.sync.uploading.upload_state import UploadState

_EXIT_BYTES: Final = 96 + MAX_REASON_BYTES
"""More than an Exit frame takes: 10 bytes of frame, three small fields and its reason."""

_LAST_BYTES: Final = 128 * 1024

SMALL_BYTES: Final = 32 * 1024
"""A log up to this size is sent whole without first asking how much of it the server has."""

_PROCESS_CHECK_SECS: Final = 2.0


class TailedLog:
    """A log, its address at the server, and how much of it is there.

    Attributes:
        is_late: whether no script waits for it.
        acked: bytes known to be durable at the server.
        closed: whether its writer wrote Exit.
        n_damaged_bytes: bytes that this uploader skipped and the server noted as damaged.
        n_torn_bytes: bytes after the last whole frame of an ended log; see `note_torn_tail`.
        upload: the state of its upload.
        ahead: chunks of files that its run's next manifest will name. None if it has none.
        staged: copies of the artifacts of its run.
    """

    def __init__(
        self,
        path: Path,
        *,
        may_live: Callable[[], bool] | None = None,
        is_orphan: bool = False,
        is_dead: bool = False,
        ask: bool = False,
        is_late: bool = False,
        ahead: ContentsAhead | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open a log and read its header.

        Args:
            may_live: whether the writer counts as running while its process runs. If None, it
                does.
            is_orphan: whether its process is dead or on another machine, so that it never counts
                as running.
            is_dead: whether its process is known to have ended, so that the server is told if it
                wrote no Exit.
            ask: ignore the marker and begin with the log's head: a server that has more of the
                log responds with its position, and one that has nothing accepts it.
        """
        self.path = path
        self.is_late = is_late
        self._is_dead = is_dead
        self.header, self.run, head_bytes = read_head(path)
        self.target = LogTarget(
            self.run.entity or DEFAULT_ENTITY,
            self.run.project,
            self.header.run_id,
            self.header.writer_id,
        )
        self.window = BatchWindow()
        self.upload = UploadState()
        self.acked = 0
        self.closed = False
        self.n_damaged_bytes = 0
        self.n_torn_bytes = 0
        self.contents = Contents(path.parent / FILES, clock)
        self.ahead = ahead
        self.staged = StagedArtifacts(path.parent / FILES, clock)
        self._looked_at = -1
        # (position, checksum of the frame that ends there), at `acked` and after the last read.
        self._acked_end = self._read_end = (0, 0)
        self._head_bytes = head_bytes if ask and path.stat().st_size > SMALL_BYTES else 0
        self._process = _WriterProcess(self.header, may_live, clock, is_orphan=is_orphan)
        self._tail = LogTail(path)
        self._lock = FileLock(upload_lock_path(ensure_runtime_directory(), path))
        self._marker = read_marker(path)
        if not ask and self._marker is not None and self._marker.position <= self.size:
            self.acked = self._tail.position = self._marker.position

    @property
    def size(self) -> int:
        """Bytes in the file now."""
        return self._tail.size

    @property
    def is_sent(self) -> bool:
        """Whether the server has everything that is in the file now."""
        return self.acked >= self._tail.size

    @property
    def is_of_sidecar(self) -> bool:
        """Whether a sidecar wrote it, or `weft sync` in its place: it announces the files."""
        return self.header.labels.get("process") == SIDECAR_PROCESS

    @property
    def header_run(self) -> str | None:
        """The run id that the log itself has, if it is sent as another run."""
        run_id = self.header.run_id
        return run_id if run_id != self.target.run_id else None

    def acquire(self) -> bool:
        """Become this log's only uploader. False if another process is."""
        return self._lock.acquire()

    def is_live(self) -> bool:
        """Whether the log's writer is running and has not closed it; a live log gets beats."""
        return not self.closed and self._process.may_live() and self._process.is_running()

    @property
    def may_return(self) -> bool:
        """Whether its run was deleted, and may be restored while its script still logs."""
        return self.upload.state == "gone" and self.is_live()

    def has_ended(self) -> bool:
        """Whether nothing more can come: the log is closed, or its process is dead."""
        return self.closed or not self._process.is_running()

    def has_crashed(self) -> bool:
        """Whether it is a script's own log, and the script is known to have died without Exit."""
        return self._is_dead and self.header.parent_writer is None and not self.look_for_exit()

    def seek(self, position: int) -> None:
        """Continue at `position`, where the server's copy ends according to the server."""
        self.acked = self._tail.position = position
        if position == self._read_end[0]:
            self._acked_end = self._read_end

    def checksum(self) -> int | None:
        """Checksum of the frame that ends where the server's copy ends; None if the copy is empty.

        Diverged if no frame ends there, so the server's copy is of another log.
        """
        if self.acked == 0:
            return None
        if self._acked_end[0] != self.acked:
            crc = self._tail.crc_before(self.acked)
            if crc is None:
                raise Diverged(f"no frame of this log ends at byte {self.acked}")
            self._acked_end = (self.acked, crc)
        return self._acked_end[1]

    def read(self) -> FrameRange:
        """The next whole frames after `acked`, at most one batch."""
        self._tail.position = self.acked
        frames = self._tail.read(self._head_bytes or self.window.max_bytes)
        self._head_bytes = 0
        self._read_end = (frames.end, frames.crc)
        if _exit_at_end(frames.data) is not None:
            self.closed = True
        return frames

    def note_torn_tail(self) -> None:
        """Count the bytes after the last whole frame of a log that has ended.

        Does nothing if an earlier uploader was done with the log, because it reported them.
        """
        if self._marker is None or not self._marker.done:
            self.n_torn_bytes = max(0, self.size - self.acked)

    def look_for_exit(self) -> bool:
        """Whether the writer has closed the log, according to the file's end, sent or not."""
        size = self.size
        if not self.closed and size != self._looked_at:
            self._looked_at = size
            try:
                self.closed = is_closed(self.path)
            except (OSError, CorruptLog):
                return False  # the file was removed; this process still has it open
        return self.closed

    def sync(self) -> None:
        """Call fsync, so that the present contents survive a power loss."""
        self._tail.sync()

    def status(self) -> LogStatus:
        """This log's line on the status page."""
        return LogStatus(
            self.path.name,
            self.header.run_id,
            self.size,
            self.acked,
            self.upload.state,
            self.upload.error,
            self.upload.stopper,
            self.n_damaged_bytes,
            self.contents.n_waiting,
            self.contents.n_waiting_bytes,
            self.contents.n_sent_bytes + (self.ahead.n_sent_bytes if self.ahead else 0),
            len(self.contents.lost),
            list(self.contents.lost.items())[:MOST_LOST],
            self.upload.entity,
            self.upload.warning,
        )

    def remember(self, server: str | None) -> None:
        """Write the marker, which tells a later uploader how much of the log is sent."""
        marker = Marker(self.acked, server, self.upload.is_over and not self.may_return)
        if marker.done:
            remove_reserve(self.path)
        if marker != self._marker:
            self._marker = marker
            write_marker(self.path, marker)

    def close(self) -> None:
        """Close the file and release the log's lock."""
        self._tail.close()
        self._lock.release(remove=self.upload.is_over)


class _WriterProcess:
    """The process that writes a log, whose end is noticed within some seconds."""

    def __init__(
        self,
        header: Header,
        may_live: Callable[[], bool] | None,
        clock: Callable[[], float],
        *,
        is_orphan: bool,
    ) -> None:
        self.may_live = may_live or (lambda: True)
        self._header = header
        self._clock = clock
        self._runs = not is_orphan
        self._next_check_secs = 0.0

    def is_running(self) -> bool:
        now = self._clock()
        is_suspect = not self.may_live()
        if self._runs and (is_suspect or now >= self._next_check_secs):
            self._runs = is_running(self._header.pid, self._header.pid_start)
            self._next_check_secs = now + _PROCESS_CHECK_SECS
        return self._runs


def read_head(path: Path) -> tuple[Header, Run, int]:
    """A log's header, its first record, and the position after that record.

    CorruptLog or NewerLog if they are missing or malformed.
    """
    head = read_begun_head(path)
    if head is None:
        raise CorruptLog(f"run log has no complete first record: {path}")
    return head


def read_begun_head(path: Path) -> tuple[Header, Run, int] | None:
    """As `read_head`, for a log that may just have been created: None until both are whole."""
    tail = LogTail(path)
    try:
        data = tail.read(1 << 16).data
    finally:
        tail.close()
    header = decode_header(data)
    frame = frame_at(data, header[1]) if header else None
    if header is None or frame is None:
        return None
    record = decode_record(memoryview(data)[frame.payload : frame.end])
    if not isinstance(record, Run):
        raise CorruptLog(f"run log does not begin with its run: {path}")
    return header[0], record, frame.end


def is_unbegun(path: Path) -> bool:
    """Whether a log's writer died before it wrote anything: no data are missing.

    The log of the process that called `init` must be empty; a log of a sidecar or another
    process may have a header, which is written before its first record.
    """
    with open(open_file(path), "rb") as file:
        data = file.read(HEAD_BYTES)
    head = decode_header(data)
    if head is None:
        return not data
    header, header_end = head
    return header.parent_writer is not None and header_end == len(data)


def is_closed(path: Path) -> bool:
    """Whether a log's last record is Exit."""
    return read_exit(path) is not None


def read_exit(path: Path) -> Exit | None:
    """A log's last record if it is Exit, else None."""
    with open(open_file(path), "rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _EXIT_BYTES))
        return _exit_at_end(file.read())


def read_last_micros(path: Path) -> int:
    """The latest time of a log's last records, in µs since its anchor; 0 if none has a time."""
    with open(open_file(path), "rb") as file:
        n_bytes = file.seek(0, 2)
        file.seek(max(0, n_bytes - _LAST_BYTES))
        data = file.read()
    micros = end = 0
    while (frame := find_frame(data, end)) is not None:
        end = frame.end
        try:
            record = decode_record(memoryview(data)[frame.payload : end])
        except CorruptLog:
            continue  # the header, or an invalid record
        micros = max(micros, getattr(record, "micros", 0))
    return micros


def _exit_at_end(data: bytes) -> Exit | None:
    """The record in the last frame of `data` if it is Exit, else None."""
    lowest = max(0, len(data) - _EXIT_BYTES)
    start = len(data)
    while (start := data.rfind(MARK, lowest, start)) >= 0:
        try:
            frame = frame_at(data, start)
        except CorruptLog:
            continue
        if frame is not None and frame.end == len(data):
            try:
                record = decode_record(memoryview(data)[frame.payload : frame.end])
            except CorruptLog:
                return None  # an invalid record is sent, and the server refuses it [RL40]
            return record if isinstance(record, Exit) else None
    return None
