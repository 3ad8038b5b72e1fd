"""Uploads become metadata and points, each exactly once. See docs/decisions/0003.

Stop 9 of a data point's way: receives an `Upload` from `http.ingest`, changes metadata if the
upload has something for it, appends to the project's metric store, then tells `services.live`.
An upload of rows only, or a heart-beat, touches no metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from weft.errors import Gone, Moved, PositionConflict, Unavailable
from weft.records.limits import MAX_MICROS
from weft.records.merge import NEVER
from weft.records.names import two_words
from weft.records.record import Run
from weft.server.services.actors import SYSTEM, Actor
from weft.server.services.busy.aggregates import Rules
from weft.server.services.busy.clocks import ClockOffset
from weft.server.services.busy.pace import Pace
from weft.server.services.busy.registry import RunEntry, WriterEntry
from weft.server.services.busy.run_states import refresh_state
from weft.server.services.busy.settling import note_rows
from weft.server.services.context import Stores
from weft.server.services.effects import RecordEffects
from weft.server.services.permissions import Action, require
from weft.server.services.types import Applied, RunPath, Upload
from weft.server.storage.contract import Batch, StreamPosition
from weft.server.storage.metadata.engine import Transaction
from weft.server.storage.metadata.runs import RunRow
from weft.server.storage.metadata.writers import WriterRow


class IngestService:
    """Takes decoded uploads. Thread-safe; calls block until the data is durable."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._pace = Pace()

    def position(self, actor: Actor, target: RunPath, stream: str) -> StreamPosition | None:
        """Where the server's copy of a stream ends, with the decoder's state; None = unknown.

        Raises:
            Gone: the run was deleted.
        """
        require(actor, Action.WRITE, target)
        target, entry = self._stores.registry.follow(target)
        if entry is None:
            return None
        with self._stores.metrics.use(entry.project_id) as store:
            return store.position(target.run, stream)

    def apply(self, actor: Actor, target: RunPath, upload: Upload) -> Applied:
        """Apply one upload; when this returns, all of it is durable.

        An upload to a run that never was creates it, and its entity and project.

        Raises:
            PositionConflict: it does not start where the stream ends.
            Gone: the run was deleted.
        """
        require(actor, Action.WRITE, target)
        received = upload.received_micros or self._stores.now()
        target, entry = self._stores.registry.follow(target)
        writer = entry.writers.get(upload.writer) if entry is not None else None
        offset = _offset(writer, upload, received)
        try:
            if (
                entry is None
                or writer is None
                or offset != writer.row.offset_micros
                or _last_position(upload) > writer.row.record_position
            ):
                self._check_position(entry, upload)
                entry = self._apply_metadata(entry, target, upload, offset, received)
                writer = entry.writers[upload.writer]
            self._append(entry, writer, upload, offset or 0)
            self._note_heard(entry, writer, received, live=upload.live)
        except Gone as error:
            self._refuse_for_now(target, error)
            raise
        return Applied(
            position=upload.to_position,
            pause_millis=self._pace.pause_millis(target.run, upload.writer, received),
            stop=entry.stop_requested,
        )

    def beat(
        self,
        actor: Actor,
        target: RunPath,
        writer: str,
        *,
        client_time_micros: int | None,
        received_micros: int | None = None,
        position: int = 0,
        live: bool = True,
    ) -> Applied:
        """There is nothing to send; if `live`, the writer's process is running.

        Args:
            position: where the sender believes that the server's copy of the log ends.

        Raises:
            Gone: the run was deleted.
            PositionConflict: it ends elsewhere: this server may be an older self, from a backup.
        """
        require(actor, Action.WRITE, target)
        received = received_micros or self._stores.now()
        target, entry = self._stores.registry.follow(target)
        known = entry.writers.get(writer) if entry is not None else None
        end = 0
        if entry is not None and known is not None:
            if known.position is None:
                with self._stores.metrics.use(entry.project_id) as store:
                    stream = store.position(target.run, writer)
                end = stream.position if stream is not None else 0
                with entry.lock:
                    known.position = max(known.position or 0, end)
            end = known.position
        if position != end:
            raise PositionConflict(
                f"the log of writer {writer} ends at {end} here, not {position}", position=end
            )
        if entry is None or known is None:
            return Applied(position=0)
        if live:
            beat = Upload(
                writer,
                writer,
                position,
                position,
                client_time_micros=client_time_micros,
                received_micros=received,
                live=True,
            )
            offset = _offset(known, beat, received)
            if offset != known.row.offset_micros:
                self._apply_metadata(entry, target, beat, offset, received)
            self._note_heard(entry, known, received, live=True)
        return Applied(position=end, stop=entry.stop_requested)

    def _refuse_for_now(self, target: RunPath, error: Gone) -> None:
        """Have a sender try again whose run was moved while its upload was on the way.

        Raises:
            Unavailable: it was, or has come back since.
        """
        try:
            self._stores.registry.find(target)
        except Moved as moved:
            raise Unavailable(f"{moved}: send again") from error
        except Gone:
            return
        raise Unavailable(f"run {target} was away for a moment: send again") from error

    def _check_position(self, entry: RunEntry | None, upload: Upload) -> None:
        """Refuse before anything changes; the store checks again when it appends."""
        known = None
        if entry is not None:
            with self._stores.metrics.use(entry.project_id) as store:
                known = store.position(entry.path.run, upload.stream)
        end = known.position if known is not None else 0
        if upload.from_position != end:
            raise PositionConflict(
                f"stream {upload.stream} ends at {end}, not {upload.from_position}", position=end
            )

    def _apply_metadata(
        self,
        entry: RunEntry | None,
        target: RunPath,
        upload: Upload,
        offset: int | None,
        received: int,
    ) -> RunEntry:
        """Step 1: everything but rows, in one transaction."""
        stores = self._stores
        metadata = stores.metadata
        with metadata.write() as tx:
            row = metadata.runs.get(tx, target.entity, target.project, target.run, for_update=True)
            if row is None and (
                entry is not None
                or metadata.tombstones.has_run(tx, target.entity, target.project, target.run)
            ):
                raise Gone(f"run {target} was deleted")
            is_new = row is None
            row = row or self._create_run(tx, target, upload, offset, received)
            known = metadata.writers.get(tx, row.row_id, upload.writer)
            writer_row = _writer_row(known, upload, offset, received)
            effects = RecordEffects(metadata, tx, row, writer_row)
            effects.apply(upload.records, upload.refused)
        return self._remember(entry, target, effects, is_new=is_new)

    def _create_run(
        self, tx: Transaction, target: RunPath, upload: Upload, offset: int | None, received: int
    ) -> RunRow:
        metadata = self._stores.metadata
        project_id = metadata.projects.make(tx, target.entity, target.project, received)
        header = upload.header
        first = next((one for _, one in upload.records if isinstance(one, Run)), None)
        anchor = header.wall_micros if header else first.start_micros if first else received
        ran_before = min(max(first.runtime_micros, 0), MAX_MICROS) if first else 0
        start = first.start_micros if first and first.start_micros else anchor
        metadata.runs.create(
            tx,
            project_id,
            target.run,
            name=lambda: (
                f"{two_words(target.run)}-{metadata.projects.next_number(tx, project_id)}"
            ),
            state="running" if upload.live else "pending",
            created_micros=received,
            started_micros=start + (offset or 0),
            origin_micros=anchor + (offset or 0) - ran_before,
            host=header.host if header and header.parent_writer is None else None,
        )
        metadata.projects.set_active(tx, {project_id: received})
        row = metadata.runs.get(tx, target.entity, target.project, target.run, for_update=True)
        if row is None:
            raise Gone(f"project {target.entity}/{target.project} was deleted meanwhile")
        return row

    def _remember(
        self, entry: RunEntry | None, target: RunPath, effects: RecordEffects, *, is_new: bool
    ) -> RunEntry:
        """Bring memory up to what was committed, and say that the run changed."""
        registry = self._stores.registry
        if entry is None:
            entry = registry.find(target)
            if entry is None:
                raise Gone(f"run {target} was deleted")
        row = effects.writer
        with entry.lock:
            known = entry.writers.get(row.writer)
            if known is None:
                entry.writers[row.writer] = WriterEntry(row)
            elif row.record_position >= known.row.record_position:
                known.row = row
            if is_new and entry.seen_micros is None:
                entry.seen_micros = NEVER.micros
            if effects.redefined:
                entry.rules = None
            elif is_new and not entry.generation:
                entry.rules = Rules(())  # it has none yet: nobody needs to look
            if effects.redefined or effects.relineaged:
                entry.unsettle()
        # Of a run that was forked or rewound any chart shows other rows now.
        keys = None if effects.relineaged else ()
        place = target.entity, target.project, target.run
        self._stores.live.publish(SYSTEM, *place, keys=keys, meta=True)
        return entry

    def _append(self, entry: RunEntry, writer: WriterEntry, upload: Upload, offset: int) -> None:
        """Step 2: rows, console lines, decoder state and position, in one transaction."""
        batches = _batches(entry, upload, offset)
        with entry.lock:
            entry.n_appending += 1
        try:
            with self._stores.metrics.use(entry.project_id) as store:
                store.append(batches)
        except BaseException:
            with entry.lock:
                entry.n_appending -= 1
            raise
        rows = [segment.rows for segment in upload.segments if not segment.system]
        is_noted = False
        try:
            note_rows(self._stores, entry, rows, writer=upload.writer, offset_micros=offset)
            is_noted = True
        finally:
            with entry.lock:
                entry.n_appending -= 1
                entry.n_appended += 1
                entry.last_append_micros = self._stores.now()
                if upload.stream == upload.writer:
                    writer.position = max(writer.position or 0, upload.to_position)
                if not is_noted:
                    entry.unsettle()
        if upload.segments:
            keys = [key for segment in upload.segments for key in segment.rows.columns]
            path = entry.path
            self._stores.live.publish(SYSTEM, path.entity, path.project, path.run, keys=keys)

    def _note_heard(
        self, entry: RunEntry, writer: WriterEntry, received: int, *, live: bool
    ) -> None:
        """Note that a writer was heard of; if that or its Exit changes the state, write it."""
        writer.seen_micros = received
        if live:
            writer.beat_micros = received
            row = writer.row
            if entry.state == "running" and row.exit_micros is None and not row.preempting:
                return
        refresh_state(self._stores, entry)


def _offset(writer: WriterEntry | None, upload: Upload, received: int) -> int | None:
    clock = writer.clock if writer is not None else ClockOffset(None)
    if upload.client_time_micros is None or not upload.live:
        return clock.micros
    return clock.see(client_micros=upload.client_time_micros, received_micros=received)


def _last_position(upload: Upload) -> int:
    """Where the last record ends that metadata has to know of; -1 = there is none."""
    return max((some[-1][0] for some in (upload.records, upload.refused) if some), default=-1)


def _writer_row(
    known: WriterRow | None, upload: Upload, offset: int | None, received: int
) -> WriterRow:
    row = known or WriterRow(upload.writer, first_micros=received)
    header = upload.header
    if header is not None:
        row = replace(
            row,
            parent=header.parent_writer,
            host=header.host,
            anchor_micros=header.wall_micros,
            labels=header.labels,
        )
    heartbeat = received if upload.live else row.heartbeat_micros
    return replace(row, offset_micros=offset, heartbeat_micros=heartbeat)


def _batches(entry: RunEntry, upload: Upload, offset: int) -> Sequence[Batch]:
    """One batch for each stretch of rows; the last one carries the rest and ends the upload."""
    batches: list[Batch] = []
    position = upload.from_position
    for segment in upload.segments:
        batches.append(
            Batch(
                entry.path.run,
                upload.writer,
                upload.stream,
                position,
                segment.to_position,
                rows=segment.rows,
                system=segment.system,
                offset_micros=offset,
                origin_micros=entry.origin_micros,
            )
        )
        position = segment.to_position
    last = batches[-1] if batches else None
    if last is None:
        last = Batch(
            entry.path.run,
            upload.writer,
            upload.stream,
            position,
            position,
            offset_micros=offset,
            origin_micros=entry.origin_micros,
        )
        batches.append(last)
    last.to_position = upload.to_position
    last.state = upload.state
    last.n_rows = upload.n_rows
    last.tail = upload.tail
    last.console = upload.console
    return batches
