"""The second half of a deletion: the metric file forgets what metadata has a tombstone for.

Begun by `services.runs` and `services.metrics`; what a kill leaves undone `services.background`
takes up at the next start. May be repeated.
"""

from __future__ import annotations

from weft.server.services.busy.projection import forget_metric
from weft.server.services.context import Stores
from weft.server.services.types import RunPath
from weft.server.storage.metadata.tombstones import PendingPurge


def purge(stores: Stores, pending: PendingPurge) -> None:
    """Finish a deletion. Of a project that was deleted since there is nothing to forget.

    A run whose rows forks show is hidden instead, and stays pending until the last of them is
    deleted.
    """
    if pending.key is None:
        _purge_run(stores, pending)
    else:
        _purge_metric(stores, pending, pending.key)


def _purge_run(stores: Stores, pending: PendingPurge) -> None:
    metadata = stores.metadata
    with metadata.read() as tx:
        exists = metadata.projects.place(tx, pending.project_id) is not None
        # Runs that were hidden until now, because the deleted one showed rows of them.
        waiting = metadata.tombstones.pending_runs(tx, pending.project_id)
        names = [pending.run, *(one.run for one in waiting)]
        shown = metadata.sources.shown_elsewhere(tx, pending.project_id, names)
    if exists:
        with stores.metrics.use(pending.project_id) as store:
            if pending.run in shown:
                store.hide_run(pending.run)
            for name in dict.fromkeys(names):
                if name not in shown:
                    store.delete_run(name)
    with metadata.write() as tx:
        for one in [pending, *waiting]:
            if one.run not in shown or not exists:
                metadata.tombstones.set_purged(tx, one)


def _purge_metric(stores: Stores, pending: PendingPurge, key: str) -> None:
    with stores.metadata.read() as tx:
        exists = stores.metadata.projects.place(tx, pending.project_id) is not None
    if exists:
        with stores.metrics.use(pending.project_id) as store:
            store.delete_metric(pending.run, key)
            path = RunPath(pending.entity, pending.project, pending.run)
            entry = stores.registry.find_present(path)
            if entry is not None:
                forget_metric(stores, entry, key)
    with stores.metadata.write() as tx:
        stores.metadata.tombstones.set_purged(tx, pending)
