"""Deletes versions whose time is over. Called by the background jobs and by gc."""

from __future__ import annotations

from typing import Final

from weft.server.services.artifacts.service import delete_version
from weft.server.services.stores.stores import Stores

_AT_ONCE: Final = 100
"""Versions that one call deletes, each in a transaction of its own; other jobs wait for them."""


def expire_versions(stores: Stores) -> bool:
    """Delete versions that have expired, have no alias but `latest`, and are neither linked nor
    locked.

    Return whether there may be more.
    """
    metadata = stores.metadata
    with metadata.read() as tx:
        due = metadata.artifacts.expired(tx, stores.now(), _AT_ONCE)
    for row_id in due:
        with metadata.write() as tx:
            row = metadata.artifacts.by_id(tx, row_id, for_update=True)
            is_linked = bool(metadata.links.to(tx, [row_id]))
            is_free = row is not None and row.locked_by is None and not is_linked
            if row is not None and row.state == "stored" and is_free:
                delete_version(stores, tx, row, "")
    return len(due) == _AT_ONCE
