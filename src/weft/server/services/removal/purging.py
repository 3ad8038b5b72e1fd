"""The second half of a deletion: removes rows from metadata in slices, and from the metric file.

Started by `deleting`, `services.projects`, `services.metrics` and `moving`, which have noted in
metadata what to purge. After a kill, `resume_deletions` finishes it at the next start or at
another server. All functions may be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from weft.errors import Gone
from weft.server.services.access.paths import RunPath
from weft.server.services.removal.inherited_media import pass_on_media
from weft.server.services.stores.project_drafts import remove_drafts
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import forget_metrics
from weft.server.storage.metadata import PERMANENT

_RUNS_PER_TRANSACTION: Final = 100
"""Other writers of metadata wait for one transaction: 30 ms with a hundred fields per run."""

_YIELD_SECS: Final = 0.005


class PendingDeletion(NamedTuple):
    """A project, a run of it or a metric of that run whose rows are still to be removed."""

    project_id: int
    run: str = ""
    key: str = ""


def purge_runs(stores: Stores, project_id: int) -> None:
    """Remove the rows of a project's runs that were deleted permanently or moved away.

    Rows of a run that forks still show are hidden instead, until the last fork is deleted. The
    forks get its media.
    """
    metadata = stores.metadata
    with stores.purging_of(project_id):
        with metadata.read() as tx:
            going = set(metadata.trash.final_rows(tx, project_id))
        pass_on_media(
            stores, project_id, lambda fork, source: source in going and fork not in going
        )
        _remove_rows(stores, project_id)
        with metadata.read() as tx:
            exists = metadata.projects.path(tx, project_id) is not None
            names = metadata.tombstones.pending_runs(tx, project_id)
            shown = metadata.sources.shown_elsewhere(tx, project_id, names)
        unneeded = [run for run in names if run not in shown]
        if exists and names:
            try:
                with stores.metrics.use(project_id) as store:
                    store.hide_runs([run for run in names if run in shown])
                    store.delete_runs(unneeded)
            except Gone:
                pass  # the project was deleted meanwhile, and its file with it
        with metadata.write() as tx:
            metadata.tombstones.set_purged(tx, project_id, unneeded if exists else names)


def purge_metrics(stores: Stores, path: RunPath, row_id: int, keys: Sequence[str]) -> None:
    """Finish deleting metrics of a run; if the run was deleted since, only mark them purged."""
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
    """Remove a project that was deleted permanently, with its metric file."""
    metadata = stores.metadata
    with stores.purging_of(project_id):
        with metadata.write() as tx:
            runs = metadata.trash.rows_of_project(tx, project_id)
            metadata.trash.put_runs(tx, runs, PERMANENT)
        _remove_rows(stores, project_id)
        with metadata.write() as tx:
            waiting = metadata.tombstones.pending_runs(tx, project_id)
            metadata.tombstones.set_purged(tx, project_id, waiting)
            of_artifacts = metadata.collections.blobs_of_project(tx, project_id)
            of_reports = metadata.reports.blobs_of_project(tx, project_id)
            stores.blobs.drop_after(tx, of_artifacts | of_reports)
            metadata.projects.delete(tx, project_id)
        # A kill before this leaves a file without a project, which the next start removes.
        stores.metrics.remove(project_id)
        remove_drafts(stores.blobs.store, project_id)


def pending_deletions(stores: Stores) -> set[PendingDeletion]:
    """All deletions that have begun and not ended, of any server."""
    metadata = stores.metadata
    with metadata.read() as tx:
        pending = {
            PendingDeletion(project.row_id) for project in metadata.trash.projects_before(tx, None)
        }
        pending |= {PendingDeletion(*run) for run in metadata.tombstones.runs_to_purge(tx)}
        for metrics in metadata.tombstones.pending_metrics(tx):
            pending |= {
                PendingDeletion(metrics.project_id, metrics.run, key) for key in metrics.keys
            }
    return pending


def resume_deletions(stores: Stores) -> None:
    """Finish deletions that the last server left undone, and hide the rows of trashed runs."""
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
            project_path = metadata.projects.path(tx, pending.project_id)
        if project_path is not None:
            path = RunPath(*project_path, pending.run)
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
        # Let a waiting thread get the database: releasing a lock does not hand it over.
        time.sleep(_YIELD_SECS)
