"""Group commit: the items of concurrent callers go into one transaction.

One caller leads: it applies the items of all waiting callers, wakes them, and passes the lead to
the first caller that arrived meanwhile. A plain lock would not do: locks are not fair, and a
caller whose item is already applied could wait for its turn for seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class _Ticket(Generic[_T]):
    """One caller's item."""

    item: _T
    is_done: bool = False
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class GroupCommit(Generic[_T]):
    """Applies items of concurrent callers in groups. Thread-safe.

    Args:
        apply: applies a group in order of arrival and notes in each item how it went. If it
            raises, only the leading caller's `run` raises.
        weigh, max_weight: the weight of an item, and the maximum total weight of a group. A group
            of one item may weigh more.
        window_secs: how long a leader waits for more items if the last group held two or more and
            fewer than that are waiting.
    """

    def __init__(
        self,
        apply: Callable[[Sequence[_T]], None],
        *,
        weigh: Callable[[_T], int] = lambda _: 0,
        max_weight: int = 0,
        window_secs: float = 0.0,
    ) -> None:
        self._apply = apply
        self._weigh = weigh
        self._max_weight = max_weight
        self._window_secs = window_secs
        self._queue: list[_Ticket[_T]] = []
        self._lock = threading.Lock()
        self._is_led = False
        self._last_group = 0

    def run(self, item: _T) -> None:
        """Apply an item, alone or in a group. It is applied when this returns."""
        ticket = _Ticket(item)
        with self._lock:
            self._queue.append(ticket)
            leads = not self._is_led
            self._is_led = True
        if not leads:
            ticket.turn.acquire()
        if not ticket.is_done:
            self._lead(ticket)

    def _lead(self, own: _Ticket[_T]) -> None:
        if self._window_secs and 2 <= self._last_group > len(self._queue):
            time.sleep(self._window_secs)
        with self._lock:
            tickets = self._take_group()
        self._last_group = len(tickets)
        try:
            self._apply([ticket.item for ticket in tickets])
        finally:
            for ticket in tickets:
                ticket.is_done = True
            with self._lock:
                self._is_led = bool(self._queue)
                woken = [*self._queue[:1], *(ticket for ticket in tickets if ticket is not own)]
            for ticket in woken:
                ticket.turn.release()

    def _take_group(self) -> list[_Ticket[_T]]:
        n_taken = weight = 0
        for ticket in self._queue:
            weight += self._weigh(ticket.item)
            if n_taken and weight > self._max_weight:
                break
            n_taken += 1
        group, self._queue = self._queue[:n_taken], self._queue[n_taken:]
        return group
