"""Exponential back-off with jitter. Pure: the caller passes the time."""

from __future__ import annotations

import random
from typing import Final

FIRST_SECS: Final = 0.25
LONGEST_SECS: Final = 30.0
"""Longest wait: a server that comes back is found within half a minute."""

LONGEST_LOOPBACK_SECS: Final = 2.0
"""Shorter for a server on this machine: its user waits for charts, and a try costs only µs."""

LONGEST_ASKED_SECS: Final = 300.0
"""Longest `Retry-After` to obey: a misconfigured proxy must not silence a run for hours."""


class Backoff:
    """Waits that double from 0.25 s up to a maximum, each shortened at random by up to half.

    The jitter keeps a thousand clients of a restarted server from returning at the same moment.

    >>> backoff = Backoff()
    >>> backoff.is_ready(now_secs=0.0)
    True
    >>> backoff.fail(now_secs=0.0); backoff.is_ready(now_secs=0.1)
    False
    >>> backoff.is_ready(now_secs=0.3)
    True
    """

    def __init__(self, longest_secs: float = LONGEST_SECS) -> None:
        self._longest_secs = longest_secs
        self._random = random.Random()
        self.n_failures = 0
        self.next_try_secs = 0.0

    def fail(self, now_secs: float, *, at_least_secs: float | None = None) -> None:
        """Record a failed try.

        The server asked for, or the error needs, a wait of `at_least_secs`.
        """
        longest = min(self._longest_secs, FIRST_SECS * 2.0 ** min(self.n_failures, 16))
        self.n_failures += 1
        wait = longest * (0.5 + 0.5 * self._random.random())
        if at_least_secs is not None:
            wait = max(wait, min(at_least_secs, LONGEST_ASKED_SECS))
        self.next_try_secs = now_secs + wait

    def succeed(self) -> None:
        """Record a successful try."""
        self.n_failures = 0
        self.next_try_secs = 0.0

    def is_ready(self, now_secs: float) -> bool:
        """Whether the next try is due."""
        return now_secs >= self.next_try_secs
