"""Waiting for the run logs of a directory that the server follows, as `weft ui` does."""

from __future__ import annotations

from typing import Final, Protocol

from weft.server.services.actors import Actor
from weft.server.services.background import BackgroundJobs
from weft.server.services.permissions import SERVER, Action, require

_SUMMARIES_SECS: Final = 5.0
"""Not all are written in that time: then some orders are a little behind, as always."""


class LogReader(Protocol):
    """What feeds run logs of this machine to `ingest`."""

    def catch_up(self, timeout_secs: float) -> bool:
        """Wait until all that was there at this call was fed; False = there is still more."""
        ...


class FollowingService:
    """Says when what lies in a followed directory has been read.

    Attributes:
        logs: set by whoever follows a directory; None = runs come by uploads only.
    """

    def __init__(self, background: BackgroundJobs) -> None:
        self._background = background
        self.logs: LogReader | None = None

    def catch_up(self, actor: Actor, timeout_secs: float) -> bool:
        """Wait until all that lay in the directory at this call can be asked for.

        Returns:
            False: there is still more, after `timeout_secs`.
        """
        require(actor, Action.READ, SERVER)
        if self.logs is not None and not self.logs.catch_up(timeout_secs):
            return False
        self._background.write_summaries(_SUMMARIES_SECS)
        return True
