"""The second half of a deletion: the metric file forgets what metadata has a tombstone for.

Begun by `services.runs` and `services.metrics`; what a kill leaves undone `services.background`
takes up at the next start. May be repeated.
"""

from __future__ import annotations

from weft.records.merge import Stamp, join_path
from weft.server.services.busy.latest import LatestValues
from weft.server.services.context import Stores
from weft.server.services.types import RunPath
from weft.server.storage.contract import MetricStore
from weft.server.storage.metadata.fields import FieldChange
from weft.server.storage.metadata.tombstones import PendingPurge


def purge(stores: Stores, pending: PendingPurge) -> None:
    """Finish a deletion. Of a project that was deleted since there is nothing to forget."""
    with stores.metadata.read() as tx:
        exists = stores.metadata.projects.place(tx, pending.project_id) is not None
    if exists:
        with stores.metrics.use(pending.project_id) as store:
            if pending.key is None:
                store.delete_run(pending.run)
            else:
                store.delete_metric(pending.run, pending.key)
                _forget_summary(stores, store, pending, pending.key)
    with stores.metadata.write() as tx:
        stores.metadata.tombstones.set_purged(tx, pending)


def _forget_summary(stores: Stores, store: MetricStore, pending: PendingPurge, key: str) -> None:
    entry = stores.registry.find_present(RunPath(pending.entity, pending.project, pending.run))
    if entry is None:
        return
    path = join_path((key,))
    with entry.lock:
        # A projection that has taken the old value but not written it sees this and lets it be.
        entry.n_metrics_deleted += 1
        if entry.latest is not None:
            entry.latest.forget(path)
    with stores.metadata.write() as tx:
        stores.metadata.fields.delete(tx, entry.row_id, "summary", path)
    # Points that came since the deletion are the metric's new beginning.
    for one in store.latest(pending.run, [key]):
        with entry.lock:
            values = entry.latest = entry.latest or LatestValues()
            values.put(path, FieldChange(one.value, Stamp(one.micros, one.writer, one.row)))
