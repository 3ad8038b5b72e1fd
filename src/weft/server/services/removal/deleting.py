"""The first half of trashing, restoring and permanently deleting runs. See `purging`.

Used by `services.runs`, `services.runs.bulk` and `services.removal`. Each operation holds
`Stores.presence`, so that metadata and metric file agree on which runs exist:

    to the trash  metadata records it in one transaction, then the metric file hides the rows
    back          the metric file shows the rows, then metadata records it in one transaction

A kill in between leaves rows visible though their run is in the trash: `purging.resume_deletions`
hides them at the next start.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from weft.errors import Conflict, Gone, Moved, NotFound, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.locked import refusal_of_deletion
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.removal.purging import purge_runs
from weft.server.services.stores.originals import Originals
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    OPEN_STATES,
    PERMANENT,
    MetadataStore,
    Tombstone,
    Transaction,
    TrashedRunRow,
)
from weft.wire.projects.projects import ProjectLocks


@dataclass(slots=True)
class Outcome:
    """The outcome of an operation on several runs: in the order of the request, and errors by run
    id.
    """

    succeeded: list[str] = field(default_factory=list[str])
    failed: dict[str, WeftError] = field(default_factory=dict[str, WeftError])


def delete_runs(
    stores: Stores, actor: Actor, path: ProjectPath, runs: Sequence[str], *, final: bool
) -> Outcome:
    """Delete runs of a project, in one transaction. Their tombstones refuse late uploads.

    `final` deletes permanently, including runs that are in the trash already; the space is freed
    before this returns. Else they can be restored, unless the server keeps no trash.
    """
    final = final or stores.trash_micros == 0
    metadata = stores.metadata
    outcome = Outcome()
    now = stores.now()
    with stores.presence:
        with metadata.write() as tx:
            project_id = metadata.projects.find_project(tx, *path)
            present: dict[str, int] = {}
            trashed: dict[str, int] = {}
            if project_id is not None:
                present = metadata.trash.present_rows(tx, project_id, runs)
                if final:
                    trashed = metadata.trash.row_ids(tx, project_id, runs)
            locks = metadata.runs.locks(tx, list(present.values()))
            rows = {run: row for run, row in (present | trashed).items() if run not in locks}
            outcome.succeeded = [run for run in dict.fromkeys(runs) if run in rows]
            outcome.failed = absences(stores, tx, path, runs, present | trashed)
            for run, user in locks.items():
                outcome.failed[run] = refusal_of_deletion(f"run {path.run(run)}", user)
            if not rows:
                return outcome
            metadata.tombstones.add_runs(
                tx, *path, outcome.succeeded,
                now_micros=now, purge_project_id=project_id if final else None,
            )  # fmt: skip
            metadata.trash.put_runs(tx, list(rows.values()), PERMANENT if final else now)
            if stores.originals is not None:
                paths = [path.run(run) for run in outcome.succeeded]
                stores.originals.to_trash(
                    [run_path for run_path in paths if run_path.run in present]
                )
                if final:
                    stores.originals.remove(paths)
        assert project_id is not None
        _forget(stores, path, outcome.succeeded)
        with stores.metrics.use(project_id) as store:
            store.hide_runs(outcome.succeeded)
    publish(stores, actor, path, outcome.succeeded)
    if final:
        purge_runs(stores, project_id)
    return outcome


def locks_of_project(stores: MetadataStore, tx: Transaction, project_id: int) -> ProjectLocks:
    """The locked runs and versions of a project."""
    return ProjectLocks(
        runs=stores.runs.locks_of_project(tx, project_id),
        versions=stores.artifacts.locks_of_project(tx, project_id),
    )


def lockers(locks: ProjectLocks, *, prefix: str = "") -> dict[str, str]:
    """The users who locked things, by the names of these after `prefix`."""
    return {f"run {prefix}{run}": user for run, user in locks.runs.items()} | {
        f"{prefix}{version}": user for version, user in locks.versions.items()
    }


def delete_trashed(
    stores: Stores, project_id: int, path: ProjectPath, trashed: Sequence[TrashedRunRow]
) -> int:
    """Permanently delete runs in the trash, and return how many were still there."""
    metadata = stores.metadata
    with stores.presence, metadata.write() as tx:
        names = [row.run for row in trashed]
        rows = metadata.trash.row_ids(tx, project_id, names)
        metadata.tombstones.add_runs(
            tx,
            *path,
            list(rows),
            now_micros=stores.now(),
            purge_project_id=project_id,
        )
        metadata.trash.put_runs(tx, list(rows.values()), PERMANENT)
        if stores.originals is not None:
            stores.originals.remove([path.run(run) for run in rows])
    purge_runs(stores, project_id)
    return len(rows)


@dataclass(slots=True)
class Restored(Outcome):
    """The outcome of restoring several runs.

    Of those that are not `whole` nothing was left, and they only accept uploads again.
    """

    whole: set[str] = field(default_factory=set[str])


def restore_runs(stores: Stores, actor: Actor, path: ProjectPath, runs: Sequence[str]) -> Restored:
    """Restore runs of a project, in one transaction; a run that was not deleted is unchanged."""
    metadata = stores.metadata
    outcome = Restored()
    with stores.presence:
        with metadata.read() as tx:
            project_id = metadata.projects.find_project(tx, *path)
            present: Mapping[str, int] = {}
            trashed: dict[str, int] = {}
            if project_id is not None:
                present = metadata.trash.present_rows(tx, project_id, runs)
                trashed = metadata.trash.row_ids(tx, project_id, runs)
            tombstones = metadata.tombstones.find_many(tx, *path, runs)
            admitted: list[str] = []
            for run in dict.fromkeys(runs):
                reason = None
                if run not in present and run not in trashed:
                    reason = _no_way_back(stores, tx, path.run(run), tombstones.get(run))
                    if reason is None:
                        admitted.append(run)
                if reason is None:
                    outcome.succeeded.append(run)
                else:
                    outcome.failed[run] = reason
        again = [*trashed, *admitted]
        if stores.originals is not None:
            _bring_files_back(stores.originals, path, again, outcome)
        dirty: list[str] = []
        if project_id is not None and again:
            with stores.metrics.use(project_id) as store:
                store.show_runs(again)
                dirty = [run for run in trashed if store.dirty_mark(run)]
        with metadata.write() as tx:
            metadata.trash.restore_runs(tx, list(trashed.values()))
            metadata.tombstones.remove(tx, *path, again)
            rows = metadata.runs.by_ids(tx, list(trashed.values())) if trashed else {}
        if stores.originals is not None:
            stores.originals.look_again([path.run(run) for run in again])
        outcome.whole |= {*present, *trashed}
        for run in {*dirty, *(row.run for row in rows.values() if row.state in OPEN_STATES)}:
            wake(stores, path.run(run))
    publish(stores, actor, path, again)
    return outcome


def _bring_files_back(
    originals: Originals, path: ProjectPath, again: Sequence[str], outcome: Restored
) -> None:
    """Restore files, also of runs that only the files know because the store was deleted since."""
    unknown = [run for run, reason in outcome.failed.items() if isinstance(reason, NotFound)]
    restored = originals.from_trash([path.run(run) for run in [*again, *unknown]])
    for restored_path in restored:
        if restored_path.run in unknown:
            del outcome.failed[restored_path.run]
            outcome.succeeded.append(restored_path.run)
            outcome.whole.add(restored_path.run)


def publish(
    stores: Stores,
    actor: Actor,
    path: ProjectPath,
    runs: Sequence[str],
    *,
    keys: Sequence[str] | None = None,
) -> None:
    """Notify pages that runs changed; if `keys` is None, any of their metrics may have changed."""
    for run in runs:
        stores.live.publish(actor, path.run(run), keys=keys, meta=True)


def _forget(stores: Stores, path: ProjectPath, runs: Sequence[str]) -> None:
    for run in runs:
        stores.registry.forget(path.run(run))


def wake(stores: Stores, path: RunPath) -> None:
    """Mark a run stale, as its summary and state were not updated while it was absent."""
    entry = stores.registry.find_present(path)
    if entry is not None:
        with entry.lock:
            entry.summary.mark_stale()


def absences(
    stores: Stores,
    tx: Transaction,
    path: ProjectPath,
    runs: Sequence[str],
    present: Collection[str],
) -> dict[str, WeftError]:
    """The reasons why runs that are not in `present` are absent from a project, by id."""
    missing = [run for run in dict.fromkeys(runs) if run not in present]
    tombstones = stores.metadata.tombstones.find_many(tx, *path, missing)
    return {run: absence(path.run(run), tombstones.get(run)) for run in missing}


def absence(path: RunPath, tombstone: Tombstone | None) -> WeftError:
    """The error that says why there is no run at a path."""
    if tombstone is None:
        return NotFound(f"no run {path}")
    if tombstone.moved_to is not None:
        return Moved(f"run {path} was moved", path="/".join(tombstone.moved_to))
    return Gone(f"run {path} was deleted")


def _no_way_back(
    stores: Stores, tx: Transaction, path: RunPath, tombstone: Tombstone | None
) -> WeftError | None:
    """Why a run that is not in the trash can't accept uploads again; None if it can."""
    if tombstone is None or tombstone.moved_to is not None:
        return absence(path, tombstone)
    if tombstone.is_purging:
        return Conflict(f"run {path} was deleted permanently, and forks still show rows of it")
    if stores.metadata.trash.holds_run(tx, *path):
        return Conflict(f"run {path} is in the trash with its project: bring that back")
    return None
