"""When to try again: exponential back-off with jitter. Pure: the caller brings the clock."""

from __future__ import annotations

import random
from typing import Final

FIRST_SECS: Final = 0.25
LONGEST_SECS: Final = 30.0
"""A server that comes back is found within half a minute."""

LONGEST_LOOPBACK_SECS: Final = 2.0
"""A server on this machine is somebody's who waits for its charts; asking costs microseconds."""

LONGEST_ASKED_SECS: Final = 300.0
"""A `Retry-After` above it is cut: a proxy's mistake must not silence a run for hours."""


class Backoff:
    """Waits that double from 0.25 s to a longest, each cut at random by up to a half.

    Jitter keeps a thousand clients of a restarted server from coming back in one instant.

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
        """Note a failed try.

        Args:
            at_least_secs: what the server asked for, or what the fault calls for.
        """
        longest = min(self._longest_secs, FIRST_SECS * 2.0 ** min(self.n_failures, 16))
        self.n_failures += 1
        wait = longest * (0.5 + 0.5 * self._random.random())
        if at_least_secs is not None:
            wait = max(wait, min(at_least_secs, LONGEST_ASKED_SECS))
        self.next_try_secs = now_secs + wait

    def succeed(self) -> None:
        """Note that a try went well."""
        self.n_failures = 0
        self.next_try_secs = 0.0

    def is_ready(self, now_secs: float) -> bool:
        """Whether the next try is due."""
        return now_secs >= self.next_try_secs
