"""Live events: who changed, at most twice a second to each listener."""

from __future__ import annotations

from collections.abc import Iterable

from weft.server.services.actors import Actor
from weft.server.services.types import Change


class Subscription:
    """One listener's view of a project."""

    def get(self, timeout_secs: float) -> Change | None:
        """Wait for the next change, at most `timeout_secs`; None = nothing happened.

        Changes that come within half a second of each other are given as one.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the subscription; a waiting `get` returns None."""
        raise NotImplementedError


class LiveHub:
    """Carries changes from ingest and edits to listeners in this process."""

    def subscribe(self, actor: Actor, entity: str, project: str) -> Subscription:
        """Listen to a project, which need not exist yet. Close the subscription when done."""
        raise NotImplementedError

    def publish(
        self,
        actor: Actor,
        entity: str,
        project: str,
        run: str,
        *,
        keys: Iterable[str] | None = (),
        meta: bool = False,
    ) -> None:
        """Tell listeners that a run has new points of `keys` (None = any), or changed itself."""
        raise NotImplementedError

    def close(self) -> None:
        """End all subscriptions."""
        raise NotImplementedError
