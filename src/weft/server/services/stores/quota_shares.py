"""Quotas that several servers of one database keep together.

Each server claims bytes of a quota, a few more than it needs now, and receives them without asking
again. A claim is granted only if all claims and what is stored fit into the quota, so the servers
together never exceed it. Near the quota the bytes that others claim and do not use may delay an
upload by seconds.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from weft.server.storage.metadata import MetadataStore

MEASURE_SECS: Final = 60.0
"""The time for which a measured size is used. Uploads meanwhile are added to it."""

RETRY_MEASURE_SECS: Final = 2.0
"""A size that would refuse an upload is measured again after this: users make room."""

_SPARE_BYTES: Final = 64 << 20
_SPARE_SHARE: Final = 16
"""A claim has this part of what is free in addition, and at most `_SPARE_BYTES`."""

_RENEW_SECS: Final = 15.0


@dataclass(slots=True)
class _Share:
    """The claim of this server; `n_stored` of it is stored and not yet added to the usage."""

    claimed: int = 0
    n_stored: int = 0
    written_secs: float = 0.0


class QuotaShares:
    """This server's claims. Thread-safe."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._table = metadata.quotas
        self._server = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._agreeing = threading.Lock()
        self._shares: dict[str, _Share] = {}

    def covers(self, owner: str, n_arriving: int) -> bool:
        """Whether so many bytes may arrive without asking the other servers."""
        with self._lock:
            share = self._shares.get(owner)
            return share is not None and n_arriving + share.n_stored <= share.claimed

    def note_stored(self, owner: str, n_bytes: int) -> None:
        """Count bytes that no longer arrive: they are stored."""
        with self._lock:
            share = self._shares.get(owner)
            if share is not None:
                share.n_stored += n_bytes

    def agree(self, owner: str, quota: int, n_arriving: int, measure: Callable[[], int]) -> bool:
        """Claim bytes, so that `covers` allows them. `measure` returns what is stored now."""
        with self._agreeing:
            with self._metadata.read() as tx:
                before = self._table.usage(tx, owner)
            measured = measure() if before.age_secs > MEASURE_SECS else None
            fits = self._claim(owner, quota, n_arriving, before, measured)
            if not fits and measured is None and before.age_secs > RETRY_MEASURE_SECS:
                fits = self._claim(owner, quota, n_arriving, before, measure())
            return fits

    def _claim(
        self,
        owner: str,
        quota: int,
        n_arriving: int,
        before: tuple[int, int, float],
        measured: int | None,
    ) -> bool:
        n_before, measured_micros, _ = before
        with self._lock:
            share = self._shares.setdefault(owner, _Share())
            n_flushed = share.n_stored
        with self._metadata.write() as tx:
            usage = self._table.usage(tx, owner, for_update=True)
            n_used = usage.n_bytes
            if measured is not None and usage.measured_micros == measured_micros:
                # What others added meanwhile may not be in the measurement.
                n_used = measured + max(n_used - n_before, 0)
                self._table.measured(tx, owner, n_used)
            if n_flushed:
                self._table.add_bytes(tx, owner, n_flushed)
                n_used += n_flushed
            n_others = self._table.claimed(tx, owner, self._server)
            n_free = quota - n_used - n_others - n_arriving
            fits = n_free >= 0
            with self._lock:
                left = share.claimed - n_flushed
            claimed = left
            if fits:
                # Not less than before: meanwhile others of this server may have used all of it.
                claimed = max(left, n_arriving + min(_SPARE_BYTES, n_free // _SPARE_SHARE))
            self._table.claim(tx, owner, self._server, claimed)
        self._note(share, claimed, n_flushed)
        return fits

    def _note(self, share: _Share, claimed: int, n_flushed: int) -> None:
        with self._lock:
            share.claimed = max(claimed, 0)
            share.n_stored -= n_flushed
            share.written_secs = time.monotonic()

    def save(self, n_arriving: Callable[[str], int]) -> None:
        """Add what was stored to the usage of all servers, and give back what is not used."""
        now = time.monotonic()
        with self._lock:
            due = [
                owner
                for owner, share in self._shares.items()
                if share.n_stored or now - share.written_secs > _RENEW_SECS
            ]
        for owner in due:
            with self._agreeing:
                self._save(owner, n_arriving, now)

    def _save(self, owner: str, n_arriving: Callable[[str], int], now: float) -> None:
        with self._lock:
            share = self._shares[owner]
            n_flushed = share.n_stored
            left = share.claimed - n_flushed
            is_silent = not n_flushed and now - share.written_secs > _RENEW_SECS
            if is_silent:
                share.claimed = 0  # so that no upload begins until the rest is counted
        if is_silent:
            # Nothing was stored for a while: what arrives is all that is needed.
            left = n_arriving(owner)
            with self._lock:
                left += share.n_stored
                share.claimed = left
        with self._metadata.write() as tx:
            if n_flushed:
                self._table.usage(tx, owner, for_update=True)
                self._table.add_bytes(tx, owner, n_flushed)
            self._table.claim(tx, owner, self._server, left)
            self._table.forget_silent(tx)
        self._note(share, left, n_flushed)
        with self._lock:
            if not share.claimed and not share.n_stored:
                del self._shares[owner]
