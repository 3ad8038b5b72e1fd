"""History: joined rows of all writers, nothing sampled."""

from __future__ import annotations

from collections.abc import Sequence

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import HistoryPage, RunPath


class HistoryService:
    """Reads rows back."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def rows(
        self,
        actor: Actor,
        path: RunPath,
        *,
        keys: Sequence[str] | None = None,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> HistoryPage:
        """A page of rows by (step, time, writer, row); only those that have one of `keys`.

        Raises:
            NotFound, Gone: there is no such run.
            ConfigError: the cursor is none of ours.
        """
        raise NotImplementedError
