"""Sends logs to one server, each exactly once whatever fails. Does I/O.

Reads whole frames from `tail`, passes them zstd-compressed to `client.script_client`, and advances
each log's `acked` as the server reports. It has no thread of its own: the sidecar's upload thread
and `weft sync` call `step` in a loop.

A log's bytes are sent in order, one request at a time. Unacknowledged bytes are sent again, and
the server answers a wrong position with the right one. So a crash of the client or the server
costs only time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from weft.client.transport import error_of_code
from weft.errors import CorruptLog, Diverged, Forbidden, Unavailable, WeftError
from weft.libraries.zstd import Packer
from weft.runlog.platform import boot_clock_nanos
from weft.runlog.reader import FrameRange
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.messages import tell as write_message
from weft.sync.uploading.sending import LogSender, boot_of
from weft.sync.uploading.server_connection import ServerConnection
from weft.sync.uploading.tail import SMALL_BYTES, TailedLog
from weft.sync.uploading.version_turns import VersionTurns
from weft.wire.ingest.small_logs import MAX_BYTES, MAX_LOGS, SmallLog
from weft.wire.ingest.uploads import Ack

POLL_SECS: Final = 0.1
"""The interval of checks of a log's size: costs 0.2 % of a core, adds no delay to the window."""

_LEVEL: Final = 1
"""The zstd level: half the CPU of the default for 6 % more bytes on rows of floats."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Uploader:
    """The connection to one server and the logs sent to it, in order.

    Used by one thread at a time.
    """

    def __init__(
        self,
        address: ServerAddress | None,
        *,
        find: Callable[[], ServerAddress | None] = lambda: None,
        tell: Callable[[str], None] = write_message,
        clock: Callable[[], float] = time.monotonic,
        turns: VersionTurns | None = None,
    ) -> None:
        """Make an uploader without logs.

        `find` looks for a server. It is called while none is known, and when a known local server
        is gone (it may come back on another port). `tell` takes a sentence for this process's log;
        by default it goes to stderr. The contents of a log's files wait for its turn of `turns`.
        """
        self.server = ServerConnection(address, find, tell)
        self.logs: list[TailedLog] = []
        self._sender = LogSender(self.server, tell, clock)
        self._tell = tell
        self._clock = clock
        self._turns = turns or VersionTurns()
        # One per uploader: two threads that share a packer crash the process or mix up bytes.
        self._packer = Packer(_LEVEL)
        self._takes_small = True

    @property
    def is_idle(self) -> bool:
        """Whether every log that a script may wait for is `done` or `gone`."""
        return all(log.upload.is_over for log in self.logs if not log.is_late)

    @property
    def is_hopeless(self) -> bool:
        """Whether the server refuses all logs that are not `done` or `gone`."""
        return all(log.upload.state in {"done", "gone", "refused"} for log in self.logs)

    def hurry(self) -> None:
        """Cancel all waits: the next `step` tries each log."""
        self.server.hurry()
        for log in self.logs:
            log.upload.hurry()

    @property
    def all_tried(self) -> bool:
        """Whether, since `hurry`, each log was tried or the server failed."""
        return (
            self.server.client is None
            or self.server.backoff.n_failures > 0
            or all(log.upload.tried for log in self.logs if not log.is_late)
        )

    def step(self, *, flush: bool = False) -> float:
        """Send what is due, or to `flush` all that is waiting, at most one batch of each log.

        Returns the seconds until the next call is useful, at most `POLL_SECS`.
        """
        now = self._clock()
        if not self.server.make_ready(now):
            return POLL_SECS
        more = False
        # Failures of before stay counted until a request succeeds, and most logs need none.
        n_failures = self.server.backoff.n_failures
        for log in list(self.logs):
            if flush and log.is_late:
                continue  # a script waits for the others
            more = self._serve_safely(log, flush=flush) or more
            if self.server.backoff.n_failures > n_failures:
                break
            upload = log.upload
            is_due = upload.state == "open" and upload.backoff.is_ready(now)
            if is_due and log.contents.is_due() and self._may_send_contents(log):
                more = self._sender.send_contents(log, now) or more
                if log.is_sent and log.contents.is_sent and log.has_ended():
                    self._turns.end(log.path)  # its versions have their numbers
                if self.server.backoff.n_failures > n_failures:
                    break
            # A script that ends with a large file has closed its log.
            is_at_server = upload.state in {"open", "done"} and log.acked > 0
            if is_at_server and log.ahead is not None and log.ahead.is_due():
                more = self._sender.send_ahead(log, log.ahead, now) or more
                if self.server.backoff.n_failures > n_failures:
                    break
            if upload.state == "open" and log.is_of_sidecar and log.staged.is_due():
                self._sender.release_staged(log)
        if more:
            return 0.0
        now = self._clock()
        soonest = min((_next_due_secs(log) for log in self.logs), default=now + POLL_SECS)
        return max(0.001, min(POLL_SECS, soonest - now))

    def send_small(self) -> None:
        """Send new small logs, many in one request; `step` sends all others.

        A request costs client and server more than such a log does.
        """
        now = self._clock()
        server = self.server
        client = server.client
        if client is None or not self._takes_small or not server.backoff.is_ready(now):
            return
        small = [log for log in self.logs if _is_new_and_small(log, now)][:MAX_LOGS]
        if len(small) < 2:
            return
        asking = next((log for log in small if server.needs_clock(log)), None)
        if asking is not None and self._sender.upload(asking, now, 0, b"") is None:
            return
        packed: list[tuple[TailedLog, FrameRange, SmallLog]] = []
        n_bytes = 0
        for log in small:
            pair = self._pack(log)
            if pair is None or n_bytes + _packed_bytes(pair[1]) > MAX_BYTES:
                continue
            n_bytes += _packed_bytes(pair[1])
            packed.append((log, *pair))
        if not packed:
            return
        body = self._packer.pack(_encode([small_log for _, _, small_log in packed]))
        began_nanos = boot_clock_nanos()
        try:
            answers = client.upload_small(body)
        except (Unavailable, Forbidden) as error:
            self._sender.handle(packed[0][0], error, now, n_bytes=0)
            return
        except WeftError:
            self._takes_small = False  # sent one by one, each log gets its own error
            return
        if len(answers.logs) != len(packed):
            self._takes_small = False
            return
        server.note_clock(began_nanos, answers.time_micros)
        for (log, frames, _), answer in zip(packed, answers.logs, strict=True):
            log.upload.note_try(now)
            if answer.code:
                log.window.look(now, n_waiting=0)
                error = error_of_code(answer.code, answer.detail, position=answer.position)
                self._sender.handle(log, error, now, n_bytes=len(frames.data))
                continue
            ack = Ack(
                position=answer.position or 0,
                time_micros=answers.time_micros,
                pause_millis=answer.pause_millis,
                n_lacking=answer.n_lacking,
                stop=answer.stop,
                stopped_by=answer.stopped_by,
                entity=answer.entity,
            )
            self._sender.accept(log, ack)
            self._sender.advance(log, ack, frames, now)

    def retire(self, log: TailedLog) -> None:
        """Close and remove a log, noting its position."""
        self.logs.remove(log)
        log.remember(self.server.name)
        log.close()
        self._turns.end(log.path)

    def close(self) -> None:
        """Close the connection and retire all logs, noting their positions."""
        for log in list(self.logs):
            self.retire(log)
        self.server.close()

    @property
    def is_waiting_for_turn(self) -> bool:
        """Whether nothing is left but contents that wait for those of another uploader's log.

        A log that another one here waits for does not wait itself.
        """
        return bool(self.logs) and all(
            log.upload.state == "open"
            and log.is_sent
            and log.contents.is_due()
            and not self._turns.is_next(log.path)
            for log in self.logs
        )

    def _may_send_contents(self, log: TailedLog) -> bool:
        return self._turns.is_next(log.path) and not self._follows_others(log)

    def _follows_others(self, log: TailedLog) -> bool:
        """Whether an earlier log with files of the same run is still being sent.

        A sidecar that replaces a killed one writes a further log, and versions of artifacts get
        their numbers in the order in which their contents are complete.
        """
        return log.is_of_sidecar and any(
            other.upload.state == "open"
            and other.is_of_sidecar
            and other.path.parent == log.path.parent
            and other.header.wall_micros < log.header.wall_micros
            and other.has_ended()  # a running one may always have more to send
            and not (other.is_sent and other.contents.is_sent)
            for other in self.logs
        )

    def _serve_safely(self, log: TailedLog, *, flush: bool) -> bool:
        """Call `_serve`; an unreadable file stops only its own log."""
        now = self._clock()
        try:
            return self._serve(log, now, flush=flush)
        except Diverged as error:
            self._sender.hold_diverged(log, error, now)
            return False
        except (OSError, CorruptLog) as error:
            log.upload.refuse(f"run log can't be read: {error}", now)
            return False

    def _serve(self, log: TailedLog, now: float, *, flush: bool) -> bool:
        """Check one log and send what is due. Returns whether more is waiting."""
        upload = log.upload
        if upload.is_over:
            upload.tried = True
            if log.may_return and upload.backoff.is_ready(now):
                log.look_for_exit()  # a log that is closed is tried once more
                self._sender.upload(log, now, log.acked, b"")
            return not upload.is_over
        if not upload.backoff.is_ready(now):
            return False
        if not log.acquire():
            upload.wait_for_lock(now)
            return False
        if upload.state == "elsewhere":
            upload.state = "open"
        n_waiting = log.size - log.acked
        log.window.look(now, n_waiting=n_waiting)
        # The first batch is sent at once: it creates the run and shows whether the server works.
        if n_waiting > 0 and (flush or log.window.is_due(now) or upload.is_urgent):
            return self._send(log, now)
        if n_waiting <= 0 and upload.is_unverified:
            # With nothing to send, only this request shows whether the copies differ.
            self._sender.upload(log, now, log.acked, b"", after=log.checksum())
            return not upload.is_unverified
        # `is_sent` checks the size again: the writer may have written before it was seen dead.
        if n_waiting <= 0 and (log.look_for_exit() or log.has_ended()) and log.is_sent:
            self._end(log, now)
        elif now >= upload.beat_due_secs and log.is_live():
            ack = self._sender.upload(log, now, log.acked, b"")
            if ack is not None and ack.position != log.acked:
                self._sender.seek(log, ack.position, now)
        if flush or not n_waiting:
            upload.tried = True
        return False

    def _end(self, log: TailedLog, now: float) -> None:
        """Be done with a log that is sent to its end, unless contents of files are lacking."""
        log.upload.tried = True
        if log.contents.n_lacking is None:
            self._sender.upload(log, now, log.acked, b"")  # the ack says how many
        if log.contents.is_sent:
            if log.has_crashed():
                self._sender.tell_crash(log)
            self._sender.finish(log)

    def _send(self, log: TailedLog, now: float) -> bool:
        # Times can be corrected only before they are stored.
        needs_clock = self.server.needs_clock(log)
        if needs_clock and self._sender.upload(log, now, log.acked, b"") is None:
            return False
        after = log.checksum()
        frames = log.read()
        if not frames.data:
            # An incomplete frame: its writer is still writing it, or died while writing.
            log.upload.tried = True
            log.window.look(now, n_waiting=0)
            if log.has_ended() and not log.read().data:
                was_torn = log.n_torn_bytes > 0
                log.note_torn_tail()
                if log.n_torn_bytes and not was_torn:
                    self._tell(f"{log.n_torn_bytes} bytes at the end are not a record: {log.path}")
                self._end(log, now)
            return False
        n_damaged = frames.start - log.acked
        if n_damaged:
            self._tell(f"{n_damaged} damaged bytes skipped before byte {frames.start}: {log.path}")
        body = self._packer.pack(frames.data)
        ack = self._sender.upload(
            log,
            now,
            frames.start,
            body,
            n_bytes=len(frames.data),
            n_damaged=n_damaged,
            after=after,
        )
        if ack is None:
            return False
        log.n_damaged_bytes += n_damaged
        self._sender.advance(log, ack, frames, now)
        return log.size - log.acked >= log.window.max_bytes

    def _pack(self, log: TailedLog) -> tuple[FrameRange, SmallLog] | None:
        """A log's whole frames and their `SmallLog`; None if the log has to be sent by `step`."""
        try:
            frames = log.read()
        except (OSError, CorruptLog):
            return None
        if not frames.data or frames.start:
            return None
        offset = self.server.offset_of(log)
        target = log.target
        return frames, SmallLog(
            entity=target.entity,
            project=target.project,
            run=target.run_id,
            writer=target.writer_id,
            data=frames.data,
            live=log.is_live(),
            boot=boot_of(log),
            offset=None if offset is None else (offset.least, offset.most),
        )


def _is_new_and_small(log: TailedLog, now: float) -> bool:
    """Whether a log can be sent with others: it is unsent, has at most `SMALL_BYTES`, and is sent
    as the run that it names.
    """
    return (
        log.upload.state == "open"
        and log.acked == 0
        and log.upload.n_conflicts == 0
        and log.size <= SMALL_BYTES
        and log.header_run is None
        and log.upload.backoff.is_ready(now)
        and log.acquire()
    )


def _packed_bytes(log: SmallLog) -> int:
    """The bytes of a log, of the `MAX_BYTES` of a request."""
    return len(log.data)


def _next_due_secs(log: TailedLog) -> float:
    """The time of a log's next `step`; infinity if only its next size check can tell."""
    if log.may_return:
        return log.upload.backoff.next_try_secs
    if log.upload.is_over or log.window.due_secs is None:
        return math.inf
    return max(log.window.due_secs, log.upload.backoff.next_try_secs)
