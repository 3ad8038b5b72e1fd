"""Slows guesses of passwords, per account and per address, at all servers of a database together.

After some failures the next try has to wait, and each further failure doubles the wait. An
attacker who names someone else's account delays no browser that this account has signed in from:
such a browser has a cookie, and is counted by it alone.

Failures are in the database. A try that follows none is counted once it has failed, so that
signing in without a mistake writes nothing here. One that follows a failure, or begins while
another is under way at this server, is counted before it begins: many guesses at the same moment
gain one more try per server.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

from weft.server.services.live_runs.clocks import Clock
from weft.server.storage.metadata import FailureCount, MetadataStore, Transaction

_FORGET_MICROS: Final = 3_600_000_000
_MICROS: Final = 1_000_000


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


class Source(NamedTuple):
    """The sender of a password.

    Attributes:
        address: its network address; of IPv6 its network.
        device: the code in the cookie of a browser in which this account has signed in before.
    """

    address: str
    device: str | None = None


class Attempt(NamedTuple):
    """A try, or one that may not begin yet.

    Attributes:
        wait_secs: until the next one may begin; 0 if this one has.
        sources: hashes of what it is counted by, by the kind of limit.
        is_counted: whether it counts as a failure already.
    """

    wait_secs: float
    sources: Mapping[str, str]
    is_counted: bool


class Attempts:
    """Counts failed tries for one purpose. Thread-safe.

    A try that begins has `succeed` or `fail` called, and in any case `end`.
    """

    def __init__(self, metadata: MetadataStore, now: Clock, purpose: str) -> None:
        self._metadata = metadata
        self._now = now
        self._purpose = purpose
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        """Sources of tries that are not counted yet."""

    def begin(self, account: str, source: Source) -> Attempt:
        """Begin a try, unless it has to wait."""
        sources = self._sources(account, source)
        hashes = sources.values()
        since_micros = self._now() - _FORGET_MICROS
        with self._metadata.read() as tx:
            has_failed = self._metadata.sign_in.failures(tx, hashes, since_micros)
        with self._lock:
            if not has_failed and self._under_way.isdisjoint(hashes):
                self._under_way.update(hashes)
                return Attempt(0.0, sources, is_counted=False)
        wait_secs = self._count(sources)
        return Attempt(wait_secs, sources, is_counted=wait_secs == 0)

    def count(self, account: str, source: Source) -> float:
        """Count a try as a failure, unless it has to wait; returns the seconds."""
        return self._count(self._sources(account, source))

    def succeed(self, attempt: Attempt) -> None:
        """Note that the password of a try was right."""
        if not attempt.is_counted:
            return
        own = [source for kind, source in attempt.sources.items() if kind != "address"]
        with self._metadata.write() as tx:
            self._metadata.sign_in.forget_failures(tx, own)
            if "address" in attempt.sources:
                # Others' guesses from this address stay counted.
                self._metadata.sign_in.take_back_failure(tx, attempt.sources["address"])

    def fail(self, tx: Transaction, attempt: Attempt) -> None:
        """Note that the password of a try was wrong."""
        if not attempt.is_counted:
            self._add(tx, attempt.sources, self._now())

    def end(self, attempt: Attempt) -> None:
        """End a try, however it went."""
        if not attempt.is_counted and attempt.wait_secs == 0:
            with self._lock:
                self._under_way.difference_update(attempt.sources.values())

    def _count(self, sources: Mapping[str, str]) -> float:
        with self._metadata.write() as tx:
            now_micros = self._now()
            failures = self._metadata.sign_in.failures(
                tx, sources.values(), now_micros - _FORGET_MICROS, for_update=True
            )
            wait_secs = max(
                _wait_secs(_LIMITS[kind], failures.get(source_hash), now_micros)
                for kind, source_hash in sources.items()
            )
            if wait_secs == 0:
                self._add(tx, sources, now_micros)
        return wait_secs

    def _add(self, tx: Transaction, sources: Mapping[str, str], now_micros: int) -> None:
        self._metadata.sign_in.add_failure(
            tx, sources.values(), now_micros, now_micros - _FORGET_MICROS
        )

    def _sources(self, account: str, source: Source) -> dict[str, str]:
        account = account.casefold()
        if source.device is not None:
            texts = {"device": (account, source.device)}
        else:
            texts = {
                "pair": (account, source.address),
                "account": (account,),
                "address": (source.address,),
            }
        return {
            kind: hashlib.sha256(repr((self._purpose, kind, *text)).encode()).hexdigest()
            for kind, text in texts.items()
        }


def _wait_secs(limit: _Limit, failures: FailureCount | None, now_micros: int) -> float:
    """The seconds to wait after failures.

    >>> _wait_secs(_Limit(5, 900.0), FailureCount(7, 0), 1_000_000)
    3.0
    """
    if failures is None or failures.n_failures < limit.n_free:
        return 0.0
    n_doublings = min(failures.n_failures - limit.n_free, 20)
    wait_secs = min(limit.max_secs, 2.0**n_doublings)
    # The clock of another server may be ahead: no one waits longer for that.
    passed_secs = max(0.0, (now_micros - failures.last_micros) / _MICROS)
    return max(0.0, wait_secs - passed_secs)
