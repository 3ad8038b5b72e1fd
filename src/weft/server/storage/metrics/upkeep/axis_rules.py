"""Step metrics of a run's metrics, as set by `set_axes`. Reads and writes the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from weft.server.storage.contract import StepMetric
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.view import RunInfo


def read_rules(db: sqlite3.Connection, run: int) -> dict[str, StepMetric]:
    """The step metrics of a run, by name or glob of the metrics that use them."""
    rows = db.execute("SELECT name, metric, step_sync FROM axis_rule WHERE run = ?", (run,))
    return {name: StepMetric(metric, bool(step_sync)) for name, metric, step_sync in rows}


def write_rules(database: Database, name: str, axes: Mapping[str, StepMetric]) -> None:
    """Store the step metrics for later compactions. See `MetricStore.set_axes`."""
    info = database.run_or_tombstone(name)
    if info is not None:
        if info.gone:
            return
        with database.snapshot() as view:
            if read_rules(view.db, info.run) == dict(axes):
                return
    elif not axes:
        return
    with database.transaction(changed=()) as db:
        info = database.run_or_tombstone(name)
        if info is None:
            run = db.execute("INSERT INTO run (name, gone) VALUES (?, 0)", (name,)).lastrowid
            assert run is not None
            info = RunInfo(run, None, gone=False)
        elif info.gone:
            return
        db.execute("DELETE FROM axis_rule WHERE run = ?", (info.run,))
        db.executemany(
            "INSERT INTO axis_rule VALUES (?, ?, ?, ?)",
            [(info.run, key, axis.metric, axis.step_sync) for key, axis in axes.items()],
        )
        db.execute("COMMIT")
        database.put_run(name, info)
