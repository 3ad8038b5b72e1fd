"""Upkeep of sweeps, every few seconds: results of runs, early stops, heartbeats."""

from __future__ import annotations

import logging

from weft.errors import NotFound, WeftError
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.registry import LiveSweeps
from weft.sweeps.states import OPEN_SWEEPS

_log = logging.getLogger(__name__)


def tend_sweeps(stores: Stores, sweeps: LiveSweeps) -> None:
    """Find the results of runs, stop those that are behind, choose parameter sets ahead."""
    if stores.metadata.is_shared:
        open_begun_sweeps(stores, sweeps)  # those whose agents have asked another server
    for live, early in sweeps.all():
        if live.schedule.state not in OPEN_SWEEPS and not live.schedule.open:
            continue
        try:
            with live.lock:
                live.settle_all()
                early.stop_bad_runs(live)
            live.prepare()
        except NotFound:  # deleted at another server
            sweeps.drop(live.row.row_id)
        except WeftError as error:
            _log.warning("sweep %s: %s", live.row.sweep, error)


def open_begun_sweeps(stores: Stores, sweeps: LiveSweeps) -> None:
    """Open the sweeps that ran when the server ended, so that their runs are looked after."""
    with stores.metadata.read() as tx:
        rows = [
            row
            for row_id in stores.metadata.sweeps.open_ids(tx)
            if (row := stores.metadata.sweeps.get(tx, row_id)) is not None
            and row.state != "pending"
        ]
    for row in rows:
        try:
            sweeps.open(row)
        except WeftError as error:
            _log.warning("sweep %s: %s", row.sweep, error)


def save_heartbeats(sweeps: LiveSweeps) -> None:
    """Write when agents were heard from."""
    for live, _ in sweeps.all():
        with live.lock:
            live.save_beats()
