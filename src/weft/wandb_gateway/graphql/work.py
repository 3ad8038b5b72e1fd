"""Bounds the work of one GraphQL request: values, characters and time.

Each field is counted before it is answered, and each list as soon as its field has answered. So a
request does at most one page of work beyond its bounds, whatever its document multiplies. Fields
that do more than they show count that by themselves (`Context.work`).
"""

from __future__ import annotations

from typing import Any, Final

from weft.errors import LimitExceeded, WeftError
from weft.server.services.access import Cancellation, Cancelled

MAX_VALUES: Final = 200_000
"""Most fields and entries of lists in one answer. The client asks for pages of up to 10,000 files,
with nine values each."""

MAX_CHARS: Final = 32 * 2**20
"""Most characters of all texts in one answer."""

MAX_SECS: Final = 30.0
"""The client waits no longer for an answer."""

CHARS_PER_NUMBER: Final = 20
"""The characters that a value of a history counts as; as JSON it takes about as many."""


class WorkEnded(BaseException):
    """Ends the execution of a document.

    Not an `Exception`: GraphQL takes those for the answer of a field, and continues with the next.
    """

    def __init__(self, reason: Cancelled | WeftError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Work:
    """The work done for one request. Used by one thread; only `cancel` may come from another.

    >>> work = Work(max_values=2)
    >>> work.add(2)
    >>> work.add(1)
    Traceback (most recent call last):
      ...
    weft.wandb_gateway.graphql.work.WorkEnded: this answer has more than 2 fields and entries: ...
    """

    def __init__(
        self,
        max_values: int = MAX_VALUES,
        max_chars: int = MAX_CHARS,
        max_secs: float = MAX_SECS,
    ) -> None:
        self._max_values = max_values
        self._max_chars = max_chars
        self._max_secs = max_secs
        self.n_values = 0
        self._n_chars = 0
        self._cancellation = Cancellation()
        self._time = self._cancellation.within(max_secs)

    def cancel(self) -> None:
        """End the work at its next field, because the client has left."""
        self._cancellation.cancel()

    def start_clock(self) -> None:
        """Count time from now on. What a mutation does before its answer is not cut off."""
        self._time = self._cancellation.within(self._max_secs)

    def add(self, n_values: int) -> None:
        """Count values that are about to be made, or were.

        WorkEnded if they are too many, the time is over, or the client has left.
        """
        self.n_values += n_values
        if self.n_values > self._max_values:
            raise WorkEnded(
                LimitExceeded(
                    f"this answer has more than {self._max_values:,} fields and entries: ask for "
                    "shorter pages (per_page, page_size), or for less below each entry"
                )
            )
        try:
            self._time.check()
        except (Cancelled, LimitExceeded) as error:
            raise WorkEnded(error) from None

    def add_chars(self, n_chars: int) -> None:
        """Count characters of texts."""
        self._n_chars += n_chars
        if self._n_chars > self._max_chars:
            raise WorkEnded(
                LimitExceeded(
                    f"this answer has more than {self._max_chars // 2**20} MB of text: ask for "
                    "shorter pages (per_page, page_size)"
                )
            )

    def add_rows(self, rows: list[dict[str, Any]]) -> None:
        """Count the values of a history's rows, of which each makes an entry of a list."""
        self.add_chars(CHARS_PER_NUMBER * sum(map(len, rows)))
