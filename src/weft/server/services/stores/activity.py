"""Writes entries of activity feeds, in the transaction of what they tell.

A server without accounts has no feed: a person alone knows what they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from weft.records.actions.activity import ActivityAction
from weft.server.services.live_runs.clocks import Clock
from weft.server.services.stores.people import People
from weft.server.storage.metadata import (
    ActivityDetails,
    ActivityObject,
    MetadataStore,
    Transaction,
)

NEWS_MICROS: Final = 3_600_000_000
"""Of a run that is uploaded when it is over, start and end are told if they are not longer ago."""

_MAX_NOTE_CHARS: Final = 200


class Activity:
    """The activity of all projects of a server."""

    def __init__(self, metadata: MetadataStore, people: People, now: Clock) -> None:
        self._metadata = metadata
        self._people = people
        self._now = now

    @property
    def is_on(self) -> bool:
        """Whether the server has accounts."""
        return bool(self._people.current.users)

    def note(
        self,
        tx: Transaction,
        project_id: int,
        user: str | None,
        action: ActivityAction,
        objects: Sequence[ActivityObject] = (),
        *,
        to: str = "",
        note: str = "",
    ) -> None:
        """Add an entry about what a user did to some objects, None for no one with an account."""
        if not self.is_on:
            return
        now = self._now()
        details = ActivityDetails(
            n=max(1, len(objects)),
            since_micros=now,
            objects=list(objects),
            to=to,
            note=note[:_MAX_NOTE_CHARS],
        )
        self._metadata.activity.add_entry(tx, project_id, now, user or "", action, details)

    def note_runs(
        self,
        tx: Transaction,
        project_id: int,
        user: str | None,
        action: ActivityAction,
        runs: Sequence[str],
        *,
        to: str = "",
    ) -> None:
        """Add an entry about runs."""
        if runs and self.is_on:
            objects = [ActivityObject(run) for run in reversed(runs)]
            self.note(tx, project_id, user, action, objects, to=to)
