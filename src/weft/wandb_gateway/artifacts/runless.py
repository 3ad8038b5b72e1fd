"""Drafts whose client names their run later, with the manifest. Only this process knows them."""

from __future__ import annotations

from typing import Final

from weft.errors import LimitExceeded, NotFound
from weft.server.services.access import Actor, RunPath
from weft.wandb_gateway.artifacts.user_shares import UserShares

MAX_NOTES_BYTES: Final = 4 * 2**20
_USER_BYTES: Final = 16 * 2**20
_ALL_BYTES: Final = 256 * 2**20
_ENTRY_BYTES: Final = 1000
"""The memory that a draft takes next to its notes."""

_USER_ADOPTED: Final = 5000
_ALL_ADOPTED: Final = 50_000


class RunlessDrafts:
    """The notes of such drafts, and the runs that adopted them. Thread-safe.

    Each user has a share of the memory; beyond it, the user's own oldest drafts are dropped.
    """

    def __init__(self) -> None:
        self._notes = UserShares[bytes](most_per_user=_USER_BYTES, most=_ALL_BYTES)
        self._runs = UserShares[RunPath](most_per_user=_USER_ADOPTED, most=_ALL_ADOPTED)

    def put(self, actor: Actor, token: str, notes: bytes) -> None:
        """Keep the notes of a draft."""
        if len(notes) > MAX_NOTES_BYTES:
            raise LimitExceeded(
                f"the description, metadata and aliases of an artifact take more than "
                f"{MAX_NOTES_BYTES >> 20} MB: put them into a file of it"
            )
        self._notes.put(actor.user, token, notes, len(notes) + _ENTRY_BYTES)

    def notes(self, token: str) -> bytes:
        notes = self._notes.get(token)
        if notes is None:
            raise NotFound("no such artifact is being uploaded: log it again")
        return notes

    def adopt(self, actor: Actor, token: str, run: RunPath) -> None:
        """Note the run that has the draft now."""
        self._notes.remove(token)
        self._runs.put(actor.user, token, run)

    def run_of(self, token: str) -> RunPath | None:
        """The run that adopted a draft; None before that."""
        return self._runs.get(token)
