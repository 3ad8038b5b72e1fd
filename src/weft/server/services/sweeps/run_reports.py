"""Reports about the runs of trials: their states, and their summaries once they have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import refresh_summary
from weft.server.storage.metadata import OPEN_STATES, RunRow
from weft.sweeps.outcomes import RunCheck, RunReport
from weft.wire.runs.runs import Run

_ARRIVAL_MICROS: Final = 10 * 1_000_000
"""The longest that rows of an upload come after its records."""

_FIRST_MICROS: Final = 60 * 1_000_000
"""The longest that the first records of a run come after its end: clients try every 30 s."""

_SAVED_MICROS: Final = 30 * 1_000_000
"""The longest that the database lacks a sign of life of a writer."""


def report_runs(
    stores: Stores,
    project: ProjectPath,
    project_id: int,
    checks: Sequence[RunCheck],
    ended: Mapping[str, int],
) -> list[tuple[RunCheck, RunReport]]:
    """Report about the runs of trials. `ended` has since when agents say that runs have ended."""
    if not checks:
        return []
    names = [check.trial.run for check in checks]
    metadata = stores.metadata
    with metadata.read() as tx:
        rows = metadata.runs.get_many(tx, *project, names)
        missing = [name for name in names if name not in rows]
        deleted = set(metadata.trash.row_ids(tx, project_id, missing)) if missing else set[str]()
        deleted |= set(metadata.tombstones.find_many(tx, *project, missing)) if missing else set()
    ended_rows = [
        row
        for row in rows.values()
        if row.state not in (*OPEN_STATES, "preempted") and not _is_arriving(stores, row)
    ]
    ended_runs = {run.id: run for run in summaries_of(stores, ended_rows)}
    now = stores.now()

    def report(check: RunCheck) -> RunReport:
        name = check.trial.run
        if name not in rows:
            if name in deleted:
                return RunReport("deleted")
            may_come = check.ended_as in ("finished", "failed") and not check.is_lost
            is_recent = now - ended.get(name, now) < _FIRST_MICROS
            return RunReport("pending" if may_come and is_recent else "absent")
        if rows[name].state == "preempted":
            return RunReport("preempted")
        run = ended_runs.get(name)
        if run is None:
            return RunReport("running")
        return RunReport(run.state, run.summary, run.exit_code, run.stopped_by, run.ended_micros)

    return [(check, report(check)) for check in checks]


def summaries_of(stores: Stores, rows: Sequence[RunRow]) -> list[Run]:
    """Runs with their newest summaries."""
    for row in rows:
        path = RunPath(row.entity, row.project, row.run)
        if not stores.metadata.is_shared:
            entry = stores.registry.peek(path)
        else:
            entry = stores.registry.find_run(path)
            if entry is not None:
                with entry.lock:  # the rows may have come to another server
                    entry.summary.mark_stale()
        if entry is not None:
            refresh_summary(stores, entry)
    return read_run_infos(stores, rows)


def _is_arriving(stores: Stores, row: RunRow) -> bool:
    """Whether rows of a run are on their way into the metric store.

    An upload's records, which say that a run has ended, are applied before its rows.
    """
    if stores.metadata.is_shared:
        return _is_arriving_anywhere(stores, row)
    entry = stores.registry.peek(RunPath(row.entity, row.project, row.run))
    if entry is None:
        return False
    since = stores.now() - _ARRIVAL_MICROS
    with entry.lock:
        return entry.n_appending > 0 or any(
            writer.seen_micros > since
            and (
                writer.stored_record_position is None
                or writer.row.record_position > writer.stored_record_position
            )
            for writer in entry.writers.values()
        )


def _is_arriving_anywhere(stores: Stores, row: RunRow) -> bool:
    """Like `_is_arriving`, at any of several servers: by what is stored of its writers."""
    with stores.metadata.read() as tx:
        writers = stores.metadata.writers.of_run(tx, row.row_id)
    since = stores.now() - _ARRIVAL_MICROS - _SAVED_MICROS
    recent = [
        writer for writer in writers if (writer.heartbeat_micros or writer.first_micros) > since
    ]
    if not recent:
        return False
    with stores.metrics.use(row.project_id) as store:
        ends = {writer.writer: store.position(row.run, writer.writer) for writer in recent}
    return any(
        (end := ends[writer.writer]) is None or end.position < writer.record_position
        for writer in recent
        if writer.record_position >= 0
    )
