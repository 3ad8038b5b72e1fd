"""Turns uploads into metadata and points, each exactly once. See docs/decisions/0003.

Receives an `Upload` from `intake.uploads`, changes metadata if the upload has something for it,
appends to the project's metric store, then notifies `services.stores.live_hub`. An upload with
only rows, or a heartbeat, doesn't touch metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from weft.errors import Gone, Moved, PositionConflict, Unavailable
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Exit
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import SERVER, Action, may, require
from weft.server.services.ingest.appending import append_rows
from weft.server.services.ingest.counts import IngestCounts, size_of
from weft.server.services.ingest.pace import Pace
from weft.server.services.ingest.placing import place_uploads
from weft.server.services.ingest.steps import (
    Applied,
    Failures,
    Placed,
    Received,
    SentStream,
    SentUpload,
    offset_of,
    received_or_placed,
)
from weft.server.services.ingest.upload import Upload
from weft.server.services.live_runs.registry import ResolvedRun
from weft.server.services.live_runs.run_entry import RunEntry, WriterEntry
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import write_ended
from weft.server.services.summaries.run_states import follow_metadata, refresh_states
from weft.server.storage.contract import StreamPosition
from weft.wire.ingest.uploads import Ack


class IngestService:
    """Applies decoded uploads. Thread-safe; calls block until the data is durable."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.counts = IngestCounts()
        self.pace = Pace()

    def positions(
        self, actor: Actor, streams: Sequence[SentStream]
    ) -> list[StreamPosition | Exception | None]:
        """The result or error of `position` for each stream and its own sender."""
        require(actor, Action.READ, SERVER)
        resolutions = self._stores.registry.resolve_moves_of([sent.target for sent in streams])
        positions: list[StreamPosition | Exception | None] = []
        for sender, target, stream in streams:
            try:
                require(sender, Action.LOG, target)
                resolved = resolutions[target]
                if isinstance(resolved, Exception):
                    raise resolved
                require(sender, Action.LOG, resolved.path)
                positions.append(self._position(resolved, stream))
            except Exception as error:  # noqa: BLE001 - returned for the stream
                positions.append(error)
        return positions

    def position(self, actor: Actor, target: RunPath, stream: str) -> StreamPosition | None:
        """The end of the server's copy of a stream, and the decoder's state; None if unknown."""
        # Logging follows a project that was moved, reading is redirected.
        require(actor, Action.LOG if may(actor, Action.LOG, target) else Action.READ, target)
        resolved = self._stores.registry.resolve_moves(target)
        require(actor, Action.READ, resolved.path)
        return self._position(resolved, stream)

    def _position(self, run: ResolvedRun, stream: str) -> StreamPosition | None:
        if run.entry is None:
            return None
        with self._stores.metrics.use(run.entry.project_id) as store:
            return store.position(run.path.run, stream)

    def apply_upload(self, actor: Actor, target: RunPath, upload: Upload) -> Ack:
        """Apply one upload; when this returns, all of it is durable.

        An upload to a run that never existed creates it, and its entity and project.
        PositionConflict if the upload does not start where the stream ends.
        """
        require(actor, Action.LOG, target)
        outcome = self.apply_uploads(SYSTEM, [SentUpload(actor, target, upload)])[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def apply_uploads(self, actor: Actor, uploads: Sequence[SentUpload]) -> list[Ack | Exception]:
        """Apply uploads of different streams, each of its own sender, in few transactions.

        Returns for each what `apply_upload` returns or raises. If one fails, the others are still
        applied. `actor` hands them over; each needs its sender's permission.
        """
        require(actor, Action.READ, SERVER)
        now = self._stores.now()
        failures = Failures()
        with ExitStack() as arrivals:
            received = self._receive(uploads, now, arrivals, failures)
            to_place = {
                number: step for number, step in received.items() if isinstance(step, Received)
            }
            placed = place_uploads(self._stores, to_place, failures)
            placed |= {
                number: step for number, step in received.items() if isinstance(step, Placed)
            }
            applied = append_rows(self._stores, dict(sorted(placed.items())), failures)
            self._note_heard(applied, now, failures)
            self.counts.count_uploads(
                [uploads[number].upload for number in applied if number not in failures]
            )
            acks = failures.step(
                [number for number in applied if number not in failures],
                lambda number: self._ack(applied[number], now),
            )
            failures.step(
                [number for number, error in failures.items() if isinstance(error, Gone)],
                lambda number: self._refuse_for_now(
                    (received if number in received else uploads)[number].target, failures[number]
                ),
            )
        return [
            acks[number] if number in acks else failures[number] for number in range(len(uploads))
        ]

    def _receive(
        self,
        uploads: Sequence[SentUpload],
        now: int,
        arrivals: ExitStack,
        failures: Failures,
    ) -> dict[int, Received | Placed]:
        """Find the run of each upload, and check that the upload may be applied.

        The exit of `arrivals` gives the room reserved for the bytes back.
        """
        permitted = failures.step(
            range(len(uploads)),
            lambda number: require(uploads[number].sender, Action.LOG, uploads[number].target),
        )
        resolutions = self._stores.registry.resolve_moves_of(
            [uploads[number].target for number in permitted]
        )

        def receive(number: int) -> Received | Placed:
            sender, sent_to, upload = uploads[number]
            resolved = resolutions[sent_to]
            if isinstance(resolved, Exception):
                raise resolved
            target, entry = resolved
            require(sender, Action.LOG, target)
            n_bytes = size_of(upload)
            arrival = self._stores.room.arrival(target.of_project)
            arrivals.callback(lambda: arrival.release(0 if number in failures else n_bytes))
            if not (upload.followed or (entry and upload.is_of_states())):
                arrival.check(n_bytes)
            step = received_or_placed(sender, target, upload, now + number, entry)
            if isinstance(step, Received):
                self._check_position(entry, upload)
            return step

        return failures.step(permitted, receive)

    def _ack(self, applied: Applied, now: int) -> Ack:
        upload, entry = applied.upload, applied.entry
        return Ack(
            position=upload.to_position,
            time_micros=now,
            pause_millis=self.pace.pause_millis(now),
            n_lacking=self._n_lacking(entry, applied.writer),
            stop=entry.stopper is not None,
            stopped_by=entry.stopper,
            entity=applied.target.entity,
            warning=applied.warning,
        )

    def note_heartbeat(
        self,
        actor: Actor,
        target: RunPath,
        writer: str,
        *,
        offset_bounds: OffsetBounds | None = None,
        position: int = 0,
        live: bool = True,
        ended: Exit | None = None,
    ) -> Ack:
        """Handle a heartbeat: there is nothing to send; if `live`, the writer's process runs.

        `ended` is the Exit of a log whose last rows wait on the client: a run that has ended must
        not look like a running one because there is no room for them. PositionConflict if the log
        ends elsewhere than at `position`; this server may be restored from a backup.
        """
        require(actor, Action.LOG, target)
        now = self._stores.now()
        target, entry = self._stores.registry.resolve_moves(target)
        require(actor, Action.LOG, target)
        writer_entry = entry.writers.get(writer) if entry is not None else None
        end = 0
        if entry is not None and writer_entry is None and self._stores.metadata.is_shared:
            follow_metadata(self._stores, [entry])  # another server has heard from it first
            writer_entry = entry.writers.get(writer)
        if entry is not None and writer_entry is not None:
            if writer_entry.position is None or (
                writer_entry.position != position and self._stores.metadata.is_shared
            ):
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
            return Ack(position=0, time_micros=now)
        is_end = ended is not None and writer_entry.row.exit_micros is None
        if live or is_end:
            offset = offset_of(writer_entry, offset_bounds)
            if is_end or offset != writer_entry.row.offset_micros:
                beat = Upload(writer, writer, position, position, live=live, ended=ended)
                failures = Failures()
                received = Received(actor, target, beat, now, entry, offset)
                place_uploads(self._stores, {0: received}, failures)
                if failures:
                    raise failures[0]
            _hear(writer_entry, now, live=live)
            if _may_end(entry, writer_entry):
                refresh_states(self._stores, [entry])
        return Ack(
            position=end,
            time_micros=now,
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

    def _refuse_for_now(self, target: RunPath, error: Exception) -> None:
        """Have the sender try again if its run was moved during the upload."""
        try:
            registry = self._stores.registry
            registry.find_run(registry.current_path(target))
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

    def _note_heard(self, applied: Mapping[int, Applied], now: int, failures: Failures) -> None:
        """Note that writers were heard from; if that or an Exit changes states, write them, and
        the summaries of runs that have ended.
        """
        ending: list[RunEntry] = []
        for step in applied.values():
            _hear(step.writer, now, live=step.upload.live)
            if not step.upload.live or _may_end(step.entry, step.writer):
                ending.append(step.entry)
        try:
            refresh_states(self._stores, ending)
            write_ended(self._stores, ending)
        except Exception as error:  # noqa: BLE001 - returned to the senders of these uploads
            failures.update(
                {number: error for number, step in applied.items() if step.entry in ending}
            )


def _hear(writer: WriterEntry, now: int, *, live: bool) -> None:
    """Note that a writer was heard from."""
    writer.seen_micros = now
    if live:
        writer.beat_micros = now


def _may_end(entry: RunEntry, writer: WriterEntry) -> bool:
    """Whether a sign of life of a writer may change the run's state."""
    row = writer.row
    return entry.state != "running" or row.exit_micros is not None or row.preempting
