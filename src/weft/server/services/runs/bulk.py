"""One action on many runs: edit, delete, restore, stop, move.

Each group of `RUNS_PER_GROUP` runs, in the requested order, is one transaction. A run is changed
completely or not at all. Runs of a group that can't be changed are listed with the reason; the
others are changed all or none. After a kill, or if the database accepts no more writes, complete
groups are done and the rest are unchanged; repeating the request does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from weft.errors import ConfigError, Conflict, LimitExceeded, Unavailable, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.removal.deleting import (
    Outcome,
    absences,
    delete_runs,
    publish,
    restore_runs,
)
from weft.server.services.removal.moving import check_target, move_runs
from weft.server.services.runs.audited_edits import note_changes, note_locks, without
from weft.server.services.runs.editing import apply_edit, checked_edit
from weft.server.services.runs.noting import RunsAction, note_edits, note_runs
from weft.server.services.runs.reversing import UndoEdits, edits_of
from weft.server.services.runs.service import RunService
from weft.server.services.selecting.select import requested_runs
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import OPEN_STATES, RunRow, Transaction
from weft.wire.runs.bulk import (
    BulkAction,
    BulkAnswer,
    BulkChange,
    BulkFailure,
    DeleteAction,
    EditAction,
    EditEachAction,
    MoveAction,
    StopAction,
    UndeleteAction,
    UndoAction,
)
from weft.wire.runs.runs import RunEdit

RUNS_PER_GROUP: Final = 500
"""Runs per transaction. Uploads that write metadata wait for one group: about 0.1 s."""

MAX_CHANGE_BYTES: Final = 64 * 2**20
"""Limit of an edit's size, as JSON, times its runs: about half a minute of writing."""

_MAX_GROUP_BYTES: Final = 2**20

_MAX_FAILED: Final = 1000

_Edits = EditAction | EditEachAction
_Applied = _Edits | DeleteAction | UndeleteAction | StopAction | MoveAction


class BulkService:
    """Applies one action to many runs."""

    def __init__(self, stores: Stores, runs: RunService) -> None:
        self._stores = stores
        self._runs = runs

    def apply_change(self, actor: Actor, path: ProjectPath, change: BulkChange) -> BulkAnswer:
        """Apply an action to runs of a project; returns when it is done."""
        require(actor, _RIGHTS[type(change.action)], path)
        action, run_ids = change.action, change.runs
        if isinstance(action, EditAction):
            action = checked_edit(action)
        if isinstance(action, EditEachAction | UndoAction):
            if run_ids is not None:
                kind = "undo" if isinstance(action, UndoAction) else "edit_each"
                raise ConfigError(f"{kind} names its runs itself; leave out runs", field="runs")
            if isinstance(action, UndoAction):
                action = EditEachAction(edits=edits_of(action.undo))
            edits = {run: checked_edit(edit) for run, edit in action.edits.items()}
            action, run_ids = EditEachAction(edits=edits), list(edits)
        if change.with_undo and any(edit.summary for edit in _edits_of(action)):
            raise ConfigError("edits of summaries have no undo", field="with_undo")
        if isinstance(action, MoveAction):
            to = _target(path, action)
            require(actor, Action.WRITE, to)
            check_target(self._stores, path, to)
        project_id = self._stores.find_project(path)
        is_back = isinstance(action, UndeleteAction)
        runs = requested_runs(
            self._stores, actor, project_id, run_ids, change.filter, trashed=is_back
        )
        per_group = RUNS_PER_GROUP
        for edit in _edits_of(action):
            n_bytes = len(msgspec.json.encode(edit))
            _check_size(n_bytes, len(runs) if isinstance(action, EditAction) else 1)
            per_group = max(1, min(per_group, _MAX_GROUP_BYTES // n_bytes))
        undo = UndoEdits() if change.with_undo else None
        work = self._work(actor, path, action, undo)
        noted_action = _noted_action(action)
        noted_runs: list[str] = []
        n_done = n_failed = 0
        failed: list[BulkFailure] = []
        for at in range(0, len(runs), per_group):
            group = runs[at : at + per_group]
            try:
                outcome = work(group)
            except Unavailable as error:
                remaining = runs[at:]
                outcome = Outcome([], dict.fromkeys(remaining, error))
            if undo:
                undo.drop(outcome.failed)
            n_done += len(outcome.succeeded)
            if noted_action is not None:
                noted_runs += outcome.succeeded
            n_failed += len(outcome.failed)
            for run, error in list(outcome.failed.items())[: _MAX_FAILED - len(failed)]:
                failed.append(BulkFailure(run=run, code=error.code, detail=str(error)))
            if n_done + n_failed == len(runs):
                break
        if noted_action is not None:
            to = _target(path, action) if isinstance(action, MoveAction) else None
            note_runs(self._stores, actor, noted_action, path, noted_runs, to=to)
        text = undo.text() if undo else None
        return BulkAnswer(n_done=n_done, n_failed=n_failed, failed=failed, undo=text)

    def _work(
        self, actor: Actor, path: ProjectPath, action: _Applied, undo: UndoEdits | None
    ) -> Callable[[list[str]], Outcome]:
        stores = self._stores
        match action:
            case EditAction() | EditEachAction():
                if stores.originals is not None:
                    return lambda runs: self._edit_originals(actor, path, runs, action, undo)
                return lambda runs: self._edit(actor, path, runs, action, undo)
            case DeleteAction(permanently=final):
                return lambda runs: delete_runs(stores, actor, path, runs, final=final)
            case UndeleteAction():
                return lambda runs: restore_runs(stores, actor, path, runs)
            case StopAction():
                return lambda runs: self._stop(actor, path, runs)
            case MoveAction():
                to = _target(path, action)
                return lambda runs: move_runs(stores, actor, path, to, runs)

    def _edit_originals(
        self,
        actor: Actor,
        path: ProjectPath,
        runs: Sequence[str],
        action: _Edits,
        undo: UndoEdits | None,
    ) -> Outcome:
        outcome = Outcome()
        with self._stores.metadata.read() as tx:
            present = self._rows_by_edit(tx, path, runs, action, undo, outcome)
        for edit, rows in present:
            for row in rows:
                try:
                    self._runs.edit(actor, path.run(row.run), edit)
                except WeftError as error:
                    outcome.failed[row.run] = error
        with self._stores.metadata.write() as tx:
            note_changes(self._stores, tx, actor, path, without(present, outcome.failed))
        outcome.succeeded = [run for run in runs if run not in outcome.failed]
        return outcome

    def _edit(
        self,
        actor: Actor,
        path: ProjectPath,
        runs: Sequence[str],
        action: _Edits,
        undo: UndoEdits | None,
    ) -> Outcome:
        metadata = self._stores.metadata
        outcome = Outcome()
        with metadata.write() as tx:
            now = self._stores.now()
            edits = self._rows_by_edit(tx, path, runs, action, undo, outcome)
            for edit, rows in edits:
                outcome.failed.update(apply_edit(metadata, tx, rows, edit, now, actor))
            edits = without(edits, outcome.failed)
            note_edits(self._stores, tx, actor, edits)
            note_locks(self._stores, tx, actor, path, edits)
            note_changes(self._stores, tx, actor, path, edits)
        outcome.succeeded = [run for run in runs if run not in outcome.failed]
        publish(self._stores, actor, path, outcome.succeeded, keys=())
        return outcome

    def _rows_by_edit(
        self,
        tx: Transaction,
        path: ProjectPath,
        runs: Sequence[str],
        action: _Edits,
        undo: UndoEdits | None,
        outcome: Outcome,
    ) -> list[tuple[RunEdit, Sequence[RunRow]]]:
        """Each edit with the runs that get it. Adds their earlier values to `undo`."""
        rows = self._present(tx, path, runs, outcome)
        by_edit: list[tuple[RunEdit, Sequence[RunRow]]] = (
            [(action, rows)]
            if isinstance(action, EditAction)
            else [(action.edits[row.run], [row]) for row in rows]
        )
        if undo:
            for edit, edited in by_edit:
                undo.add_edit(self._stores.metadata, tx, edited, edit)
        return by_edit

    def _stop(self, actor: Actor, path: ProjectPath, runs: Sequence[str]) -> Outcome:
        metadata = self._stores.metadata
        outcome = Outcome()
        with metadata.write() as tx:
            present = self._present(tx, path, runs, outcome)
            for row in present:
                if row.state in OPEN_STATES:
                    metadata.runs.request_stop(tx, row.row_id, actor.shown)
                else:
                    reason = f"run {path.run(row.run)} has ended: {row.state}"
                    outcome.failed[row.run] = Conflict(reason)
        outcome.succeeded = [run for run in runs if run not in outcome.failed]
        for run in outcome.succeeded:
            entry = self._stores.registry.peek(path.run(run))
            if entry is not None:
                with entry.lock:
                    entry.stopper = actor.shown
        return outcome

    def _present(
        self, tx: Transaction, path: ProjectPath, runs: Sequence[str], outcome: Outcome
    ) -> list[RunRow]:
        """The runs that exist; adds the reason for each of the others to `outcome`."""
        metadata = self._stores.metadata
        project_id = metadata.projects.find_project(tx, *path)
        row_ids = {} if project_id is None else metadata.trash.present_rows(tx, project_id, runs)
        outcome.failed.update(absences(self._stores, tx, path, runs, row_ids))
        return list(metadata.runs.by_ids(tx, list(row_ids.values())).values())


def _edits_of(action: BulkAction) -> Sequence[RunEdit]:
    if isinstance(action, EditEachAction):
        return list(action.edits.values())
    return [action] if isinstance(action, EditAction) else []


def _noted_action(action: _Applied) -> RunsAction | None:
    """The action in the audit log; None for edits, which are noted with their values."""
    match action:
        case DeleteAction(permanently=final):
            return "run.purge" if final else "run.remove"
        case UndeleteAction():
            return "run.restore"
        case MoveAction():
            return "run.move"
        case StopAction():
            return "run.stop"
        case _:
            return None


def _target(path: ProjectPath, action: MoveAction) -> ProjectPath:
    return ProjectPath(action.entity or path.entity, action.project)


_RIGHTS: Final = {
    EditAction: Action.WRITE,
    EditEachAction: Action.WRITE,
    UndoAction: Action.WRITE,
    StopAction: Action.WRITE,
    DeleteAction: Action.DELETE,
    UndeleteAction: Action.DELETE,
    MoveAction: Action.DELETE,
}


def _check_size(n_bytes: int, n_runs: int) -> None:
    if n_bytes * n_runs > MAX_CHANGE_BYTES:
        raise LimitExceeded(
            f"an edit of {n_bytes:,} bytes for {n_runs:,} runs is too large: for so many runs it "
            f"has at most {MAX_CHANGE_BYTES // n_runs:,} bytes; change fewer values, or fewer runs"
        )
