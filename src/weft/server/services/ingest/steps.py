"""An upload on its way through `services.ingest`: sent, received, placed, applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from weft.records.clock_offset import OffsetBounds
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest.upload import Upload
from weft.server.services.live_runs.clocks import ClockOffset
from weft.server.services.live_runs.run_entry import RunEntry, WriterEntry

_T = TypeVar("_T")


class SentUpload(NamedTuple):
    """An upload to a run as its sender named it; the run may have moved since."""

    sender: Actor
    target: RunPath
    upload: Upload


class SentStream(NamedTuple):
    """A stream of a run, as its sender named it."""

    sender: Actor
    target: RunPath
    stream: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An upload whose run and writer are in metadata, with all that metadata has to know of it.

    Attributes:
        offset: the lead of the server's clock over the writer's, in µs; None if unknown.
    """

    target: RunPath
    upload: Upload
    entry: RunEntry
    writer: WriterEntry
    offset: int | None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An upload with something that metadata does not have yet.

    Attributes:
        actor: who sent it.
        arrived: when it arrived, in µs since 1970. The uploads of one request are a microsecond
            apart, so that lists of runs keep the order in which the runs arrived.
        entry: None if its run is not in metadata.
        offset: the lead of the server's clock over the writer's, in µs; None if unknown.
    """

    actor: Actor
    target: RunPath
    upload: Upload
    arrived: int
    entry: RunEntry | None
    offset: int | None


@dataclass(frozen=True, slots=True)
class Applied:
    """An upload of which everything is stored, with what the sender is told."""

    target: RunPath
    upload: Upload
    entry: RunEntry
    writer: WriterEntry
    warning: str | None


class Failures(dict[int, Exception]):
    """The errors of uploads that are applied together, by the uploads' numbers."""

    def step(self, numbers: Iterable[int], take: Callable[[int], _T]) -> dict[int, _T]:
        """Take each upload one step further; those that fail are left out of the answer."""
        results: dict[int, _T] = {}
        for number in numbers:
            try:
                results[number] = take(number)
            except Exception as error:  # noqa: BLE001 - returned to the upload's own sender
                self[number] = error
        return results


def received_or_placed(
    actor: Actor,
    target: RunPath,
    upload: Upload,
    arrived: int,
    entry: RunEntry | None,
) -> Received | Placed:
    """An upload whose run was looked for: placed already, if metadata has all that it holds."""
    writer = entry.writers.get(upload.writer) if entry is not None else None
    offset = offset_of(writer, upload.offset_bounds)
    if (
        entry is None
        or writer is None
        or offset != writer.row.offset_micros
        or _last_position(upload) > writer.row.record_position
    ):
        return Received(actor, target, upload, arrived, entry, offset)
    return Placed(target, upload, entry, writer, offset)


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
