"""Clocks: the server's, and by how much a writer's differs from it. Pure but for `wall_micros`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

Clock = Callable[[], int]
"""Returns µs since 1970 UTC."""

TOLERATED_MICROS: Final = 2_000_000
"""Below this a difference is taken for the network's delay, not for a wrong clock."""

N_DIFFERENCES: Final = 8
"""So many requests in a row have to come late before a clock is called wrong. It also bounds the
changes: each costs a metadata transaction, which a server that is late can afford least."""


def wall_micros() -> int:
    """The server's clock, µs since 1970 UTC."""
    return time.time_ns() // 1000


class ClockOffset:
    """What is added to one writer's times, as its uploads and beats tell.

    The first that comes while the writer's process runs sets it. Later only the least difference
    of several counts: a busy network or server delays some of them by seconds, but none is early.

    Attributes:
        micros: server's clock minus the writer's; 0 where they differ by less than 2 s, None where
            nothing came while the process ran: a log sent later, or from another host.

    >>> clock = ClockOffset(None)
    >>> clock.see(client_micros=0, received_micros=60_000_000)
    60000000
    >>> [clock.see(client_micros=0, received_micros=90_000_000) for _ in range(8)][-2:]
    [60000000, 90000000]
    """

    __slots__ = ("_differences", "micros")

    def __init__(self, micros: int | None) -> None:
        self.micros = micros
        self._differences: list[int] = []

    def see(self, *, client_micros: int, received_micros: int) -> int:
        """Take note of a request that was sent while the process ran; answers the offset."""
        difference = received_micros - client_micros
        if self.micros is None:
            self.micros = _tolerated(difference)
            return self.micros
        self._differences.append(difference)
        if len(self._differences) >= N_DIFFERENCES:
            least = min(self._differences)
            self._differences.clear()
            if abs(least - self.micros) > TOLERATED_MICROS:
                self.micros = _tolerated(least)
        return self.micros


def _tolerated(difference: int) -> int:
    # Back to a right clock is exactly 0, not the delay of one request.
    return difference if abs(difference) > TOLERATED_MICROS else 0
