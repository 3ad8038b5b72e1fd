"""Applies the uploads of logs: checks their position, then unpacks and decodes the bytes.

A whole upload is refused if its body is not zstd or unpacks to more than 64 MiB, if a frame is
torn or corrupt, or if its position is not where the server's copy ends. Single records that break
a rule are left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from weft.errors import CorruptLog, Diverged, PositionConflict
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Run
from weft.runlog.platform import kernel_boot_id
from weft.server.intake.uploads.decode import crc_of, decode_upload
from weft.server.intake.uploads.unpacking import MAX_BYTES_IN_WORK, ByteBudget, unpacked
from weft.server.services.access import Action, Actor, RunPath, require
from weft.server.services.ingest import IngestService, Upload
from weft.server.storage.contract import StreamPosition
from weft.wire.uploads import Ack

BOOT_ID: Final = kernel_boot_id() or None
"""Of this machine. A log made in the same boot needs no clock offset."""

_MAX_KNOWN_ENDS: Final = 4096
_MAX_KNOWN_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class UploadClaims:
    """What an upload states about itself, in addition to its body."""

    target: RunPath
    writer: str
    position: int
    n_damaged: int
    after: int | None
    offset_bounds: OffsetBounds | None
    is_live: bool
    header_run: str | None = None


class LogUploads:
    """Applies uploads of all writers. Thread-safe."""

    def __init__(self, ingest: IngestService) -> None:
        self._ingest = ingest
        self._ends = _KnownEnds()
        self._budget = ByteBudget(MAX_BYTES_IN_WORK)

    def apply(self, actor: Actor, asked: UploadClaims, body: bytes, n_bytes: int) -> Ack:
        """Decode and store an upload; an empty body is a heartbeat.

        Args:
            n_bytes: the body's unpacked size; 0 if the caller limits it by itself.
        """
        require(actor, Action.WRITE, asked.target)
        if not body:
            if asked.after is not None:
                self._known(actor, asked.target, asked.writer, asked.position, asked.after)
            return self._ingest.beat(
                actor,
                asked.target,
                asked.writer,
                offset_bounds=asked.offset_bounds,
                position=asked.position,
                live=asked.is_live,
            )
        target = asked.target
        start = asked.position - asked.n_damaged
        known = self._known(actor, target, asked.writer, start, asked.after)
        with self._budget.room_for(n_bytes):
            upload = decode_upload(
                unpacked(body),
                writer=asked.writer,
                position=asked.position,
                n_damaged=asked.n_damaged,
                known=known,
            )
            check_header(upload, target, asked.header_run)
            if asked.header_run is not None:
                rename_run(upload, asked.header_run, target.run)
            upload.offset_bounds = asked.offset_bounds
            upload.live = asked.is_live
            applied = self._ingest.apply(actor, target, upload)
        self._ends.note(target, upload, known)
        return applied

    def _known(
        self, actor: Actor, target: RunPath, writer: str, start: int, after: int | None
    ) -> StreamPosition | None:
        """The stored position of the stream, which must end at `start`; None if it is new.

        Raises:
            PositionConflict: the stream ends elsewhere.
            Diverged: the checksum of the stream's last frame is not `after`.
        """
        known = self._ends.take(target, writer, start)
        if known is None:
            known = self._ingest.position(actor, target, writer)
        end = known.position if known else 0
        if start != end:
            raise PositionConflict(
                f"the server's copy of this log ends at byte {end}, not {start}", position=end
            )
        if known is not None and after is not None and crc_of(known) not in {None, after}:
            raise Diverged(
                f"the server has another log of writer {writer}, which differs before byte {start}"
            )
        return known


class _KnownEnds:
    """Caches where streams ended after their last upload, which saves most uploads a store lookup.

    It is only a hint: the store checks the position again when it appends. An end is removed when
    it is used, so that after any failure the store is asked.
    """

    def __init__(self) -> None:
        self._ends: dict[tuple[RunPath, str], StreamPosition] = {}

    def take(self, target: RunPath, writer: str, position: int) -> StreamPosition | None:
        known = self._ends.pop((target, writer), None)
        return known if known is not None and known.position == position else None

    def note(self, target: RunPath, upload: Upload, before: StreamPosition | None) -> None:
        state = upload.state or (before.state if before else b"")
        if len(state) > _MAX_KNOWN_BYTES:
            return
        if len(self._ends) >= _MAX_KNOWN_ENDS:
            self._ends.clear()
        end = StreamPosition(upload.to_position, state, upload.n_rows or 0, upload.tail or b"")
        self._ends[target, upload.writer] = end


def check_header(upload: Upload, target: RunPath, header_run: str | None = None) -> None:
    """Refuse a log whose header names another run or writer than its sender does.

    Args:
        header_run: the run that the sender says it names, if that is not the target's.
    """
    header = upload.header
    run = header_run or target.run
    if header and (header.run_id, header.writer_id) != (run, upload.writer):
        raise CorruptLog(
            f"this is the log of writer {header.writer_id} of run {header.run_id}, "
            f"not of {upload.writer} of {run}"
        )


def rename_run(upload: Upload, old: str, new: str) -> None:
    """Give a run another id, also where its own records refer to it."""

    def renamed(run: str) -> str:
        return new if run == old else run

    upload.records = [
        (
            end,
            replace(
                record,
                run_id=renamed(record.run_id),
                fork_run=None if record.fork_run is None else renamed(record.fork_run),
                sources=[(renamed(run), writer, step) for run, writer, step in record.sources],
            )
            if isinstance(record, Run)
            else record,
        )
        for end, record in upload.records
    ]
