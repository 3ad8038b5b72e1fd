"""Slows guesses of passwords, per account and per address, in memory.

After some failures the next try has to wait, and each further failure doubles the wait. An
attacker who names someone else's account delays no browser that this account has signed in from:
such a browser has a cookie, and is counted by it alone.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, NamedTuple

_MAX_COUNTS: Final = 20_000
_FORGET_SECS: Final = 3600.0


class _Limit(NamedTuple):
    """The number of failures that are free, and the longest wait after more of them."""

    n_free: int
    max_secs: float


# One address is often all of a lab, so that its limit is wide. One account that is tried from many
# addresses waits a minute at most: its owner, on a new device, must get a turn.
_LIMITS: Final = {
    "device": _Limit(8, 900.0),
    "pair": _Limit(5, 900.0),
    "account": _Limit(20, 60.0),
    "address": _Limit(50, 60.0),
}


@dataclass(slots=True)
class _Count:
    n_failures: int = 0
    last_secs: float = 0.0


class Source(NamedTuple):
    """The sender of a password.

    Attributes:
        address: its network address; of IPv6 its network.
        device: the code in the cookie of a browser in which this account has signed in before.
    """

    address: str
    device: str | None = None


class Attempts:
    """Counts failed tries. Thread-safe.

    >>> attempts = Attempts()
    >>> [attempts.begin("ada", Source("192.0.2.7")) for _ in range(5)]
    [0.0, 0.0, 0.0, 0.0, 0.0]
    >>> attempts.begin("ada", Source("192.0.2.7")) > 0
    True
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, ...], _Count] = OrderedDict()

    def begin(self, account: str, source: Source) -> float:
        """Begin a try: 0, or the seconds to wait until the next one may begin.

        The try counts as a failure until `succeed`, so that many at the same moment gain nothing.
        """
        keys = _keys(account, source)
        with self._lock:
            now = self._clock()
            wait_secs = max(self._wait_secs(key, now) for key in keys)
            if wait_secs > 0:
                return wait_secs
            for key in keys:
                count = self._counts.setdefault(key, _Count())
                count.n_failures += 1
                count.last_secs = now
                self._counts.move_to_end(key)
            while len(self._counts) > _MAX_COUNTS:
                self._counts.popitem(last=False)
        return 0.0

    def succeed(self, account: str, source: Source) -> None:
        """Note that the try that began last had the right password."""
        with self._lock:
            for key in _keys(account, source):
                if key[0] != "address":
                    self._counts.pop(key, None)
                elif (count := self._counts.get(key)) is not None:
                    # Others' guesses from this address stay counted.
                    count.n_failures -= 1

    def _wait_secs(self, key: tuple[str, ...], now: float) -> float:
        count = self._counts.get(key)
        if count is None:
            return 0.0
        if now - count.last_secs > _FORGET_SECS:
            del self._counts[key]
            return 0.0
        limit = _LIMITS[key[0]]
        n_doublings = count.n_failures - limit.n_free
        if n_doublings < 0:
            return 0.0
        return count.last_secs + min(limit.max_secs, 2.0 ** min(n_doublings, 20)) - now


def _keys(account: str, source: Source) -> list[tuple[str, ...]]:
    account = account.casefold()
    if source.device is not None:
        return [("device", account, source.device)]
    return [
        ("pair", account, source.address),
        ("account", account),
        ("address", source.address),
    ]
