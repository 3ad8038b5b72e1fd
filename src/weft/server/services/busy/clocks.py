"""Clocks: the server's, and by how much a writer's differs from it. Pure but for `wall_micros`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

Clock = Callable[[], int]
"""Returns µs since 1970 UTC."""

TOLERATED_MICROS: Final = 2_000_000
"""Below this a difference is taken for the network's delay, not for a wrong clock."""


def wall_micros() -> int:
    """The server's clock, µs since 1970 UTC."""
    return time.time_ns() // 1000


def next_offset(
    present: int | None, *, client_micros: int, received_micros: int, live: bool
) -> int | None:
    """What is added to a writer's times, after an upload of its.

    Set by the first upload that comes while its process runs, then kept until the difference has
    changed by more than 2 s. An upload sent later, or from another host, tells nothing.

    >>> next_offset(None, client_micros=0, received_micros=1_500_000, live=True)
    0
    >>> next_offset(0, client_micros=0, received_micros=60_000_000, live=True)
    60000000
    >>> next_offset(60_000_000, client_micros=0, received_micros=59_000_000, live=True)
    60000000
    """
    if not live:
        return present
    seen = received_micros - client_micros
    if abs(seen - (present or 0)) > TOLERATED_MICROS:
        # Back to a right clock is exactly 0, not the delay of this one upload.
        return seen if abs(seen) > TOLERATED_MICROS else 0
    return present or 0
