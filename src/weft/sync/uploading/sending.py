"""The requests for a log, and how each response or failure changes it. Does I/O.

Used by `uploader`, which decides what is sent when.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from weft.errors import (
    CorruptLog,
    Diverged,
    Forbidden,
    Gone,
    LimitExceeded,
    NewerLog,
    NotFound,
    PositionConflict,
    StorageFull,
    Unavailable,
    WeftError,
    WrongKey,
)
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import Exit, File
from weft.runlog.format import split_frames
from weft.runlog.header import is_of_this_boot
from weft.runlog.platform import boot_clock_nanos, kernel_boot_id
from weft.runlog.reader import FrameRange
from weft.sync.addresses.accounts import remember_entity
from weft.sync.uploading.contents_ahead import ContentsAhead
from weft.sync.uploading.server_connection import ServerConnection, short_message
from weft.sync.uploading.tail import TailedLog, read_exit, read_last_micros
from weft.wire.ingest.uploads import Ack

HELD_SECS: Final = 300.0
"""The interval of retries of a log that waits for a newer server or a user's action."""

_FILE_TAG: Final = File.__struct_config__.tag
"""The second byte of a File record, after the array's length."""


class LogSender:
    """Makes the requests for logs, one at a time."""

    def __init__(
        self,
        server: ServerConnection,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._tell = tell
        self._clock = clock

    def upload(
        self,
        log: TailedLog,
        now: float,
        position: int,
        body: bytes,
        *,
        n_bytes: int = 0,
        n_damaged: int = 0,
        after: int | None = None,
    ) -> Ack | None:
        """Make one request. Returns None if it failed, which sets a state and a wait."""
        server = self._server
        assert server.client is not None
        log.upload.note_try(now)
        began_nanos = boot_clock_nanos()
        try:
            ack = server.client.upload(
                log.target,
                position,
                body,
                live=log.is_live(),
                boot=boot_of(log),
                offset=server.offset_of(log),
                n_damaged=n_damaged,
                after=after,
                header_run=log.header_run,
            )
        except WeftError as error:
            log.window.look(now, n_waiting=0)
            if isinstance(error, StorageFull):
                self._tell_end(log)
            self.handle(log, error, now, n_bytes=n_bytes)
            return None
        server.note_clock(began_nanos, ack.time_micros)
        self.accept(log, ack)
        return ack

    def _tell_end(self, log: TailedLog) -> None:
        """Tell the server that a log has ended whose last rows it has no room for."""
        if not log.acked or not log.look_for_exit():
            return
        try:
            record = read_exit(log.path)
        except (CorruptLog, OSError):
            return
        if record is not None:
            self._send_end(log, record)

    def tell_crash(self, log: TailedLog) -> None:
        """Tell the server that a log's script died after its last record, without Exit.

        What the script itself would have said is not known: its log stays as it is.
        """
        self._send_end(log, Exit(read_last_micros(log.path), 0, "crashed"))

    def _send_end(self, log: TailedLog, record: Exit) -> None:
        client = self._server.client
        if client is None or log.upload.is_end_told:
            return
        log.upload.is_end_told = True
        try:
            client.upload(
                log.target,
                log.acked,
                b"",
                live=False,
                boot=boot_of(log),
                offset=self._server.offset_of(log),
                ended=replace(record, micros=log.header.wall_micros + record.micros),
            )
        except Unavailable:
            log.upload.is_end_told = False
        except WeftError:
            pass  # a server of before this parameter

    def accept(self, log: TailedLog, ack: Ack) -> None:
        """Note the server's answer to a request."""
        self._server.succeed()
        log.upload.succeed(ack)
        log.contents.note(ack.n_lacking)
        if ack.entity and ack.entity != log.upload.entity:
            log.upload.entity = ack.entity
            if self._server.address is not None and log.target.entity == DEFAULT_ENTITY:
                remember_entity(self._server.address, ack.entity)

    def advance(self, log: TailedLog, ack: Ack, frames: FrameRange, now: float) -> None:
        """Continue after frames that the server acknowledged."""
        log.upload.advance(ack, frames.end, now)
        log.seek(ack.position)
        log.window.look(self._clock(), n_waiting=0)
        self._server.n_progress += 1
        if log.contents.lost and _announces_files(frames):
            log.contents.note_announced()
        if log.is_sent and log.closed and log.contents.is_sent:
            self.finish(log)

    def finish(self, log: TailedLog) -> None:
        """Be done with a log that is at the server with all contents that can be sent."""
        self.release_staged(log)
        log.upload.state = "done"
        log.remember(self._server.name)

    def release_staged(self, log: TailedLog) -> None:
        """Remove the copies of the log's artifacts that the server has stored."""
        client = self._server.client
        if client is not None and log.is_of_sidecar and log.contents.is_sent:
            log.staged.release(client, log.target)

    def send_contents(self, log: TailedLog, now: float) -> bool:
        """Send some of the contents that the server lacks. Returns whether more is waiting."""
        client = self._server.client
        if client is None:
            return False
        log.upload.note_try(now)
        n_sent_bytes = log.contents.n_sent_bytes
        try:
            log.contents.send_turn(client, log.target)
        except (Unavailable, Forbidden) as error:
            log.contents.forget_page()
            self.handle(log, error, now, n_bytes=0)
            return False
        except (NotFound, Gone) as error:
            log.contents.forget()
            self.handle(log, error, now, n_bytes=0)
            return False
        except WeftError as error:
            self._tell(f"files of {log.path.parent} can't be sent: {error}")
            log.contents.hold(short_message(error))  # the rows go on
            return False
        self._server.succeed()
        self._server.n_progress += log.contents.n_sent_bytes > n_sent_bytes
        return log.contents.is_due()

    def send_ahead(self, log: TailedLog, ahead: ContentsAhead, now: float) -> bool:
        """Send some of the chunks that a manifest will name. Returns whether more is waiting."""
        client = self._server.client
        if client is None:
            return False
        n_sent_bytes = ahead.n_sent_bytes
        try:
            ahead.send_turn(client, log.target)
        except WeftError as error:
            self.handle(log, error, now, n_bytes=0)
            return False
        self._server.n_progress += ahead.n_sent_bytes > n_sent_bytes
        return ahead.is_due()

    def handle(self, log: TailedLog, error: WeftError, now: float, *, n_bytes: int) -> None:
        """Set the state and the wait after a request of `n_bytes` failed."""
        upload = log.upload
        if isinstance(error, Unavailable):
            self._server.fail(error, now)
            return
        if isinstance(error, WrongKey):
            self._server.refuse_key(error, now)
            return
        # All remaining errors are about this log; the server works.
        self._server.succeed()
        if isinstance(error, PositionConflict):
            self.seek(log, error.position, now)
        elif isinstance(error, Diverged):
            self.hold_diverged(log, error, now)
        elif isinstance(error, NewerLog):
            upload.refuse(short_message(error), now, wait_secs=HELD_SECS)
        elif isinstance(error, NotFound) and log.acked:
            self.seek(log, 0, now)  # the server lost its data, or another one has its address
        elif isinstance(error, Gone):
            upload.note_gone(short_message(error), now)
            log.remember(self._server.name)
        elif isinstance(error, LimitExceeded) and log.window.shrink(n_bytes):
            upload.resend()
        else:
            if isinstance(error, CorruptLog):
                self._tell(f"the server can't read {log.path} at byte {log.acked}: {error}")
            upload.refuse(short_message(error), now)

    def hold_diverged(self, log: TailedLog, error: Diverged, now: float) -> None:
        """Send nothing more of a log of which the server has another copy."""
        reason = (
            f"the server has another copy of this log, which went on differently ({error}); "
            f"this one is kept: view it with `weft ui {log.path.parent}`"
        )
        if log.upload.error != reason:
            self._tell(f"{log.path}: {reason}")
        log.upload.refuse(reason, now, wait_secs=HELD_SECS)

    def seek(self, log: TailedLog, position: int, now: float) -> None:
        """Continue at the position that the server named."""
        if position > log.size:
            log.upload.refuse(
                f"the server has {position} bytes of this log, the file only {log.size}: "
                "it is not the file that was uploaded",
                now,
            )
            return
        log.seek(position)
        log.upload.conflict(position, now)


def boot_of(log: TailedLog) -> str:
    """The boot whose clock a log's times use; "" if it is not the present boot."""
    return kernel_boot_id() if is_of_this_boot(log.header) else ""


def _announces_files(frames: FrameRange) -> bool:
    """Whether frames have File records; True if they begin with the log's header."""
    data = frames.data
    return not frames.start or any(
        data[frame.payload + 1] == _FILE_TAG for frame in split_frames(data)
    )
