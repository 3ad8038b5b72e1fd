"""Finishes moves, imports and deletions of other servers that were killed, without their restart.

A server that starts does the same for itself (`opening.services`, `BackgroundJobs.resume`), unless
the leases of the killed one still last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from weft.server.services.removal.purging import (
    PendingDeletion,
    pending_deletions,
    resume_deletions,
)
from weft.server.services.stores.stores import Stores

LEFTOVERS_SECS: Final = 15.0


class Leftovers:
    """Looks for unfinished work, in one thread of each server. `resume_requests` finishes moves
    and imports.
    """

    def __init__(self, stores: Stores, resume_requests: Callable[[], None]) -> None:
        self._stores = stores
        self._resume_requests = resume_requests
        self._seen: set[PendingDeletion] = set()
        self._resumed: set[PendingDeletion] = set()
        """Rows of these runs stay, for forks that show them."""

    def finish_some(self) -> None:
        """Finish what is left. Deletions that were not there at the last call may be under way."""
        self._resume_requests()
        self._stores.duties.run("deletions", self._finish_deletions)

    def _finish_deletions(self) -> None:
        pending = pending_deletions(self._stores)
        due = (pending & self._seen) - self._resumed
        self._seen = pending
        if due:
            resume_deletions(self._stores)
        self._resumed = (self._resumed | due) & pending
