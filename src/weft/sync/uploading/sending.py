"""The connection to one server, and how each response or failure changes a log. Does I/O.

Base of `uploader`, which decides what is sent when.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from weft.client.address import parse_address
from weft.client.script_client import ScriptClient
from weft.errors import (
    ConfigError,
    CorruptLog,
    Diverged,
    Forbidden,
    Gone,
    LimitExceeded,
    NewerLog,
    NoServer,
    NotFound,
    PositionConflict,
    StorageFull,
    Unavailable,
    WeftError,
    WrongKey,
    WrongServer,
)
from weft.records.clock_offset import OffsetBounds
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import File
from weft.runlog.format import split_frames
from weft.runlog.header import is_of_this_boot, log_clock_micros
from weft.runlog.platform import boot_clock_nanos, kernel_boot_id
from weft.runlog.reader import FrameRange
from weft.sync.addresses.accounts import remember_entity
from weft.sync.addresses.local_server import read_server_file
from weft.sync.addresses.server_address import ServerAddress, key_source, key_variable
from weft.sync.status import State
from weft.sync.uploading.contents_ahead import ContentsAhead
from weft.sync.uploading.marker import LOCAL_SERVER
from weft.sync.uploading.offset import OffsetEstimate
from weft.sync.uploading.retry import LONGEST_LOOPBACK_SECS, LONGEST_SECS, Backoff
from weft.sync.uploading.tail import TailedLog, read_exit
from weft.wire.ingest.uploads import Ack

BEAT_SECS: Final = 10.0
"""A server considers a writer silent after 5 minutes: thirty beats may be lost before that."""

UNAUTHORIZED_SECS: Final = 60.0
"""A refused key is retried slowly: it may become valid, but must not look like an attack."""

REFUSED_SECS: Final = 60.0

HELD_SECS: Final = 300.0
"""The interval of retries of a log that waits for a newer server or a user's action."""

FIND_SECS: Final = 5.0
"""The interval of looks for a local server while no server is known."""

STARTING_FIND_SECS: Final = 0.1
"""The interval of looks for a local server that is starting."""

_FILE_TAG: Final = File.__struct_config__.tag
"""The second byte of a File record, after the array's length."""

_MOST_WORDS_CHARS: Final = 500


class Sender:
    """Sends to one server, one request at a time.

    `error` is what went wrong at the last try, for the user; None if it succeeded. `n_progress`
    counts acknowledged uploads.
    """

    def __init__(
        self,
        address: ServerAddress | None,
        *,
        find: Callable[[], ServerAddress | None] = lambda: None,
        tell: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a sender; nothing is sent yet.

        `find` looks for a server. It is called while none is known, and when a known local server
        is gone (it may come back on another port). `tell` takes a sentence for this process's log;
        by default it goes to stderr.
        """
        self.state: State = "connecting"
        self.error: str | None = None
        self.n_progress = 0
        self._find = find
        self._tell = tell or _write_line
        self._clock = clock
        self._backoff = Backoff()
        self._client: ScriptClient | None = None
        self._address: ServerAddress | None = None
        self._offset = OffsetEstimate()
        self._next_find_secs = 0.0
        self._go_to(address)

    @property
    def server(self) -> str | None:
        """Address of the server in use."""
        return self._address.url if self._address else None

    @property
    def server_name(self) -> str | None:
        """The name of the server in markers."""
        if self._address is None:
            return None
        return LOCAL_SERVER if self._address.local else self._address.url

    @property
    def server_names(self) -> set[str]:
        """All names of the server in markers, which may name a local server by its address too."""
        return {name for name in (self.server, self.server_name) if name is not None}

    def _go_to(self, address: ServerAddress | None) -> None:
        if self._client is not None:
            self._client.close()
        self._address, self._client, self._offset = address, None, OffsetEstimate()
        if address is None:
            self.state = "no_address"
            return
        try:
            is_loopback = parse_address(address.url).is_loopback
            self._client = ScriptClient(address.url, address.key, address.policy)
        except ConfigError as error:
            self.state, self.error = "wrong_server", str(error)
            return
        self._backoff = Backoff(LONGEST_LOOPBACK_SECS if is_loopback else LONGEST_SECS)
        self.state, self.error = "connecting", None

    def _find_again(self, now: float) -> None:
        if now < self._next_find_secs:
            return
        self._next_find_secs = now + FIND_SECS
        address = self._find()
        if address is not None and address != self._address:
            self._go_to(address)
        elif self._address is None and read_server_file() is not None:
            self._next_find_secs = now + STARTING_FIND_SECS

    def _attempt(
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
        client = self._client
        assert client is not None
        note_try(log, now)
        began_nanos = boot_clock_nanos()
        try:
            ack = client.upload(
                log.target,
                position,
                body,
                live=log.is_live(),
                boot=boot_of(log),
                offset=self._offset_of(log),
                n_damaged=n_damaged,
                after=after,
                header_run=log.header_run,
            )
        except WeftError as error:
            log.window.look(now, n_waiting=0)
            if isinstance(error, StorageFull):
                self._tell_end(log)
            self._handle(log, error, now, n_bytes=n_bytes)
            return None
        self._note_clock(began_nanos, ack.time_micros)
        self._note_well(log, ack)
        return ack

    def _tell_end(self, log: TailedLog) -> None:
        """Tell the server that a log has ended whose last rows it has no room for."""
        client = self._client
        if client is None or log.is_end_told or not log.acked or not log.look_for_exit():
            return
        log.is_end_told = True
        try:
            record = read_exit(log.path)
            if record is not None:
                micros = log.header.wall_micros + record.micros
                client.upload(
                    log.target,
                    log.acked,
                    b"",
                    live=False,
                    boot=boot_of(log),
                    offset=self._offset_of(log),
                    ended=replace(record, micros=micros),
                )
        except Unavailable:
            log.is_end_told = False
        except (WeftError, OSError):
            pass  # a server of before this parameter

    def _note_well(self, log: TailedLog, ack: Ack) -> None:
        self._backoff.succeed()
        log.backoff.succeed()
        log.state, log.error, log.is_guess = "open", None, False
        self.state, self.error = "uploading", None
        log.stopper = log.stopper or ack.stopped_by
        log.warning = log.warning or ack.warning
        log.contents.note(ack.n_lacking)
        if ack.entity and ack.entity != log.entity:
            log.entity = ack.entity
            if self._address is not None and log.target.entity == DEFAULT_ENTITY:
                remember_entity(self._address, ack.entity)

    def _advance(self, log: TailedLog, ack: Ack, frames: FrameRange, now: float) -> None:
        """Continue after frames that the server acknowledged."""
        if ack.position != frames.end:
            # The protocol allows no such answer. Believe the server, but back off.
            log.backoff.fail(now)
        log.n_conflicts = 0
        log.seek(ack.position)
        if ack.pause_millis > 0:
            log.backoff.next_try_secs = now + ack.pause_millis / 1000
        log.window.look(self._clock(), n_waiting=0)
        self.n_progress += 1
        if log.contents.lost and _announces_files(frames):
            log.contents.note_announced()
        if log.is_sent and log.closed and log.contents.is_sent:
            self._finish(log)

    def _finish(self, log: TailedLog) -> None:
        """Be done with a log that is at the server with all contents that can be sent."""
        self._release_staged(log)
        log.state = "done"
        log.remember(self.server_name)

    def _release_staged(self, log: TailedLog) -> None:
        """Remove the copies of the log's artifacts that the server has stored."""
        if self._client is not None and log.is_of_sidecar and log.contents.is_sent:
            log.staged.release(self._client, log.target)

    def _send_contents(self, log: TailedLog, now: float) -> bool:
        """Send some of the contents that the server lacks. Returns whether more is waiting."""
        client = self._client
        if client is None:
            return False
        note_try(log, now)
        n_sent_bytes = log.contents.n_sent_bytes
        try:
            log.contents.send_turn(client, log.target)
        except (Unavailable, Forbidden) as error:
            log.contents.forget_page()
            self._handle(log, error, now, n_bytes=0)
            return False
        except (NotFound, Gone) as error:
            log.contents.forget()
            self._handle(log, error, now, n_bytes=0)
            return False
        except WeftError as error:
            self._tell(f"files of {log.path.parent} can't be sent: {error}")
            log.contents.hold(_short(error))  # the rows go on
            return False
        self._backoff.succeed()
        self.state, self.error = "uploading", None
        self.n_progress += log.contents.n_sent_bytes > n_sent_bytes
        return log.contents.is_due()

    def _send_ahead(self, log: TailedLog, ahead: ContentsAhead, now: float) -> bool:
        """Send some of the chunks that a manifest will name. Returns whether more is waiting."""
        if self._client is None:
            return False
        n_sent_bytes = ahead.n_sent_bytes
        try:
            ahead.send_turn(self._client, log.target)
        except WeftError as error:
            self._handle(log, error, now, n_bytes=0)
            return False
        self.n_progress += ahead.n_sent_bytes > n_sent_bytes
        return ahead.is_due()

    def _asks_for_clock(self, log: TailedLog) -> bool:
        """Whether to ask the server for its clock before sending rows of the log."""
        is_here = self._address is not None and self._address.local
        return not is_here and self._offset.bounds is None and _has_clock(log)

    def _offset_of(self, log: TailedLog) -> OffsetBounds | None:
        bounds = self._offset.bounds
        if bounds is None or not _has_clock(log):
            return None
        ahead = log_clock_micros(log.header) - boot_clock_nanos() // 1000
        return OffsetBounds(bounds.least - ahead, bounds.most - ahead)

    def _note_clock(self, began_nanos: int, server_micros: int) -> None:
        """Update the estimate of how far the server's clock is ahead from one exchange."""
        self._offset.note(
            began_micros=began_nanos // 1000,
            ended_micros=boot_clock_nanos() // 1000,
            server_micros=server_micros,
        )

    def _handle(self, log: TailedLog, error: WeftError, now: float, *, n_bytes: int) -> None:
        if isinstance(error, Unavailable):
            self._server_failed(error, now)
            return
        if isinstance(error, WrongKey):
            reason = str(error) if self._address is None else _key_fault(self._address)
            self.state, self.error = "unauthorized", reason[:_MOST_WORDS_CHARS]
            self._backoff.fail(now, at_least_secs=UNAUTHORIZED_SECS)
            return
        # All remaining errors are about this log; the server works.
        self._backoff.succeed()
        self.state, self.error = "uploading", None
        if isinstance(error, PositionConflict):
            self._seek(log, error.position, now)
        elif isinstance(error, Diverged):
            self._hold_diverged(log, error, now)
        elif isinstance(error, NewerLog):
            self._refuse(log, _short(error), now, wait_secs=HELD_SECS)
        elif isinstance(error, NotFound) and log.acked:
            self._seek(log, 0, now)  # the server lost its data, or another one has its address
        elif isinstance(error, Gone):
            log.state, log.error = "gone", _short(error)
            log.remember(self.server_name)
        elif isinstance(error, LimitExceeded) and log.window.shrink(n_bytes):
            log.is_urgent, log.tried = True, False
        else:
            if isinstance(error, CorruptLog):
                self._tell(f"the server can't read {log.path} at byte {log.acked}: {error}")
            self._refuse(log, _short(error), now)

    def _refuse(
        self, log: TailedLog, reason: str, now: float, *, wait_secs: float = REFUSED_SECS
    ) -> None:
        log.state, log.error, log.tried = "refused", reason, True
        log.backoff.fail(now, at_least_secs=wait_secs)

    def _hold_diverged(self, log: TailedLog, error: Diverged, now: float) -> None:
        reason = (
            f"the server has another copy of this log, which went on differently ({error}); "
            f"this one is kept: view it with `weft ui {log.path.parent}`"
        )
        if log.error != reason:
            self._tell(f"{log.path}: {reason}")
        self._refuse(log, reason, now, wait_secs=HELD_SECS)

    def _seek(self, log: TailedLog, position: int, now: float) -> None:
        if position > log.size:
            self._refuse(
                log,
                f"the server has {position} bytes of this log, the file only {log.size}: "
                "it is not the file that was uploaded",
                now,
            )
            return
        log.seek(position)
        log.is_guess = position > 0
        log.is_urgent, log.tried = True, log.n_conflicts > 0
        log.n_conflicts += 1
        if log.n_conflicts > 1:
            log.backoff.fail(now)  # the server contradicts itself: back off

    def _server_failed(self, error: Unavailable, now: float) -> None:
        state: State = "unavailable"
        if isinstance(error, NoServer):
            state = "no_server"
        elif isinstance(error, WrongServer):
            state = "wrong_server"
        reason = _short(error)
        if self.error != reason:
            self._tell(reason)
        self.state, self.error = state, reason
        self._backoff.fail(now, at_least_secs=error.retry_after_secs)


def _key_fault(address: ServerAddress) -> str:
    """The sentences for a server that does not take a key, with what to do."""
    if address.key is None:
        return f"The server at {address.url} needs a key. `weft login` saves one"
    variable = key_variable(address)
    where = f"The key {key_source(address)} is not known to {address.url}"
    if variable:
        return f"{where}. Set another one, or unset {variable} and save one with `weft login`"
    return f"{where}. `weft login` saves another"


def note_try(log: TailedLog, now: float) -> None:
    """Record that a request for a log is about to be made."""
    log.tried, log.is_urgent = True, False
    log.beat_due_secs = now + BEAT_SECS


def boot_of(log: TailedLog) -> str:
    """The boot whose clock a log's times use; "" if it is not the present boot."""
    return kernel_boot_id() if is_of_this_boot(log.header) else ""


def _has_clock(log: TailedLog) -> bool:
    """Whether the present time by a log's clock is known."""
    return is_of_this_boot(log.header) or log.is_live()


def _announces_files(frames: FrameRange) -> bool:
    """Whether frames have File records; True if they begin with the log's header."""
    data = frames.data
    return not frames.start or any(
        data[frame.payload + 1] == _FILE_TAG for frame in split_frames(data)
    )


def _short(error: Exception) -> str:
    """An error's message, cut to fit the status page: a server's message can be a whole page."""
    text = str(error)
    return text if len(text) <= _MOST_WORDS_CHARS else f"{text[:_MOST_WORDS_CHARS]}…"


def _write_line(message: str) -> None:
    """Write a line to this process's stderr, which is `logs/sidecar.log`."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    sys.stderr.write(f"{stamp} {message}\n")
    sys.stderr.flush()
