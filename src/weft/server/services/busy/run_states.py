"""Keeps the state of a run in metadata up to what `states.judge` says of it."""

from __future__ import annotations

from weft.server.services.actors import SYSTEM
from weft.server.services.busy.registry import RunEntry
from weft.server.services.busy.states import judge
from weft.server.services.context import Stores
from weft.server.storage.metadata.runs import OPEN_STATES


def refresh_state(stores: Stores, entry: RunEntry) -> bool:
    """Write the run's state if it is no longer what metadata has. True = it changed."""
    with entry.lock:
        verdict = judge(
            [writer.facts() for writer in entry.writers.values()],
            now_micros=stores.now(),
            server_start_micros=stores.start_micros if entry.was_open else 0,
        )
        if verdict.state == entry.state:
            return False
        stop = entry.stop_requested and verdict.state in OPEN_STATES
        with stores.metadata.write() as tx:
            stores.metadata.runs.set_state(
                tx,
                entry.row_id,
                state=verdict.state,
                ended_micros=verdict.ended_micros,
                exit_code=verdict.exit_code,
            )
            if entry.stop_requested and not stop:
                stores.metadata.runs.set_stop(tx, entry.row_id, requested=False)
        entry.state = verdict.state
        entry.stop_requested = stop
    path = entry.path
    stores.live.publish(SYSTEM, path.entity, path.project, path.run, meta=True)
    return True
