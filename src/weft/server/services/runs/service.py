"""Runs: list, inspect, edit, stop, delete."""

from __future__ import annotations

from typing import Final

import msgspec

from weft.errors import Conflict, Gone, Moved, NotFound, WeftError
from weft.records import record
from weft.records.ids import DEFAULT_ENTITY, Entity
from weft.server.services.access.actors import Actor
from weft.server.services.access.locked import refusal_of_locking
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.removal.deleting import absence, delete_runs, restore_runs
from weft.server.services.runs.audited_edits import note_locks
from weft.server.services.runs.editing import apply_edit, checked_edit
from weft.server.services.runs.noting import note_edits, note_runs
from weft.server.services.runs.run_infos import read_run_infos
from weft.server.services.runs.stopping import ask_to_stop
from weft.server.services.selecting.pages import check_selection, find_runs
from weft.server.services.selecting.types import RunSelection
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import READ_OLD, refresh_summary
from weft.server.storage.metadata import KeptRecord, RunRow, Transaction, WriterRow
from weft.wire.runs.runs import Alert, AlertList, Run, RunEdit, RunList, Writer, WriterList

_MAX_ALERTS: Final = 10_000

ALL_RUNS: Final = RunSelection()

_decode_alert: Final = msgspec.msgpack.Decoder(record.Alert).decode


class RunService:
    """Operations on runs."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._editing = OrderedLock(LockOrder.EDIT)

    def list(self, actor: Actor, path: ProjectPath, selection: RunSelection = ALL_RUNS) -> RunList:
        """List the runs of a project that match a selection. Defaults to all, newest first.

        Long configs and summaries are shortened (`Run.truncated`).
        """
        require(actor, Action.READ, path)
        check_selection(selection)
        selected = find_runs(self._stores, actor, self._stores.find_project(path), selection)
        with self._stores.metadata.read() as tx:
            by_id = self._stores.metadata.runs.by_ids(tx, selected.row_ids.tolist())
        # A run may have been deleted since.
        rows = [by_id[row_id] for row_id in selected.row_ids.tolist() if row_id in by_id]
        infos = read_run_infos(self._stores, rows, actor=actor, shortened=True)
        return RunList(runs=infos, cursor=selected.cursor, total=selected.total)

    def get(self, actor: Actor, path: RunPath) -> Run:
        """Describe one run.

        Moved if the address says `local`, as scripts print that don't know whose they are, and the
        run is another user's.
        """
        require(actor, Action.READ, path)
        entry = self._stores.registry.peek(path)
        if entry is not None:
            refresh_summary(self._stores, entry, max_old=READ_OLD)
        with self._stores.metadata.read() as tx:
            try:
                row = self._row(tx, path)
            except NotFound:
                raise self._elsewhere(actor, tx, path) or NotFound(f"no run {path}") from None
        return read_run_infos(self._stores, [row], actor=actor)[0]

    def writers(self, actor: Actor, path: RunPath) -> WriterList:
        """List the writers of a run, in the order in which the server first saw them."""
        require(actor, Action.READ, path)
        entry = self._stores.find_run(path)
        with entry.lock:
            beats = [(writer.row, writer.beat_micros) for writer in entry.writers.values()]
        return WriterList([_writer_info(row, beat) for row, beat in beats])

    def alerts(self, actor: Actor, path: RunPath) -> AlertList:
        """List the newest 10,000 alerts that the run's scripts sent, oldest first."""
        require(actor, Action.READ, path)
        with self._stores.metadata.read() as tx:
            row_id = self._row(tx, path).row_id
            records = self._stores.metadata.kept_records.of_runs(tx, [row_id], ("Alert",))[row_id]
            writers = self._stores.metadata.writers.of_run(tx, row_id)
        offsets = {writer.writer: writer.offset_micros or 0 for writer in writers}
        alerts = [_alert_info(stored, offsets.get(stored.writer, 0)) for stored in records]
        alerts.sort(key=lambda alert: alert.time_micros)
        return AlertList(alerts[-_MAX_ALERTS:])

    def edit(self, actor: Actor, path: RunPath, edit: RunEdit) -> Run:
        """Edit a run; the edit counts as a change made now by a separate writer."""
        require(actor, Action.WRITE, path)
        edit = checked_edit(edit)
        originals = self._stores.originals
        if originals is None:
            return self._edit(actor, path, edit)
        if edit.is_locked is True:
            raise refusal_of_locking()
        with self._editing:
            before = self.get(actor, path)
            originals.prepare_edit(path, before)
            after = self._edit(actor, path, edit)
            originals.note_edit(path, edit, before, after)
        return after

    def _edit(self, actor: Actor, path: RunPath, edit: RunEdit) -> Run:
        metadata = self._stores.metadata
        with metadata.write() as tx:
            row = self._row(tx, path, for_update=True)
            refused = apply_edit(metadata, tx, [row], edit, self._stores.now(), actor)
            for reason in refused.values():
                raise reason
            note_edits(self._stores, tx, actor, [(edit, [row])])
            note_locks(self._stores, tx, actor, path.of_project, [(edit, [row])])
        self._stores.live.publish(actor, path, meta=True)
        return self.get(actor, path)

    def stop(self, actor: Actor, path: RunPath) -> None:
        """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt.

        Conflict if it has ended.
        """
        require(actor, Action.WRITE, path)
        entry = self._stores.find_run(path)
        if not ask_to_stop(self._stores, entry, actor.shown):
            raise Conflict(f"run {path} has ended: {entry.state}")

    def delete(self, actor: Actor, path: RunPath, *, permanently: bool = False) -> None:
        """Move a run to the trash; a tombstone refuses late uploads.

        `permanently` deletes it without the trash or from the trash, and frees the space at once.
        """
        require(actor, Action.DELETE, path)
        outcome = delete_runs(self._stores, actor, path.of_project, [path.run], final=permanently)
        for reason in outcome.failed.values():
            raise reason
        action = "run.purge" if permanently else "run.remove"
        note_runs(self._stores, actor, action, path.of_project, [path.run])

    def undelete(self, actor: Actor, path: RunPath) -> bool:
        """Restore a deleted run.

        False if the trash has been emptied since: the run may only be uploaded again.
        """
        require(actor, Action.DELETE, path)
        outcome = restore_runs(self._stores, actor, path.of_project, [path.run])
        for reason in outcome.failed.values():
            raise reason
        note_runs(self._stores, actor, "run.restore", path.of_project, [path.run])
        return path.run in outcome.whole

    def _elsewhere(self, actor: Actor, tx: Transaction, path: RunPath) -> WeftError | None:
        """The error that names the run of another user which `local/PROJECT/RUN` means."""
        if path.entity != DEFAULT_ENTITY:
            return None
        entities = self._stores.metadata.runs.entities_of(tx, path.project, path.run)
        runs = [path._replace(entity=Entity(name)) for name in entities]
        visible = [run for run in runs if may(actor, Action.READ, run)]
        if len(visible) == 1:
            return Moved(f"run {path} is {visible[0]}", path=str(visible[0]))
        if visible:
            return NotFound(f"no run {path}: it may be {' or '.join(map(str, visible))}")
        return None

    def _row(self, tx: Transaction, path: RunPath, *, for_update: bool = False) -> RunRow:
        metadata = self._stores.metadata
        row = metadata.runs.get(tx, *path, for_update=for_update)
        if row is not None:
            return row
        tombstone = metadata.tombstones.find_tombstones(tx, *path)
        if tombstone is not None:
            project_id = metadata.projects.find_project(tx, *path.of_project)
            if project_id is not None and metadata.trash.row_ids(tx, project_id, [path.run]):
                raise Gone(f"run {path} was deleted; it can still be taken out of the trash")
        raise absence(path, tombstone)


def _writer_info(row: WriterRow, beat_micros: int | None) -> Writer:
    offset = row.offset_micros or 0
    return Writer(
        writer=row.writer,
        parent=row.parent,
        host=row.host,
        labels=row.labels,
        offset_micros=offset,
        started_micros=None if row.anchor_micros is None else row.anchor_micros + offset,
        heartbeat_micros=beat_micros,
        ended_micros=None if row.exit_micros is None else row.exit_micros + offset,
        exit_code=row.exit_code,
    )


def _alert_info(stored: KeptRecord, offset_micros: int) -> Alert:
    alert = _decode_alert(stored.payload)
    return Alert(
        title=alert.title,
        text=alert.text,
        level=alert.level,
        time_micros=alert.micros + offset_micros,
        writer=stored.writer,
    )
