"""An upload in progress through `services.ingest`, and helpers for its steps."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from weft.records.clock_offset import OffsetBounds
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest.upload import Upload
from weft.server.services.live_runs.clocks import ClockOffset
from weft.server.services.live_runs.registry import RunEntry, WriterEntry
from weft.server.services.stores.storage_room import Arrival
from weft.server.storage.contract import Batch
from weft.server.storage.metadata import WriterRow


@dataclass(slots=True)
class Work:
    """An upload in progress.

    Attributes:
        entry, writer: None until the run, or the writer, is in metadata.
        offset: the lead of the server's clock over the writer's, in µs; None if unknown.
        error: the reason why the upload could not be applied.
        arrival: counts its bytes; None until its run was looked for.
    """

    target: RunPath
    upload: Upload
    entry: RunEntry | None = None
    writer: WriterEntry | None = None
    offset: int | None = None
    error: Exception | None = None
    warning: str | None = None
    arrival: Arrival | None = None

    @property
    def required_entry(self) -> RunEntry:
        """The run's entry, after step 1."""
        assert self.entry is not None, "step 1 made it"
        return self.entry

    def changes_metadata(self) -> bool:
        """Whether the upload holds something that metadata does not have yet."""
        return (
            self.entry is None
            or self.writer is None
            or self.offset != self.writer.row.offset_micros
            or _last_position(self.upload) > self.writer.row.record_position
        )

    def fail(self, error: BaseException) -> None:
        """Record why the upload could not be applied; re-raise what should end the process."""
        if not isinstance(error, Exception):
            raise error
        self.error = error

    @contextmanager
    def failing(self) -> Generator[None]:
        """Record an exception raised in the block as this upload's error."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - returned to the upload's own sender
            self.error = error


def well(works: Sequence[Work]) -> list[Work]:
    """The uploads that have not failed."""
    return [work for work in works if work.error is None]


def hear(writer: WriterEntry, received: int, *, live: bool) -> None:
    """Note that a writer was heard from."""
    writer.seen_micros = received
    if live:
        writer.beat_micros = received


def may_end(entry: RunEntry, writer: WriterEntry) -> bool:
    """Whether a sign of life of a writer may change the run's state."""
    row = writer.row
    return entry.state != "running" or row.exit_micros is not None or row.preempting


def offset_of(writer: WriterEntry | None, bounds: OffsetBounds | None) -> int | None:
    """The lead of the server's clock over a writer's, in µs; None if unknown."""
    clock = writer.clock if writer is not None else ClockOffset(None)
    return clock.micros if bounds is None else clock.see(bounds)


def _last_position(upload: Upload) -> int:
    """End of the last record or damage that metadata has to know of; -1 if there is neither."""
    damaged = upload.from_position + upload.n_damaged if upload.n_damaged else -1
    return max(
        (entries[-1][0] for entries in (upload.records, upload.refused) if entries),
        default=damaged,
    )


def writer_row(
    existing: WriterRow | None, upload: Upload, offset: int | None, received: int
) -> WriterRow:
    """A writer's row, updated with an upload's facts about the writer itself."""
    row = existing or WriterRow(upload.writer, first_micros=received)
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


def batches_of(entry: RunEntry, upload: Upload, offset: int) -> Sequence[Batch]:
    """One batch per segment; the last one also carries the rest and ends the upload."""
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
