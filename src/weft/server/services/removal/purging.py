"""The second half of a deletion: rows of metadata go in slices, and the metric file forgets.

Begun by `deleting`, `services.projects`, `services.metrics` and `moving`, who have noted in
metadata what is to be done; `take_up` does at the next start what a kill left. May be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from weft.errors import Gone
from weft.server.services.access.paths import RunPath
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import forget_metrics
from weft.server.storage.metadata.trash import FINAL

_RUNS_PER_TRANSACTION: Final = 100
"""Others that write metadata wait for one transaction: 30 ms with a hundred fields each."""

_YIELD_SECS: Final = 0.005


def purge_runs(stores: Stores, project_id: int) -> None:
    """Remove what is left of a project's runs that were deleted for good, or moved away.

    The rows of a run that forks show are hidden instead, until the last fork is deleted.
    """
    metadata = stores.metadata
    with stores.purging_of(project_id):
        _remove_rows(stores, project_id)
        with metadata.read() as tx:
            exists = metadata.projects.place(tx, project_id) is not None
            names = metadata.tombstones.pending_runs(tx, project_id)
            shown = metadata.sources.shown_elsewhere(tx, project_id, names)
        gone = [run for run in names if run not in shown]
        if exists and names:
            try:
                with stores.metrics.use(project_id) as store:
                    store.hide_runs([run for run in names if run in shown])
                    store.delete_runs(gone)
            except Gone:
                pass  # the project was deleted meanwhile, and its file with it
        with metadata.write() as tx:
            metadata.tombstones.set_purged(tx, project_id, gone if exists else names)


def purge_metrics(stores: Stores, path: RunPath, row_id: int, keys: Sequence[str]) -> None:
    """Finish the deletion of metrics of a run. Of a run that was deleted since nothing is left."""
    with stores.presence:
        with stores.metadata.read() as tx:
            row = stores.metadata.runs.get_by_id(tx, row_id, for_update=False)
        if row is not None:
            with stores.metrics.use(row.project_id) as store:
                store.delete_metrics([row.run], keys)
                entry = stores.registry.find_present(path)
                if entry is not None:
                    forget_metrics(stores, entry, keys)
        with stores.metadata.write() as tx:
            stores.metadata.tombstones.set_metrics_purged(tx, row_id, keys)


def purge_project(stores: Stores, project_id: int) -> None:
    """Remove a project that was deleted for good, with its metric file."""
    metadata = stores.metadata
    with stores.purging_of(project_id):
        with metadata.write() as tx:
            runs = metadata.trash.rows_of_project(tx, project_id)
            metadata.trash.put_runs(tx, runs, FINAL)
        _remove_rows(stores, project_id)
        with metadata.write() as tx:
            waiting = metadata.tombstones.pending_runs(tx, project_id)
            metadata.tombstones.set_purged(tx, project_id, waiting)
            metadata.projects.delete(tx, project_id)
        # A kill before this leaves a file without a project, which the next start removes.
        stores.metrics.remove(project_id)


def take_up(stores: Stores) -> None:
    """Finish what the last server did not: deletions, and rows that the trash has to hide."""
    metadata = stores.metadata
    with metadata.read() as tx:
        projects = metadata.trash.projects_before(tx, None)
        to_purge = metadata.tombstones.projects_to_purge(tx)
        with_trash = metadata.trash.projects_with_runs(tx)
        metrics = metadata.tombstones.pending_metrics(tx)
    for project in projects:
        purge_project(stores, project.row_id)
    for project_id in with_trash:
        with stores.presence:
            with metadata.read() as tx:
                names = metadata.trash.names(tx, project_id)
            if names:
                with stores.metrics.use(project_id) as store:
                    store.hide_runs(names)
    for project_id in to_purge:
        purge_runs(stores, project_id)
    for pending in metrics:
        with metadata.read() as tx:
            place = metadata.projects.place(tx, pending.project_id)
        if place is not None:
            path = RunPath(*place, pending.run)
            purge_metrics(stores, path, pending.run_row_id, pending.keys)


def _remove_rows(stores: Stores, project_id: int) -> None:
    metadata = stores.metadata
    while True:
        with metadata.write() as tx:
            rows = metadata.trash.final_rows(tx, project_id, _RUNS_PER_TRANSACTION)
            if rows:
                stores.blobs.release_runs(tx, rows)
                metadata.trash.remove_runs(tx, rows)
        if not rows:
            return
        # A thread that waits for the database gets it: a lock is not handed on by itself.
        time.sleep(_YIELD_SECS)
