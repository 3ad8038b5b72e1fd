"""Asks the processes of a run to stop."""

from __future__ import annotations

from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import OPEN_STATES


def ask_to_stop(stores: Stores, entry: RunEntry, by: str) -> bool:
    """Let the next `log()` of a run raise KeyboardInterrupt, naming `by`; False if the run has
    ended.
    """
    with entry.lock:
        if entry.state not in OPEN_STATES:
            return False
        with stores.metadata.write() as tx:
            stores.metadata.runs.request_stop(tx, entry.row_id, by)
        entry.stopper = by
        return True
