"""Turns uploads into metadata and points, each exactly once. See docs/decisions/0003.

Receives an `Upload` from `intake.uploads`, changes metadata if the upload has something for it,
appends to the project's metric store, then notifies `services.stores.live_hub`. An upload with
only rows, or a heartbeat, doesn't touch metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

from weft.errors import Gone, Moved, PositionConflict, Unavailable
from weft.records.clock_offset import OffsetBounds
from weft.records.merge import NEVER
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.artifacts import store_followed
from weft.server.services.artifacts.linking import make_links
from weft.server.services.ingest.effects import RecordEffects
from weft.server.services.ingest.new_runs import FirstUpload, NewRuns
from weft.server.services.ingest.pace import Pace
from weft.server.services.ingest.upload import Upload
from weft.server.services.ingest.work import (
    Work,
    batches_of,
    hear,
    may_end,
    offset_of,
    well,
    writer_row,
)
from weft.server.services.live_runs.aggregates import Rules
from weft.server.services.live_runs.registry import RunEntry, WriterEntry
from weft.server.services.reading.similar_projects import similar_projects_warning
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import note_rows
from weft.server.services.summaries.run_states import refresh_states
from weft.server.storage.contract import StreamPosition
from weft.server.storage.metadata import Transaction
from weft.wire.ingest.uploads import Ack


class IngestService:
    """Applies decoded uploads. Thread-safe; calls block until the data is durable."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._pace = Pace()

    def positions(
        self, actor: Actor, streams: Sequence[tuple[RunPath, str]]
    ) -> list[StreamPosition | Exception | None]:
        """The result or error of `position` for each stream."""
        require(actor, Action.READ, SERVER)
        followed = self._stores.registry.follow_many([target for target, _ in streams])
        positions: list[StreamPosition | Exception | None] = []
        for target, stream in streams:
            try:
                require(actor, Action.WRITE, target)
                target_entry = followed[target]
                if isinstance(target_entry, Exception):
                    raise target_entry
                require(actor, Action.WRITE, target_entry[0])
                positions.append(self._position(*target_entry, stream))
            except Exception as error:  # noqa: BLE001 - returned for the stream
                positions.append(error)
        return positions

    def position(self, actor: Actor, target: RunPath, stream: str) -> StreamPosition | None:
        """The end of the server's copy of a stream, and the decoder's state; None if unknown.

        Raises:
            Gone: the run was deleted.
        """
        require(actor, Action.WRITE, target)
        target_entry = self._stores.registry.follow(target)
        require(actor, Action.WRITE, target_entry[0])
        return self._position(*target_entry, stream)

    def _position(
        self, target: RunPath, entry: RunEntry | None, stream: str
    ) -> StreamPosition | None:
        if entry is None:
            return None
        with self._stores.metrics.use(entry.project_id) as store:
            return store.position(target.run, stream)

    def apply(self, actor: Actor, target: RunPath, upload: Upload) -> Ack:
        """Apply one upload; when this returns, all of it is durable.

        An upload to a run that never existed creates it, and its entity and project.

        Raises:
            PositionConflict: the upload does not start where the stream ends.
            Gone: the run was deleted.
        """
        require(actor, Action.WRITE, target)
        outcome = self._apply_together(actor, [Work(target, upload)])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def apply_many(
        self, actor: Actor, uploads: Sequence[tuple[RunPath, Upload]]
    ) -> list[Ack | Exception]:
        """Apply uploads of different streams, in few transactions.

        Returns:
            For each upload, what `apply` returns or raises. If one fails, the others are still
            applied.
        """
        require(actor, Action.READ, SERVER)
        works = [Work(target, upload) for target, upload in uploads]
        for work in works:
            with work.failing():
                require(actor, Action.WRITE, work.target)
        return self._apply_together(actor, works)

    def _apply_together(self, actor: Actor, works: Sequence[Work]) -> list[Ack | Exception]:
        received = self._stores.now()
        try:
            return self._apply_at(received, actor, works)
        finally:
            for work in works:
                if work.arrival is not None:
                    work.arrival.release(0 if work.error else _n_bytes(work.upload))

    def _apply_at(
        self, received: int, actor: Actor, works: Sequence[Work]
    ) -> list[Ack | Exception]:
        followed = self._stores.registry.follow_many([work.target for work in well(works)])
        for work in well(works):
            target_entry = followed[work.target]
            if isinstance(target_entry, Exception):
                work.fail(target_entry)
                continue
            with work.failing():
                work.target, work.entry = target_entry
                require(actor, Action.WRITE, work.target)
                upload = work.upload
                work.arrival = self._stores.room.arrival(work.target.entity)
                if not (upload.followed or (work.entry and upload.is_of_states())):
                    work.arrival.check(_n_bytes(upload))
                work.writer = work.entry.writers.get(upload.writer) if work.entry else None
                work.offset = offset_of(work.writer, upload.offset_bounds)
                if work.changes_metadata():
                    self._check_position(work.entry, upload)
        changing = [work for work in well(works) if work.changes_metadata()]
        self._apply_metadata(actor, changing, received)
        self._append(well(works))
        self._note_heard(well(works), received)
        return [self._outcome(work, received) for work in works]

    def _outcome(self, work: Work, received: int) -> Ack | Exception:
        error = work.error
        if isinstance(error, Gone):
            with work.failing():
                self._refuse_for_now(work.target, error)
            return work.error or error
        if error is not None:
            return error
        upload = work.upload
        assert work.entry is not None, "an upload that was applied has a run"
        return Ack(
            position=upload.to_position,
            time_micros=received,
            pause_millis=self._pace.pause_millis(work.target.run, upload.writer, received),
            n_lacking=self._n_lacking(work.entry, work.writer),
            stop=work.entry.stopper is not None,
            stopped_by=work.entry.stopper,
            entity=work.target.entity,
            warning=work.warning,
        )

    def beat(
        self,
        actor: Actor,
        target: RunPath,
        writer: str,
        *,
        offset_bounds: OffsetBounds | None = None,
        position: int = 0,
        live: bool = True,
    ) -> Ack:
        """Handle a heartbeat: there is nothing to send; if `live`, the writer's process runs.

        Args:
            position: the end of the server's copy of the log, according to the sender.

        Raises:
            Gone: the run was deleted.
            PositionConflict: the log ends elsewhere; this server may be restored from a backup.
        """
        require(actor, Action.WRITE, target)
        received = self._stores.now()
        target, entry = self._stores.registry.follow(target)
        require(actor, Action.WRITE, target)
        writer_entry = entry.writers.get(writer) if entry is not None else None
        end = 0
        if entry is not None and writer_entry is not None:
            if writer_entry.position is None:
                with self._stores.metrics.use(entry.project_id) as store:
                    stream = store.position(target.run, writer)
                end = stream.position if stream is not None else 0
                with entry.lock:
                    writer_entry.position = max(writer_entry.position or 0, end)
            end = writer_entry.position
        if position != end:
            raise PositionConflict(
                f"the log of writer {writer} ends at {end} here, not {position}", position=end
            )
        if entry is None or writer_entry is None:
            return Ack(position=0, time_micros=received)
        if live:
            offset = offset_of(writer_entry, offset_bounds)
            if offset != writer_entry.row.offset_micros:
                beat = Upload(writer, writer, position, position, live=True)
                work = Work(target, beat, entry, writer_entry, offset)
                self._apply_metadata(actor, [work], received)
                if work.error is not None:
                    raise work.error
            hear(writer_entry, received, live=True)
            if may_end(entry, writer_entry):
                refresh_states(self._stores, [entry])
        return Ack(
            position=end,
            time_micros=received,
            n_lacking=self._n_lacking(entry, writer_entry),
            stop=entry.stopper is not None,
            stopped_by=entry.stopper,
            entity=target.entity,
        )

    def _n_lacking(self, entry: RunEntry, writer: WriterEntry | None) -> int:
        if writer is None:
            return 0
        try:
            return self._stores.registry.n_lacking(entry, writer)
        except Unavailable:
            return 0  # the upload is durable; the next ack says it

    def _refuse_for_now(self, target: RunPath, error: Gone) -> None:
        """Have the sender try again if its run was moved during the upload.

        Raises:
            Unavailable: the run was moved, or it exists again.
        """
        try:
            self._stores.registry.find(target)
        except Moved as moved:
            raise Unavailable(f"{moved}: send again") from error
        except Gone:
            return
        raise Unavailable(f"run {target} was briefly unavailable: send again") from error

    def _check_position(self, entry: RunEntry | None, upload: Upload) -> None:
        """Refuse an upload before anything changes; the store checks again when it appends."""
        stored = None
        if entry is not None:
            with self._stores.metrics.use(entry.project_id) as store:
                stored = store.position(entry.path.run, upload.stream)
        end = stored.position if stored is not None else 0
        if upload.from_position != end:
            raise PositionConflict(
                f"stream {upload.stream} ends at {end}, not {upload.from_position}", position=end
            )

    def _apply_metadata(self, actor: Actor, works: Sequence[Work], received: int) -> None:
        """Step 1: everything except rows, in one transaction."""
        if not works:
            return
        n_forgotten = self._stores.registry.n_forgotten
        # A microsecond apart, so that lists of runs keep the order in which the runs arrived.
        firsts = [
            FirstUpload(work.target, work.upload, work.offset, received + nth)
            for nth, work in enumerate(works)
            if work.entry is None
        ]
        new_runs = NewRuns(self._stores.metadata, firsts, received)
        jobs = [
            partial(self._apply_effects, actor, new_runs, work, received + nth)
            for nth, work in enumerate(works)
        ]
        announces = any(work.upload.announces_files() for work in works)
        # A content that a file of the project has must not be removed before this commits.
        with self._stores.blobs.hold() if announces else nullcontext():
            outcomes = self._stores.metadata.write_together(jobs)
        announces_artifacts = False
        for work, outcome in zip(works, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                work.fail(outcome)
                continue
            with work.failing():
                effects, is_new = outcome
                self._remember(work, effects, is_new=is_new, n_forgotten=n_forgotten)
                if is_new:
                    metadata, project = self._stores.metadata, work.target.of_project
                    with metadata.read() as tx:
                        work.warning = similar_projects_warning(metadata, tx, project)
                if effects.asks_links:
                    make_links(self._stores, effects.row.row_id)
                announces_artifacts |= effects.begun and work.upload.followed
        if announces_artifacts:
            store_followed(self._stores)

    def _apply_effects(
        self, actor: Actor, new_runs: NewRuns, work: Work, received: int, tx: Transaction
    ) -> tuple[RecordEffects, bool]:
        metadata = self._stores.metadata
        target, upload = work.target, work.upload
        if work.entry is None:
            row, is_new = new_runs.get_or_make(tx, target)
        else:
            is_new = False
            row = metadata.runs.get(tx, *target, for_update=True)
        if row is None:
            raise Gone(f"run {target} was deleted")
        existing = None if is_new else metadata.writers.get(tx, row.row_id, upload.writer)
        writer = writer_row(existing, upload, work.offset, received)
        effects = RecordEffects(
            metadata, tx, row, writer, received,
            is_new=is_new, is_first=existing is None, sender=actor.user or "",
        )  # fmt: skip
        effects.apply(upload)
        announced = effects.announced
        if announced is not None and announced.replaced:
            self._stores.blobs.drop_after(
                tx, {content.sha256 for content in announced.replaced} - {""}
            )
        if existing is None and upload.followed:
            metadata.writers.note_followed(tx, row.row_id, upload.writer)
        return effects, is_new

    def _remember(
        self, work: Work, effects: RecordEffects, *, is_new: bool, n_forgotten: int
    ) -> None:
        """Update memory to the commit, and publish the change of the run."""
        registry = self._stores.registry
        row = effects.writer
        entry = work.entry
        if entry is None and is_new:
            new_entry = RunEntry(work.target, effects.row, [row])
            entry = registry.put(new_entry, unless_forgotten_since=n_forgotten)
        if entry is None or (is_new and registry.peek(work.target) is not entry):
            entry = registry.find(work.target)
            if entry is None:
                raise Gone(f"run {work.target} was deleted")
        with entry.lock:
            writer_entry = entry.writers.get(row.writer)
            if writer_entry is None:
                writer_entry = entry.writers[row.writer] = WriterEntry(row)
            elif row.record_position >= writer_entry.row.record_position:
                writer_entry.row = row
            announced = effects.announced
            if effects.is_first and not effects.begun:
                writer_entry.n_lacking = announced.n_awaited if announced else 0
            elif announced or effects.begun:
                entry.note_files_changed(row.writer)
            for replaced in announced.replaced if announced else ():
                entry.note_files_changed(replaced.stamp.writer)
            if is_new and entry.seen_micros is None:
                entry.seen_micros = NEVER.micros
            if effects.redefined:
                entry.rules = None
            elif is_new and not entry.generation:
                entry.rules = Rules(())  # a new run has no definitions: saves a query
            if effects.redefined or effects.relineaged:
                entry.mark_stale()
        work.entry, work.writer = entry, writer_entry
        # If the run was forked or rewound, every chart of it may show other rows now.
        keys = None if effects.relineaged else ()
        self._stores.live.publish(SYSTEM, work.target, keys=keys, meta=True)

    def _append(self, works: Sequence[Work]) -> None:
        """Step 2: rows, console lines, decoder state, position; one transaction per project."""
        by_project: dict[int, list[Work]] = {}
        for work in works:
            assert work.entry is not None, "step 1 made it"
            by_project.setdefault(work.entry.project_id, []).append(work)
        for project_id, project_works in by_project.items():
            self._append_to(project_id, project_works)

    def _append_to(self, project_id: int, works: Sequence[Work]) -> None:
        for work in works:
            with work.required_entry.lock:
                work.required_entry.n_appending += 1
        batches = [
            batches_of(work.required_entry, work.upload, work.offset or 0) for work in works
        ]
        try:
            with self._stores.metrics.use(project_id) as store:
                store.append([batch for work_batches in batches for batch in work_batches])
        except BaseException as error:  # noqa: BLE001 - returned to the senders of these uploads
            for work in works:
                with work.required_entry.lock:
                    work.required_entry.n_appending -= 1
            if len(works) == 1 or not isinstance(error, Exception):
                works[0].fail(error)
                return
            # One refused batch fails the shared transaction, so each upload gets its own.
            for work in works:
                self._append_to(project_id, [work])
            return
        for work in works:
            with work.failing():
                self._note_appended(work)

    def _note_appended(self, work: Work) -> None:
        entry, upload = work.required_entry, work.upload
        rows = [segment.rows for segment in upload.segments if not segment.system]
        offset = work.offset or 0
        is_noted = False
        try:
            note_rows(self._stores, entry, rows, writer=upload.writer, offset_micros=offset)
            is_noted = True
        finally:
            with entry.lock:
                entry.n_appending -= 1
                entry.n_appended += 1
                entry.last_append_micros = self._stores.now()
                if upload.stream == upload.writer and work.writer is not None:
                    work.writer.position = max(work.writer.position or 0, upload.to_position)
                if upload.records and work.writer is not None:
                    stored = upload.records[-1][0]
                    before = work.writer.stored_record_position
                    work.writer.stored_record_position = max(before or 0, stored)
                if not is_noted:
                    entry.mark_stale()
        if upload.segments or upload.console:
            keys = [key for segment in upload.segments for key in segment.rows.columns]
            path = entry.path
            self._stores.live.publish(SYSTEM, path, keys=keys, logs=bool(upload.console))

    def _note_heard(self, works: Sequence[Work], received: int) -> None:
        """Note that writers were heard from; if that or an Exit changes states, write them."""
        ending: list[RunEntry] = []
        for work in works:
            assert work.writer is not None, "step 1 made it"
            hear(work.writer, received, live=work.upload.live)
            if not work.upload.live or may_end(work.required_entry, work.writer):
                ending.append(work.required_entry)
        try:
            refresh_states(self._stores, ending)
        except Exception as error:  # noqa: BLE001 - returned to the senders of these uploads
            for work in works:
                if work.entry in ending:
                    work.fail(error)


def _n_bytes(upload: Upload) -> int:
    """The bytes that an upload brings."""
    if upload.n_bytes is not None:
        return upload.n_bytes
    return upload.to_position - upload.from_position
