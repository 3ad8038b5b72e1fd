"""Moves runs to another project, under the same id. Their old addresses redirect to the new ones.

1. Metadata records which runs move, and that rows of their sources (the runs that they were
   forked from) are copied to the other project, too.
2. The metric file refuses uploads to the runs (senders try again), and all their data is copied
   to the other file, hidden. Forks that are parted from their sources get
   their media.
3. One transaction of metadata moves them, and leaves a pointer at each old path.
4. The copies get their names and become visible; the old file deletes the runs, or hides them as
   long as forks there show their rows.

A kill before step 3 leaves the runs in the old project, one after it in the new: `finish_moves`
completes or undoes the move before the next server answers requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from weft.errors import ConfigError, Conflict, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.removal.deleting import Outcome, absences, publish, wake
from weft.server.services.removal.inherited_media import pass_on_media
from weft.server.services.removal.purging import purge_runs
from weft.server.services.stores.duties import MOVES
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction

RUNS_AT_ONCE: Final = 100
"""Runs moved in one transaction; their uploads wait until all of them are copied."""


def check_target(stores: Stores, path: ProjectPath, to: ProjectPath) -> None:
    """Refuse a move that is impossible for every run.

    Conflict if they come from logs that name their project.
    """
    to.check()
    if path == to:
        raise ConfigError("the runs are in this project already", field="project")
    if stores.originals is not None:
        raise Conflict("runs of a directory stay in the project that their logs name")


def move_runs(
    stores: Stores, actor: Actor, path: ProjectPath, to: ProjectPath, runs: Sequence[str]
) -> Outcome:
    """Move runs to another project, created if it is missing; `RUNS_AT_ONCE` at a time.

    All values, rows, console lines, files and tombstones of metrics move. A run is refused if its
    id, or the id of one of its sources, is taken there.
    """
    outcome = Outcome()
    for at in range(0, len(runs), RUNS_AT_ONCE):
        batch = _move_batch(stores, path, to, runs[at : at + RUNS_AT_ONCE])
        publish(stores, actor, path, batch.succeeded)
        publish(stores, actor, to, batch.succeeded)
        outcome.succeeded += batch.succeeded
        outcome.failed |= batch.failed
    if outcome.succeeded:
        project_id = stores.registry.find_project(path)
        if project_id is not None:
            purge_runs(stores, project_id)
    return outcome


def _move_batch(
    stores: Stores, path: ProjectPath, to: ProjectPath, runs: Sequence[str]
) -> Outcome:
    metadata = stores.metadata
    with metadata.write() as tx:
        to_id = metadata.projects.make(tx, *to, stores.now())
    # Until the forks arrive, no run there shows rows of their sources: a purge would remove them.
    with stores.presence, stores.purging_of(to_id), stores.duties.alone(MOVES):
        with metadata.write() as tx:
            plan = _plan(stores, tx, path, to, to_id, runs)
        if plan.moving:
            try:
                _carry_out(stores, path, to, to_id, plan)
            except BaseException:
                finish_moves(stores)
                raise
    plan.outcome.succeeded = [run for run in runs if run in plan.moving]
    return plan.outcome


@dataclass(slots=True)
class _Plan:
    """The runs that move, their project, and the other runs whose rows they show (`sources`)."""

    from_id: int
    moving: dict[str, int]
    sources: list[str]
    outcome: Outcome


def _plan(
    stores: Stores,
    tx: Transaction,
    path: ProjectPath,
    to: ProjectPath,
    to_id: int,
    runs: Sequence[str],
) -> _Plan:
    """Choose the runs that move, and record them in metadata."""
    metadata = stores.metadata
    from_id = metadata.projects.find_project(tx, *path)
    rows = {} if from_id is None else metadata.trash.present_rows(tx, from_id, runs)
    failed = absences(stores, tx, path, runs, rows)
    if from_id is None or not rows:
        return _Plan(0, {}, [], Outcome([], failed))
    failed |= _occupied(stores, tx, to, to_id, rows)
    lineage = metadata.sources.of_runs(tx, from_id, list(rows))
    sources = {run: {source.run for source in lineage.get(run, ())} - {run} for run in rows}
    failed |= _misplaced(stores, tx, from_id, path, to, to_id, sources)
    moving = {run: row_id for run, row_id in rows.items() if run not in failed}
    needed = {name for run in moving for name in sources[run]} - moving.keys()
    names = sorted(needed - metadata.trash.all_rows(tx, to_id, sorted(needed)).keys())
    here = metadata.trash.all_rows(tx, from_id, names)
    for name in names:
        # Their rows will be there, so the path is reserved and redirects to where the run is.
        metadata.tombstones.add_runs(
            tx, *to, [name],
            now_micros=stores.now(), purge_project_id=to_id, moved_run_id=here.get(name),
        )  # fmt: skip
    metadata.moves.begin(tx, list(moving.values()), from_id=from_id, to_id=to_id)
    return _Plan(from_id, moving, names, Outcome([], failed))


def _occupied(
    stores: Stores, tx: Transaction, to: ProjectPath, to_id: int, rows: Mapping[str, int]
) -> dict[str, WeftError]:
    """The reasons why runs can't keep their ids in the other project, by run."""
    names = list(rows)
    there = stores.metadata.trash.all_rows(tx, to_id, names)
    pointers = stores.metadata.tombstones.moved_rows(tx, *to, names)
    refused: dict[str, WeftError] = {}
    for run, row_id in rows.items():
        if run in there:
            refused[run] = Conflict(f"there is a run {to.run(run)} already")
        elif pointers.get(run, row_id) != row_id:
            refused[run] = Conflict(f"there was another run {to.run(run)}")
    return refused


def _misplaced(
    stores: Stores,
    tx: Transaction,
    from_id: int,
    path: ProjectPath,
    to: ProjectPath,
    to_id: int,
    sources: Mapping[str, set[str]],
) -> dict[str, WeftError]:
    """The runs that can't move because another run there has the id of one of their sources."""
    names = sorted({name for source_names in sources.values() for name in source_names})
    trash, tombstones = stores.metadata.trash, stores.metadata.tombstones
    here = tombstones.moved_rows(tx, *path, names) | trash.all_rows(tx, from_id, names)
    there = trash.all_rows(tx, to_id, names)
    pointers = tombstones.moved_rows(tx, *to, names)
    strange = {
        name
        for name in names
        if (name in there and there[name] != here.get(name))
        or (name in pointers and name not in there and pointers[name] != here.get(name))
    }
    return {
        run: Conflict(
            f"run {min(source_names & strange)}, from which {run} was forked, is another run there"
        )
        for run, source_names in sources.items()
        if source_names & strange
    }


def _carry_out(
    stores: Stores, path: ProjectPath, to: ProjectPath, to_id: int, plan: _Plan
) -> None:
    metadata = stores.metadata
    moving, runs = plan.moving, list(plan.moving)
    with (
        stores.metrics.use(plan.from_id) as old,
        stores.metrics.use(to_id) as new,
        old.freeze_runs(runs) as old_freeze,
        new.freeze_runs(runs) as new_freeze,
    ):
        drafts = {name: _draft_of_source(name) for name in plan.sources}
        old.copy_runs(drafts, new)
        new.name_runs({draft: name for name, draft in drafts.items()}, hidden=True)
        old.copy_runs({run: _draft(row_id) for run, row_id in moving.items()}, new)
        leaving = set(moving.values())
        pass_on_media(
            stores, plan.from_id, lambda fork, source: (fork in leaving) != (source in leaving)
        )
        with metadata.write() as tx:
            for run, row_id in moving.items():
                metadata.tombstones.add_runs(
                    tx, *path, [run],
                    now_micros=stores.now(), purge_project_id=plan.from_id,
                    moved_run_id=row_id,
                )  # fmt: skip
            metadata.tombstones.remove(tx, *to, runs)
            metadata.moves.commit(tx, list(moving.values()), to_id)
            metadata.sources.note_moves(tx, plan.from_id, to_id, runs)
            old_freeze.check()
            new_freeze.check()
        for run in runs:
            stores.registry.forget(path.run(run))
        _finish(stores, to_id, moving)
        # From now on senders are redirected instead of told to try again.
        old.hide_runs(runs)
    for run in runs:
        wake(stores, to.run(run))


def finish_moves(stores: Stores) -> None:
    """Finish moves that were committed, and undo moves that were not.

    Called before the server answers requests, and after a move that failed.
    """
    metadata = stores.metadata
    with metadata.read() as tx:
        moves = metadata.moves.list(tx)
        sources = {
            move.run_row_id: metadata.sources.of_runs(tx, move.from_project_id, [move.run])
            for move in moves
        }
    for move in moves:
        if move.project_id == move.to_project_id:
            _finish(stores, move.to_project_id, {move.run: move.run_row_id})
            continue
        names = {
            source.run
            for run_sources in sources[move.run_row_id].values()
            for source in run_sources
        }
        drafts = [_draft(move.run_row_id), *map(_draft_of_source, sorted(names))]
        with stores.metrics.use(move.to_project_id) as store:
            store.delete_runs([draft for draft in drafts if store.run_usage(draft) is not None])
        with metadata.write() as tx:
            metadata.moves.end(tx, [move.run_row_id])


def _finish(stores: Stores, to_id: int, moved: Mapping[str, int]) -> None:
    with stores.metrics.use(to_id) as new:
        new.name_runs({_draft(row_id): run for run, row_id in moved.items()})
    with stores.metadata.write() as tx:
        stores.metadata.moves.end(tx, list(moved.values()))


def _draft(row_id: int) -> str:
    """The name of an unfinished copy, which is not a valid run id."""
    return f"/{row_id}"


def _draft_of_source(run: str) -> str:
    return f"/source/{run}"
