"""Runs: list, look at, edit, stop, delete."""

from __future__ import annotations

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import RunEdit, RunInfo, RunPage, RunPath, RunState


class RunService:
    """What can be done with runs."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(
        self,
        actor: Actor,
        entity: str,
        project: str,
        *,
        search: str = "",
        regex: bool = False,
        state: RunState | None = None,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> RunPage:
        """Runs of a project whose id, name, notes, tags or group match, newest first.

        `search` is part of one of those, case folded; with `regex` a pattern (<= 200 characters).

        Raises:
            NotFound: there is no such project.
            ConfigError: the pattern, cursor or state is none.
        """
        raise NotImplementedError

    def get(self, actor: Actor, path: RunPath) -> RunInfo:
        """One run.

        Raises:
            NotFound: there is none.
            Gone: it was deleted.
        """
        raise NotImplementedError

    def edit(self, actor: Actor, path: RunPath, edit: RunEdit) -> RunInfo:
        """Change what a person may change; counts as a change by a writer of its own, made now.

        Raises:
            NotFound, Gone: there is no such run.
            ConfigError: a value is too long or of a wrong type.
        """
        raise NotImplementedError

    def stop(self, actor: Actor, path: RunPath) -> None:
        """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt."""
        raise NotImplementedError

    def delete(self, actor: Actor, path: RunPath) -> None:
        """Delete a run and its points, for good. A tombstone refuses late uploads.

        Raises:
            NotFound: there is no such run.
        """
        raise NotImplementedError
