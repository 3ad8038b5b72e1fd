"""Parameter sets that a model chose ahead, so that many agents need not wait for it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from weft.sweeps.space import Parameters

MIN_STOCK: Final = 16
"""Fewer agents get sets that know of every result."""

MAX_STOCK: Final = 1000

_RUNS_PER_RESULT: Final = 16
"""For every so many runs at once, one result may have come since a set was chosen."""

_MANY_RUNS: Final = 64
_MAX_AGE_SECS: Final = 10.0
"""With many runs at once, sets are this old at most: hundreds of results may come in between."""

_DEMAND_SECS: Final = 5.0


class Stock:
    """Sets in the order in which they were chosen. Its methods are called with a sweep's lock."""

    def __init__(self) -> None:
        self._sets: deque[Parameters] = deque()
        self._n_ended = 0
        self._filled_secs = 0.0
        self._requests: deque[tuple[float, int]] = deque()

    def take(self, n_requested: int, n_ended: int, n_open: int) -> list[Parameters]:
        """Up to so many sets; none if too many results have come since they were chosen."""
        now = time.monotonic()
        self._requests.append((now, n_requested))
        n_new = n_ended - self._n_ended
        is_young = n_open >= _MANY_RUNS and now - self._filled_secs < _MAX_AGE_SECS
        if n_new > n_open // _RUNS_PER_RESULT and not is_young:
            self._sets.clear()
        return [self._sets.popleft() for _ in range(min(n_requested, len(self._sets)))]

    def fill(self, sets: Sequence[Parameters], n_ended: int) -> None:
        """Replace the sets by newer ones."""
        self._sets = deque(sets)
        self._n_ended = n_ended
        self._filled_secs = time.monotonic()

    def demand(self, n_idle: int) -> int:
        """The number of sets that agents are likely to request soon."""
        since = time.monotonic() - _DEMAND_SECS
        while self._requests and self._requests[0][0] < since:
            self._requests.popleft()
        n_requested = sum(n for _, n in list(self._requests))
        return min(MAX_STOCK, max(n_idle, n_requested if n_requested >= MIN_STOCK else 0))

    def needs_refill(self, n_requested: int, n_ended: int) -> bool:
        """Whether newer or more sets would be of use."""
        return len(self._sets) < n_requested // 2 or n_ended != self._n_ended
