"""Sends logs to one server, each exactly once whatever fails. Step 4 of a point's way. Does I/O.

Receives whole frames from `tail`, hands zstd of them to `client.endpoints`, and moves each log's
`acked` as the server says. No thread of its own: the sidecar's upload thread, and `weft sync`,
call `step` in a loop.

A log's bytes are sent in order, one request at a time. What is not acknowledged is sent again; a
wrong guess of the position is answered with the right one. So a crash, here or there, costs
nothing but time.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Final

import zstandard

from weft.client.address import parse_address
from weft.client.endpoints import Ack, Client
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
    Unavailable,
    WeftError,
    WrongServer,
)
from weft.runlog.header import log_clock_micros
from weft.sync.marker import LOCAL_SERVER
from weft.sync.retry import LONGEST_LOOPBACK_SECS, LONGEST_SECS, Backoff
from weft.sync.status import State
from weft.sync.tail import MACHINE_FILE, TailedLog
from weft.sync.where import Where

POLL_SECS: Final = 0.1
"""How often a log's size is looked at: 0.2 % of a core, and no loss beside the batch window."""

BEAT_SECS: Final = 10.0
"""A server calls a writer silent after 5 minutes; thirty beats may be lost before that."""

LOCK_RETRY_SECS: Final = 1.0

UNAUTHORIZED_SECS: Final = 60.0
"""A refused key is tried again slowly: it may be made valid, and must not look like an attack."""

REFUSED_SECS: Final = 60.0

HELD_SECS: Final = 300.0
"""A log that waits for a newer server, or for a person, is tried again now and then."""

FIND_SECS: Final = 5.0
"""While no server is known, how often a local one is looked for."""

_MOST_WORDS_CHARS: Final = 500

# Level 1: half the CPU of the default for 6 % more bytes on rows of floats.
_compress: Final = zstandard.ZstdCompressor(level=1).compress


class Uploader:
    """The way to one server, and the logs that go it. One thread at a time.

    Attributes:
        logs: what is uploaded, in this order.
        state: of the way to the server.
        error: what the last try said, for a person; None = it went well.
        n_progress: grows with each upload that was acknowledged.
    """

    def __init__(
        self,
        where: Where | None,
        *,
        find: Callable[[], Where | None] = lambda: None,
        tell: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make an uploader; nothing is sent yet.

        Args:
            where: the server; None = none is known yet.
            find: looks for a server anew: asked while none is known, and when a local server
                that was known has gone (it may come back on another port).
            tell: takes a sentence for the log of this process; None = to stderr.
            clock: monotonic seconds.
        """
        self.logs: list[TailedLog] = []
        self.state: State = "connecting"
        self.error: str | None = None
        self.n_progress = 0
        self._find = find
        self._tell = tell or _write_line
        self._clock = clock
        self._backoff = Backoff()
        self._client: Client | None = None
        self._where: Where | None = None
        self._next_find_secs = 0.0
        self._go_to(where)

    @property
    def server(self) -> str | None:
        """Address of the server in use."""
        return self._where.url if self._where else None

    @property
    def server_name(self) -> str | None:
        """What markers call the server."""
        if self._where is None:
            return None
        return LOCAL_SERVER if self._where.local else self._where.url

    @property
    def server_names(self) -> set[str]:
        """All that markers may call the server: one's own was not known as such, or it is now."""
        return {name for name in (self.server, self.server_name) if name is not None}

    @property
    def is_idle(self) -> bool:
        """Whether every log is done with."""
        return all(log.state in {"done", "gone"} for log in self.logs)

    @property
    def is_hopeless(self) -> bool:
        """Whether the server takes none of the logs that are not done with."""
        return all(log.state in {"done", "gone", "refused"} for log in self.logs)

    def hurry(self) -> None:
        """Forget all waiting: the next `step` tries each log."""
        self._backoff.succeed()
        self._next_find_secs = 0.0
        for log in self.logs:
            log.tried = False
            log.backoff.succeed()

    @property
    def all_tried(self) -> bool:
        """Whether, since `hurry`, each log was tried, or the server was and failed."""
        return (
            self._client is None
            or self._backoff.n_failures > 0
            or all(log.tried for log in self.logs)
        )

    def step(self, *, flush: bool = False) -> float:
        """Send what is due, at most one batch of each log.

        Args:
            flush: send whatever waits, due or not.

        Returns:
            Seconds until the next call is useful, at most `POLL_SECS`.
        """
        now = self._clock()
        is_local = self._where is not None and self._where.local
        if self._client is None or (is_local and self._backoff.n_failures):
            self._find_anew(now)
        if self._client is None or not self._backoff.is_ready(now):
            return POLL_SECS
        more = False
        for log in list(self.logs):
            more = self._serve_safely(log, flush=flush) or more
            if self._backoff.n_failures:
                break
        if more:
            return 0.0
        now = self._clock()
        soonest = min((_next_due_secs(log) for log in self.logs), default=now + POLL_SECS)
        return max(0.001, min(POLL_SECS, soonest - now))

    def retire(self, log: TailedLog) -> None:
        """Let go of a log, noting how far it is."""
        self.logs.remove(log)
        log.remember(self.server_name)
        log.close()

    def close(self) -> None:
        """Close the connection and give the logs back, noting how far they are."""
        for log in list(self.logs):
            self.retire(log)
        if self._client is not None:
            self._client.close()

    def _go_to(self, where: Where | None) -> None:
        if self._client is not None:
            self._client.close()
        self._where, self._client = where, None
        if where is None:
            self.state = "no_address"
            return
        try:
            is_loopback = parse_address(where.url).is_loopback
            self._client = Client(where.url, where.key, where.policy)
        except ConfigError as error:
            self.state, self.error = "wrong_server", str(error)
            return
        self._backoff = Backoff(LONGEST_LOOPBACK_SECS if is_loopback else LONGEST_SECS)
        self.state, self.error = "connecting", None

    def _find_anew(self, now: float) -> None:
        if now < self._next_find_secs:
            return
        self._next_find_secs = now + FIND_SECS
        found = self._find()
        if found is not None and found != self._where:
            self._go_to(found)

    def _serve_safely(self, log: TailedLog, *, flush: bool) -> bool:
        """`_serve`; a file that can't be read stops this log only."""
        now = self._clock()
        try:
            return self._serve(log, now, flush=flush)
        except Diverged as error:
            self._hold_diverged(log, error, now)
            return False
        except (OSError, CorruptLog) as error:
            self._refuse(log, f"run log can't be read: {error}", now)
            return False

    def _serve(self, log: TailedLog, now: float, *, flush: bool) -> bool:
        """Look at one log and send what is due; whether more waits."""
        if log.state in {"done", "gone"}:
            log.tried = True
            return False
        if not log.backoff.is_ready(now):
            return False
        if not log.acquire():
            log.state, log.tried = "elsewhere", True
            log.backoff.fail(now, at_least_secs=LOCK_RETRY_SECS)
            return False
        if log.state == "elsewhere":
            log.state = "open"
        n_waiting = log.size - log.acked
        log.window.look(now, n_waiting=n_waiting)
        # The first batch creates the run: it goes at once, and shows whether there is a server.
        if n_waiting > 0 and (flush or log.window.is_due(now) or log.is_urgent):
            return self._send(log, now)
        if n_waiting <= 0 and log.is_guess:
            # Nothing to send, and so nothing that would show that the copies differ.
            self._attempt(log, now, log.acked, b"", after=log.checksum())
            return not log.is_guess
        # The size again, after the writer was seen to be dead: it may have written in between.
        if n_waiting <= 0 and (log.look_for_exit() or log.has_ended()) and log.is_sent:
            log.state, log.tried = "done", True
            log.remember(self.server_name)
        elif now >= log.beat_due_secs and log.is_live():
            ack = self._attempt(log, now, log.acked, b"")
            if ack is not None and ack.position != log.acked:
                self._seek(log, ack.position, now)
        if flush or not n_waiting:
            log.tried = True
        return False

    def _send(self, log: TailedLog, now: float) -> bool:
        after = log.checksum()
        stretch = log.read()
        if not stretch.data:
            # Half a frame: its writer is at it, or died at it.
            log.tried = True
            log.window.look(now, n_waiting=0)
            if log.has_ended() and not log.read().data:
                log.state = "done"
                log.remember(self.server_name)
            return False
        n_damaged = stretch.start - log.acked
        if n_damaged:
            self._tell(
                f"{n_damaged} damaged bytes passed over before byte {stretch.start}: {log.path}"
            )
        body = _compress(stretch.data)
        ack = self._attempt(
            log,
            now,
            stretch.start,
            body,
            n_bytes=len(stretch.data),
            n_damaged=n_damaged,
            after=after,
        )
        if ack is None:
            return False
        if ack.position != stretch.end:
            # Nothing in the protocol answers so. Believe the server, but do not spin.
            log.backoff.fail(now)
        log.n_conflicts = 0
        log.seek(ack.position)
        if ack.pause_millis > 0:
            log.backoff.next_try_secs = now + ack.pause_millis / 1000
        log.window.look(self._clock(), n_waiting=0)
        self.n_progress += 1
        waiting = log.size - log.acked
        if waiting <= 0 and log.closed:
            log.state = "done"
            log.remember(self.server_name)
        return waiting >= log.window.max_bytes

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
        """One request; what goes wrong becomes a state and a wait. None = it went wrong."""
        client = self._client
        assert client is not None
        log.tried, log.is_urgent = True, False
        log.beat_due_secs = now + BEAT_SECS
        try:
            ack = client.upload(
                log.target,
                position,
                body,
                time_micros=log_clock_micros(log.header),
                live=log.is_live(),
                n_damaged=n_damaged,
                after=after,
            )
        except WeftError as error:
            log.window.look(now, n_waiting=0)
            self._handle(log, error, now, n_bytes=n_bytes)
            return None
        self._backoff.succeed()
        log.backoff.succeed()
        log.state, log.error, log.is_guess = "open", None, False
        self.state, self.error = "uploading", None
        log.stop_requested = log.stop_requested or ack.stop
        if log.n_tellings:
            self._tell_machine(client, log)
        return ack

    def _tell_machine(self, client: Client, log: TailedLog) -> None:
        """Put what the run notes of its machine beside it; its rows never wait for that."""
        log.n_tellings -= 1
        try:
            note = log.machine_note()
            if note is not None:
                client.put_file(log.target, MACHINE_FILE, note)
            log.n_tellings = 0
        except Unavailable as error:
            if log.n_tellings == 0:
                self._tell(f"what the run notes of its machine is not sent: {_short(error)}")
        except (OSError, WeftError) as error:
            log.n_tellings = 0
            self._tell(f"what the run notes of its machine is not sent: {_short(error)}")

    def _handle(self, log: TailedLog, error: WeftError, now: float, *, n_bytes: int) -> None:
        if isinstance(error, Unavailable):
            self._server_failed(error, now)
            return
        if isinstance(error, Forbidden):
            self.state, self.error = "unauthorized", _short(error)
            self._backoff.fail(now, at_least_secs=UNAUTHORIZED_SECS)
            return
        # From here on the server is well; it is this log that it does not take.
        self._backoff.succeed()
        self.state, self.error = "uploading", None
        if isinstance(error, PositionConflict):
            self._seek(log, error.position, now)
        elif isinstance(error, Diverged):
            self._hold_diverged(log, error, now)
        elif isinstance(error, NewerLog):
            self._refuse(log, _short(error), now, wait_secs=HELD_SECS)
        elif isinstance(error, NotFound) and log.acked:
            self._seek(log, 0, now)  # a server that lost its data, or another one at this address
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
            f"this one is kept: look at it with `weft ui {log.path.parent}`"
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
            log.backoff.fail(now)  # it contradicts itself: do not spin

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


def _next_due_secs(log: TailedLog) -> float:
    """When a log wants its next `step`; infinity = not before the next look at its size."""
    if log.state in {"done", "gone"} or log.window.due_secs is None:
        return math.inf
    return max(log.window.due_secs, log.backoff.next_try_secs)


def _short(error: Exception) -> str:
    """What an error says, short enough for the status page: a server's words may be a page."""
    text = str(error)
    return text if len(text) <= _MOST_WORDS_CHARS else f"{text[:_MOST_WORDS_CHARS]}…"


def _write_line(message: str) -> None:
    """Leave a line in `logs/sidecar.log`, which is this process's stderr."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    sys.stderr.write(f"{stamp} {message}\n")
    sys.stderr.flush()
