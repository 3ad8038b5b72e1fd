"""Stores the versions that logs in a followed directory announced, as `weft ui` shows them.

Their contents stay in the runs' directories, and are read from there. Called by `ingest` and by
the follower's service.
"""

from __future__ import annotations

from weft.server.services.access.paths import RunPath
from weft.server.services.artifacts.storing import read_manifests
from weft.server.services.stores.stores import Stores


def store_followed(stores: Stores) -> None:
    """Read those manifests of followed logs that are there and were not read yet."""
    with stores.metadata.read() as tx:
        announced = stores.metadata.artifacts.announcing(tx)
    for entity, project, run, writer in announced:
        entry = stores.registry.find_present(RunPath(entity, project, run))
        if entry is not None:
            read_manifests(stores, entry, writer)
