"""One log of a followed directory, and how far it has been applied. Does I/O: reads the log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog, Gone, PositionConflict, WeftError
from weft.runlog.format import Header
from weft.runlog.platform import boot_id, is_running, machine_id
from weft.runlog.reader import LogTail
from weft.server.intake.uploads.decode import crc_of, decode_upload
from weft.server.services.access import LOCAL, RunPath
from weft.server.services.ingest import IngestService, Upload
from weft.server.storage.contract import StreamPosition

_BEAT_SECS: Final = 10.0
_FIRST_RETRY_SECS: Final = 1.0
_LAST_RETRY_SECS: Final = 60.0

REST_SECS: Final = 10.0
"""A log without a running process that has not grown for this long is checked once a second."""


class _NotFetched:
    __slots__ = ()


_NOT_FETCHED: Final = _NotFetched()


class Replaced(Exception):
    """The file is not the one whose rows the store has."""


class FollowedLog:
    """A log that is read as it grows.

    Attributes:
        target: the run that its rows go to.
        position: how far it has been applied.
        problem: why it can't be read further at present. None if it can.
        is_read: whether this follower has applied all that it had when it was last checked.
    """

    def __init__(self, path: Path, header: Header, target: RunPath) -> None:
        self.path = path
        self.header = header
        self.target = target
        self.size = 0
        self.position = 0
        self.problem: str | None = None
        self.is_read = False
        self._tail: LogTail | None = None
        self._stored: StreamPosition | None = None
        self._fetched: StreamPosition | Exception | _NotFetched | None = _NOT_FETCHED
        self._is_over = False
        self._rested_size: int | None = None
        self._is_live = False
        self._next_beat = 0.0
        self._grown_secs = time.monotonic()
        self._next_try = 0.0
        self._n_failures = 0

    @property
    def stream(self) -> tuple[RunPath, str]:
        """The run and the writer whose log it is."""
        return self.target, self.header.writer_id

    @property
    def asks_for_position(self) -> bool:
        """Whether the next `read` needs to know where the store's copy ends."""
        return (
            self._tail is None
            and self._stored is None
            and self._rested_size is None
            and not self._is_over
            and time.monotonic() >= self._next_try
        )

    def set_position(self, position: StreamPosition | Exception | None) -> None:
        """Set the end of the store's copy, as `IngestService.positions` returns it."""
        self._fetched = position

    @property
    def is_resting(self) -> bool:
        """Whether all of it was read some time ago, and no process is left to write to it."""
        return (
            self._tail is None
            and self.problem is None
            and time.monotonic() - self._grown_secs > REST_SECS
        )

    @property
    def n_torn_bytes(self) -> int:
        """Bytes after the last whole frame, if no process is left to complete it."""
        return 0 if self._rested_size is None else max(0, self._rested_size - self.position)

    @property
    def is_stuck(self) -> bool:
        """Whether nothing of it can be read now."""
        return self._is_over or self.problem is not None

    def read(self, ingest: IngestService) -> Upload | None:
        """Read what was added to the log, at most about 1 MB; None if nothing was.

        Replaced if the rows that the store has are not of this file.
        """
        if self._is_over or time.monotonic() < self._next_try:
            return None
        if self._tail is None:
            self.size = self.path.stat().st_size
            if self.size == self._rested_size:
                return None
            self._rested_size = None
            self._tail = self._open(ingest)
        self.size = self._tail.size
        if self.size < self.position:
            self._forget_position()
            return self.read(ingest)
        piece = self._tail.read() if self.size > self.position else None
        if piece is None or not piece.data:
            self.is_read = True
            self._note_well()
            self._beat(ingest)
            return None
        upload = decode_upload(
            piece.data,
            writer=self.header.writer_id,
            position=piece.start,
            n_damaged=piece.n_damaged,
            stored=self._stored,
        )
        self._is_live = self._does_process_run()
        upload.live = self._is_live
        upload.followed = True
        return upload

    def note_applied(self, upload: Upload) -> None:
        """Note that all of an upload is durable."""
        before = self._stored
        self._stored = StreamPosition(
            upload.to_position,
            upload.state if upload.state is not None else before.state if before else b"",
            upload.n_rows if upload.n_rows is not None else before.n_rows if before else 0,
            upload.tail if upload.tail is not None else before.tail if before else b"",
        )
        self.position = upload.to_position
        self.is_read = self.position >= self.size
        self._grown_secs = time.monotonic()
        self._note_well()

    def note_failed(self, error: Exception) -> None:
        """Note that it could not be read or applied.

        It is tried again after a while, from where the store's copy ends, unless its run was
        deleted.
        """
        self._forget_position()
        if isinstance(error, PositionConflict):
            return
        if isinstance(error, Gone):
            self._is_over = True
            return
        wait_secs = min(_LAST_RETRY_SECS, _FIRST_RETRY_SECS * 2**self._n_failures)
        self._n_failures += 1
        self._next_try = time.monotonic() + wait_secs
        if isinstance(error, OSError):
            self.problem = (error.strerror or str(error)).lower()
        elif isinstance(error, WeftError):
            self.problem = str(error)
        else:
            self.problem = f"unexpected {type(error).__name__}: {error}"

    def restart(self) -> None:
        """Read it again from where the store ends now."""
        self._forget_position()
        self._is_over = False
        self._next_try = 0.0

    def close(self) -> None:
        """Stop reading it."""
        self._forget_position()
        self._is_over = True

    def _note_well(self) -> None:
        self._n_failures = 0
        self.problem = None

    def _forget_position(self) -> None:
        self._close_file()
        self._stored = self._rested_size = None
        self._fetched = _NOT_FETCHED
        self.position = 0

    def _close_file(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _open(self, ingest: IngestService) -> LogTail:
        stored = self._stored or self._take_fetched(ingest)
        tail = LogTail(self.path, stored.position if stored else 0)
        try:
            if stored is not None and stored.position and self._stored is None:
                self._check(tail, stored)
        except BaseException:
            tail.close()
            raise
        self._stored = stored
        self.position = stored.position if stored else 0
        return tail

    def _take_fetched(self, ingest: IngestService) -> StreamPosition | None:
        position, self._fetched = self._fetched, _NOT_FETCHED
        if isinstance(position, _NotFetched):
            return ingest.position(LOCAL, *self.stream)
        if isinstance(position, Exception):
            raise position
        return position

    def _check(self, tail: LogTail, stored: StreamPosition) -> None:
        """Compare the file with the store's copy of it; Replaced if they differ."""
        if stored.position > tail.size:
            raise Replaced
        crc = crc_of(stored)
        if crc is not None and tail.crc_before(stored.position) != crc:
            raise Replaced

    def _beat(self, ingest: IngestService) -> None:
        now = time.monotonic()
        if now < self._next_beat:
            return
        self._next_beat = now + _BEAT_SECS
        self._is_live = self._does_process_run()
        if self._is_live:
            ingest.note_heartbeat(
                LOCAL,
                self.target,
                self.header.writer_id,
                position=self.position,
            )
        else:
            # Closed, because a directory may have more logs than this process may open files.
            self._rested_size = self.size
            self._close_file()

    def _does_process_run(self) -> bool:
        header = self.header
        # Asked first: most logs' processes have ended, and this is the cheaper check.
        return is_running(header.pid, header.pid_start) and (
            (header.machine_id, header.boot_id) == (machine_id(), boot_id())
        )


def damage_of(error: Exception) -> str:
    """Why a log can't be shown, as a text for users."""
    if isinstance(error, OSError):
        return f"can't be read ({(error.strerror or str(error)).lower()})"
    if isinstance(error, CorruptLog):
        return f"is damaged: {error}"
    return str(error)
