"""The row of a sweep that a request names."""

from __future__ import annotations

from weft.errors import NotFound
from weft.server.services.access.paths import ProjectPath
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import SweepRow, Transaction


def sweep_row(stores: Stores, tx: Transaction, project: ProjectPath, sweep: str) -> SweepRow:
    row = stores.metadata.sweeps.find_sweep(tx, stores.find_project(project), sweep)
    if row is None:
        raise NotFound(f"no sweep {sweep} in {project}; it may have been deleted")
    return row
