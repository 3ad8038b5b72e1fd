"""Brings this server up to date with what other servers changed in a shared metadata database.

Run columns in memory follow `MetadataStore.changes`, which other servers' changes are added to;
entries of live runs and the pages that follow a project are told here.
"""

from __future__ import annotations

from typing import Final

from weft.server.services.access.actors import SOMEONE, SYSTEM
from weft.server.services.access.paths import RunPath
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import RunRow

_RUNS_AT_ONCE: Final = 1000


def follow_other_servers(stores: Stores) -> None:
    """Note what other servers have changed since the last call: people and runs."""
    stores.people.refresh()
    touched = stores.metadata.read_changes()
    if not touched:
        return
    row_ids = sorted({row_id for _, row_id in touched})
    edited = {row_id for part, row_id in touched if part != "summary"}
    rows: dict[int, RunRow] = {}
    with stores.metadata.read() as tx:
        for at in range(0, len(row_ids), _RUNS_AT_ONCE):
            rows |= stores.metadata.runs.by_ids(tx, row_ids[at : at + _RUNS_AT_ONCE])
    entries = {entry.row_id: entry for entry in stores.registry.entries()}
    for row_id in row_ids:
        row, entry = rows.get(row_id), entries.get(row_id)
        path = None if row is None else RunPath(row.entity, row.project, row.run)
        if entry is not None:
            if row is None or row.trashed_micros is not None or path != entry.path:
                stores.registry.forget(entry.path)
            else:
                with entry.lock:
                    entry.stopper = (row.stopped_by or SOMEONE) if row.stop_requested else None
        for changed in {path, None if entry is None else entry.path}:
            if changed is not None:
                is_edited = row_id in edited
                stores.live.publish(SYSTEM, changed, meta=is_edited, summary=not is_edited)
