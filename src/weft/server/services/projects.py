"""Projects: list, look at, delete."""

from __future__ import annotations

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import ProjectInfo


class ProjectService:
    """What can be done with projects."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, actor: Actor) -> list[ProjectInfo]:
        """All projects that the actor may see, newest activity first."""
        raise NotImplementedError

    def get(self, actor: Actor, entity: str, project: str) -> ProjectInfo:
        """One project.

        Raises:
            NotFound: there is none of that name.
        """
        raise NotImplementedError

    def delete(self, actor: Actor, entity: str, project: str) -> None:
        """Delete a project and all of its runs; each run leaves a tombstone.

        Raises:
            NotFound: there is none of that name.
        """
        raise NotImplementedError
