"""What all services share: the stores, what is known of busy runs, the live hub and the clock."""

from __future__ import annotations

from dataclasses import dataclass

from weft.errors import NotFound
from weft.server.services.busy.clocks import Clock
from weft.server.services.busy.registry import RunEntry, RunRegistry
from weft.server.services.live import LiveHub
from weft.server.services.stores import MetricStores
from weft.server.services.types import RunPath
from weft.server.storage.metadata.store import MetadataStore


@dataclass(slots=True)
class Stores:
    """Handed to every service.

    Attributes:
        start_micros: when this server started, by `now`.
    """

    metadata: MetadataStore
    metrics: MetricStores
    registry: RunRegistry
    live: LiveHub
    now: Clock
    start_micros: int

    def find_run(self, path: RunPath) -> RunEntry:
        """A run that is there.

        Raises:
            NotFound: there never was one.
            Gone: it was deleted.
        """
        entry = self.registry.find(path)
        if entry is None:
            raise NotFound(f"no run {path}")
        return entry

    def find_project(self, entity: str, project: str) -> int:
        """Row id of a project.

        Raises:
            NotFound: there is none of that name.
        """
        project_id = self.registry.find_project(entity, project)
        if project_id is None:
            raise NotFound(f"no project {entity}/{project}")
        return project_id
