"""Metrics: which there are, and deleting one."""

from __future__ import annotations

from collections.abc import Sequence

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import MetricInfo, RunPath


class MetricService:
    """What can be done with metrics as a whole."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def keys(
        self, actor: Actor, entity: str, project: str, runs: Sequence[str] | None = None
    ) -> list[MetricInfo]:
        """The metrics of some or all runs of a project, by key.

        Raises:
            NotFound: there is no such project.
        """
        raise NotImplementedError

    def delete(self, actor: Actor, path: RunPath, key: str) -> None:
        """Delete one metric of a run, up to what each of its writers has sent so far.

        Raises:
            NotFound: the run has no such metric.
        """
        raise NotImplementedError
