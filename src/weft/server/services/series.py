"""Series for charts: exact buckets of any range, panel by panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import PanelAnswer
from weft.server.storage.contract import SeriesQuery


class SeriesService:
    """Answers charts."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def panels(
        self, actor: Actor, entity: str, project: str, queries: Sequence[SeriesQuery]
    ) -> Iterator[PanelAnswer]:
        """Answer each query in the order asked. Checks run at the call, work at each `next`.

        Raises:
            NotFound: there is no such project.
            ConfigError: a query asks for what there can't be.
        """
        raise NotImplementedError
