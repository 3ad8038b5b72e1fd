"""What came of trials: the states of their runs, and the values of metrics in their summaries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from weft.records.ids import new_run_id
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import refresh_summary
from weft.server.storage.metadata import OPEN_STATES, RunRow, TrialRow
from weft.sweeps.config import Metric, SweepConfig
from weft.sweeps.values import read_values
from weft.wire.runs import Run

_ARRIVAL_MICROS: Final = 10 * 1_000_000
"""The longest that rows of an upload come after its records."""


@dataclass(slots=True)
class Outcomes:
    """What changed of some trials.

    Attributes:
        changed: ended, or to be handed out again.
        removed: numbers of trials whose runs were deleted.
    """

    changed: list[TrialRow] = field(default_factory=list[TrialRow])
    removed: list[int] = field(default_factory=list[int])


def find_outcomes(
    stores: Stores,
    project: ProjectPath,
    project_id: int,
    config: SweepConfig,
    trials: Sequence[TrialRow],
    *,
    ended: Mapping[str, str],
    lost: Collection[int],
) -> Outcomes:
    """What changed of trials that are handed out.

    Args:
        ended: runs that their agents say have ended, with how.
        lost: numbers of trials whose agents are gone.
    """
    outcomes = Outcomes()
    if not trials:
        return outcomes
    names = [trial.run for trial in trials]
    metadata = stores.metadata
    with metadata.read() as tx:
        rows = metadata.runs.get_many(tx, *project, names)
        missing = [name for name in names if name not in rows]
        deleted = set(metadata.trash.row_ids(tx, project_id, missing)) if missing else set[str]()
        deleted |= set(metadata.tombstones.find_many(tx, *project, missing)) if missing else set()
    now = stores.now()
    finished: list[tuple[TrialRow, RunRow]] = []
    for trial in trials:
        row = rows.get(trial.run)
        if trial.run in deleted:
            outcomes.removed.append(trial.number)
        elif row is None:
            changed = _unbegun(trial, trial.number in lost, ended.get(trial.run), now)
            if changed is not None:
                outcomes.changed.append(changed)
        elif row.state == "preempted":
            outcomes.changed.append(trial._replace(state="queued", agent_id=None, resumes=True))
        elif row.state not in OPEN_STATES and not _is_arriving(stores, project.run(trial.run)):
            finished.append((trial, row))
    for trial, run in zip(
        (trial for trial, _ in finished),
        summaries_of(stores, [row for _, row in finished]),
        strict=True,
    ):
        outcomes.changed.append(_ended(trial, run, config.metrics, now))
    return outcomes


def summaries_of(stores: Stores, rows: Sequence[RunRow]) -> list[Run]:
    """Runs with their newest summaries."""
    for row in rows:
        entry = stores.registry.peek(RunPath(row.entity, row.project, row.run))
        if entry is not None:
            refresh_summary(stores, entry)
    return read_run_infos(stores, rows)


def _is_arriving(stores: Stores, path: RunPath) -> bool:
    """Whether rows of a run are on their way into the metric store.

    An upload's records, which say that a run has ended, are applied before its rows.
    """
    entry = stores.registry.peek(path)
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


def _unbegun(trial: TrialRow, is_lost: bool, how: str | None, now: int) -> TrialRow | None:
    """A trial whose run never began: given to another agent, or failed."""
    if how is not None:
        error = (
            "the run never began: the function did not call weft.init()"
            if how == "finished"
            else "the run never began: the function or program failed before weft.init()"
        )
        return trial._replace(state="failed", error=error, ended_micros=now)
    if is_lost:
        # A new run id, as the lost agent may yet begin the run under the old one.
        return trial._replace(state="queued", agent_id=None, run=new_run_id())
    return None


def _ended(trial: TrialRow, run: Run, metrics: Sequence[Metric], now: int) -> TrialRow:
    """A trial whose run has ended."""
    ended = run.ended_micros or now
    values, error = read_values(run.summary, metrics)
    if run.state in ("failed", "crashed", "killed") and not trial.stopped_early:
        reason = "was killed" if run.state == "killed" else run.state
        code = f" with exit code {run.exit_code}" if run.exit_code else ""
        if run.stopped_by is not None:
            reason, code = f"was stopped by {run.stopped_by}", ""
        # How the run counts for the search follows from the metric's `impute`.
        is_kept = error is None and all(metric.impute != "worst" for metric in metrics)
        return trial._replace(
            state="failed",
            values=values if is_kept and values else None,
            error=f"the run {reason}{code}",
            ended_micros=ended,
        )
    if error is None:
        loss = metrics[0].loss(values[0]) if len(metrics) == 1 else None
        return trial._replace(
            state="finished", values=values, loss=loss, error=None, ended_micros=ended
        )
    return trial._replace(state="failed", error=error, ended_micros=ended)
