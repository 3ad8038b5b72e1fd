"""The state of one log's upload, and when its next request is due. Pure.

`sending` and `uploader` tell it of each request and what became of it.
"""

from __future__ import annotations

from typing import Final

from weft.sync.status import LogState
from weft.sync.uploading.retry import Backoff
from weft.wire.ingest.uploads import Ack

BEAT_SECS: Final = 10.0
"""A server considers a writer silent after 5 minutes: thirty beats may be lost before that."""

REFUSED_SECS: Final = 60.0

LOCK_RETRY_SECS: Final = 1.0

GONE_RETRY_SECS: Final = 30.0
"""A run in the trash may be restored while its script runs."""


class UploadState:
    """The state of one log's upload.

    Attributes:
        error: the reason of a state, for the user.
        tried: whether something was sent since the last flush.
        is_urgent: send without waiting for a batch.
        n_conflicts: 409 responses since the last acknowledged upload.
        is_unverified: whether the server named the present position, where a log of this writer
            ends that may not be a copy of this one.
        is_end_told: whether the server was told that the log is closed, as it has no room for the
            rows before its end.
        entity: the entity of the run according to the server.
    """

    def __init__(self) -> None:
        self.state: LogState = "open"
        self.error: str | None = None
        self.backoff = Backoff()
        self.beat_due_secs = 0.0
        self.tried = False
        self.is_urgent = True  # the first batch creates the run and shows whether the server works
        self.n_conflicts = 0
        self.is_unverified = False
        self.is_end_told = False
        self.stopper: str | None = None
        self.warning: str | None = None
        self.entity = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing of the log is sent any more."""
        return self.state in {"done", "gone"}

    def hurry(self) -> None:
        """Cancel the wait: a flush tries the log."""
        self.tried = False
        self.backoff.succeed()

    def note_try(self, now: float) -> None:
        """A request is about to be made."""
        self.tried, self.is_urgent = True, False
        self.beat_due_secs = now + BEAT_SECS

    def succeed(self, ack: Ack) -> None:
        """The server acknowledged a request."""
        self.backoff.succeed()
        self.state, self.error, self.is_unverified = "open", None, False
        self.stopper = self.stopper or ack.stopped_by
        self.warning = self.warning or ack.warning

    def advance(self, ack: Ack, end: int, now: float) -> None:
        """The server acknowledged bytes up to `end`."""
        if ack.position != end:
            # The protocol allows no such answer. Believe the server, but back off.
            self.backoff.fail(now)
        self.n_conflicts = 0
        if ack.pause_millis > 0:
            self.backoff.next_try_secs = now + ack.pause_millis / 1000

    def refuse(self, reason: str, now: float, *, wait_secs: float = REFUSED_SECS) -> None:
        """The log can't be sent, until a later try."""
        self.state, self.error, self.tried = "refused", reason, True
        self.backoff.fail(now, at_least_secs=wait_secs)

    def note_gone(self, reason: str, now: float) -> None:
        """The run was deleted. Nothing is sent until it is known to be restored."""
        self.state, self.error, self.tried = "gone", reason, True
        self.backoff.fail(now, at_least_secs=GONE_RETRY_SECS)

    def wait_for_lock(self, now: float) -> None:
        """Another process sends the log."""
        self.state, self.tried = "elsewhere", True
        self.backoff.fail(now, at_least_secs=LOCK_RETRY_SECS)

    def resend(self) -> None:
        """The same bytes are sent again at once, in smaller batches."""
        self.is_urgent, self.tried = True, False

    def conflict(self, position: int, now: float) -> None:
        """The server named another position."""
        self.is_unverified = position > 0
        self.is_urgent, self.tried = True, self.n_conflicts > 0
        self.n_conflicts += 1
        if self.n_conflicts > 1:
            self.backoff.fail(now)  # the server contradicts itself: back off
