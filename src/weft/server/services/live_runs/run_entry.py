"""The entries of live runs and their writers in memory. `registry` finds and drops them."""

from __future__ import annotations

from collections.abc import Iterable

from weft.runlog.child_log import SIDECAR_PROCESS
from weft.server.services.access.actors import SOMEONE
from weft.server.services.access.paths import RunPath
from weft.server.services.live_runs.clocks import ClockOffset
from weft.server.services.live_runs.live_summary import LiveSummary
from weft.server.services.live_runs.states import Verdict, WriterFacts
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.storage.metadata import OPEN_STATES, RunRow, WriterRow


class WriterEntry:
    """A writer of a live run.

    Attributes:
        row: its row in metadata.
        beat_micros: time of its last sign of life while its process ran, by the server's clock.
        saved_beat_micros: the value of `beat_micros` in metadata.
        seen_micros: time of its last sign of life of any kind.
        position: where its stream ends; None if not read from the store yet.
        stored_record_position: the position of its last record whose upload is in the metric store
            as well; None if none came since the server started.
        clock: its clock offset according to its requests; newer than `row` until written there.
        n_lacking: number of its files that lack their content. None if they have to be counted.
        n_file_changes: counts changes of its files, to detect one during a count.
    """

    __slots__ = (
        "beat_micros",
        "clock",
        "n_file_changes",
        "n_lacking",
        "position",
        "row",
        "saved_beat_micros",
        "seen_micros",
        "stored_record_position",
    )

    def __init__(self, row: WriterRow) -> None:
        self.row = row
        self.beat_micros = row.heartbeat_micros
        self.saved_beat_micros = row.heartbeat_micros
        self.seen_micros = row.heartbeat_micros or row.first_micros
        self.position: int | None = None
        self.stored_record_position: int | None = None
        self.clock = ClockOffset(row.offset_micros)
        self.n_lacking: int | None = None
        self.n_file_changes = 0

    def merge_writer(self, row: WriterRow) -> None:
        """Take over what another server wrote of the writer; the caller holds the run's lock."""
        if row.record_position >= self.row.record_position:
            self.row = row
        beat = row.heartbeat_micros
        if beat is not None and beat > (self.beat_micros or 0):
            self.beat_micros = self.saved_beat_micros = beat
            self.seen_micros = max(self.seen_micros, beat)

    def facts(self) -> WriterFacts:
        """The facts that the run's state depends on."""
        row = self.row
        offset = row.offset_micros or 0
        return WriterFacts(
            writer=row.writer,
            parent=row.parent,
            resumed=row.resumed,
            start_micros=(row.anchor_micros or row.first_micros) + offset,
            first_micros=row.first_micros,
            beat_micros=self.beat_micros,
            seen_micros=self.seen_micros,
            exit_micros=None if row.exit_micros is None else row.exit_micros + offset,
            exit_code=row.exit_code,
            exit_state=row.exit_state,
            preempting=row.preempting,
            exit_reason=row.exit_reason,
            is_of_sidecar=row.labels.get("process") == SIDECAR_PROCESS,
        )


class RunEntry:
    """A live run.

    Attributes:
        path, row_id, project_id: its path, and the ids of its row and its project's in metadata.
        origin_micros: the time from which its relative times count, in µs since 1970.
        writers: its writers, by name.
        state, reason, ended_micros: its state, the reason of its end and its time, as metadata
            has them.
        lock: held while anything below changes.
        summary: its logged values.
        was_open: whether the run had not ended when the entry was made. Its writers then get
            time to be heard from after a restart of the server.
        n_appending: number of uploads that may be in the metric file but not in `summary`.
        n_printed: counts uploads with console lines.
        searched: the state of the run and `n_printed` when its output was last searched for the
            reason of its end; None if it was not.
        n_appended: counts uploads, to detect one that arrives meanwhile.
        stopper: the user who asked the run to stop, or None.
        last_append_micros: the server's time of the last upload with rows.
    """

    __slots__ = (
        "ended_micros",
        "last_append_micros",
        "lock",
        "n_appended",
        "n_appending",
        "n_printed",
        "origin_micros",
        "path",
        "project_id",
        "reason",
        "row_id",
        "searched",
        "state",
        "stopper",
        "summary",
        "was_open",
        "writers",
    )

    def __init__(self, path: RunPath, row: RunRow, writers: Iterable[WriterRow]) -> None:
        self.path = path
        self.row_id = row.row_id
        self.project_id = row.project_id
        self.origin_micros = row.origin_micros
        self.stopper = (row.stopped_by or SOMEONE) if row.stop_requested else None
        self.state = row.state
        self.reason = row.reason
        self.ended_micros = row.ended_micros
        self.was_open = row.state in OPEN_STATES
        self.lock = OrderedLock(LockOrder.RUN, row.row_id)
        self.writers = {writer.writer: WriterEntry(writer) for writer in writers}
        self.summary = LiveSummary(row.row_id)
        self.n_appending = 0
        self.n_appended = 0
        self.n_printed = 0
        self.searched: tuple[str, int] | None = None
        self.last_append_micros = 0

    def heartbeat_micros(self) -> int | None:
        """The time of the last sign of life of a writer while its process ran."""
        return max(
            (
                writer.beat_micros
                for writer in self.writers.values()
                if writer.beat_micros is not None
            ),
            default=None,
        )

    def set_verdict(self, verdict: Verdict) -> None:
        """Take over the state that metadata has now; the caller holds the lock."""
        self.state = verdict.state
        self.reason = verdict.reason
        self.ended_micros = verdict.ended_micros
        self.searched = None
        if verdict.state not in OPEN_STATES:
            self.stopper = None

    def merge_run(self, row: RunRow, writers: Iterable[WriterRow]) -> None:
        """Take over what another server wrote of the run; the caller holds the lock."""
        self.origin_micros = row.origin_micros
        self.stopper = (row.stopped_by or SOMEONE) if row.stop_requested else None
        self.state = row.state
        self.reason = row.reason
        self.ended_micros = row.ended_micros
        for writer_row in writers:
            writer = self.writers.get(writer_row.writer)
            if writer is None:
                self.writers[writer_row.writer] = WriterEntry(writer_row)
            else:
                writer.merge_writer(writer_row)
                writer.n_lacking = None
                writer.n_file_changes += 1

    def note_files_changed(self, writer: str) -> None:
        """Note that files of a writer changed; the caller holds the lock."""
        entry = self.writers.get(writer)
        if entry is not None:
            entry.n_lacking = None
            entry.n_file_changes += 1

    def is_disposable(self) -> bool:
        """Whether nothing is lost if the entry is dropped."""
        return (
            not self.n_appending
            and self.summary.is_written
            and all(
                writer.beat_micros == writer.saved_beat_micros for writer in self.writers.values()
            )
        )
