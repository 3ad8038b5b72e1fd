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
from weft.records.record import Exit, Run
from weft.runlog.platform import kernel_boot_id
from weft.server.intake.uploads.decode import crc_of, decode_upload
from weft.server.intake.uploads.unpacking import MAX_BYTES_IN_WORK, ByteBudget, unpacked
from weft.server.services.access import Action, Actor, RunPath, require
from weft.server.services.ingest import IngestService, Upload
from weft.server.storage.contract import StreamPosition
from weft.wire.ingest.uploads import Ack

BOOT_ID: Final = kernel_boot_id() or None
"""Of this machine. A log made in the same boot needs no clock offset."""

_MAX_ENDS: Final = 4096
_MAX_STATE_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class UploadClaims:
    """The claims of an upload about itself, next to its body."""

    target: RunPath
    writer: str
    position: int
    n_damaged: int
    after: int | None
    offset_bounds: OffsetBounds | None
    is_live: bool
    header_run: str | None = None
    ended: Exit | None = None


class LogUploads:
    """Applies uploads of all writers. Thread-safe."""

    def __init__(self, ingest: IngestService) -> None:
        self._ingest = ingest
        self._ends = _EndCache()
        self._budget = ByteBudget(MAX_BYTES_IN_WORK)

    def apply(self, actor: Actor, claims: UploadClaims, body: bytes, n_bytes: int) -> Ack:
        """Decode and store an upload; an empty body is a heartbeat.

        `n_bytes` is the unpacked size; 0 if the caller limits it by itself.
        """
        require(actor, Action.LOG, claims.target)
        if not body:
            if claims.after is not None:
                self._stored(actor, claims.target, claims.writer, claims.position, claims.after)
            return self._ingest.beat(
                actor,
                claims.target,
                claims.writer,
                offset_bounds=claims.offset_bounds,
                position=claims.position,
                live=claims.is_live,
                ended=claims.ended,
            )
        target = claims.target
        start = claims.position - claims.n_damaged
        stored = self._stored(actor, target, claims.writer, start, claims.after)
        with self._budget.room_for(n_bytes):
            upload = decode_upload(
                unpacked(body),
                writer=claims.writer,
                position=claims.position,
                n_damaged=claims.n_damaged,
                stored=stored,
            )
            check_header(upload, target, claims.header_run)
            if claims.header_run is not None:
                rename_run(upload, claims.header_run, target.run)
            upload.offset_bounds = claims.offset_bounds
            upload.live = claims.is_live
            applied = self._ingest.apply(actor, target, upload)
        self._ends.note(target, upload, stored)
        return applied

    def _stored(
        self, actor: Actor, target: RunPath, writer: str, start: int, after: int | None
    ) -> StreamPosition | None:
        """The stored position of the stream, which must end at `start`; None if it is new.

        PositionConflict if it ends elsewhere, Diverged if its last frame has not the checksum
        `after`.
        """
        stored = self._ends.take(target, writer, start)
        if stored is None:
            stored = self._ingest.position(actor, target, writer)
        end = stored.position if stored else 0
        if start != end:
            raise PositionConflict(
                f"the server's copy of this log ends at byte {end}, not {start}", position=end
            )
        if stored is not None and after is not None and crc_of(stored) not in {None, after}:
            raise Diverged(
                f"the server has another log of writer {writer}, which differs before byte {start}"
            )
        return stored


class _EndCache:
    """A cache of the ends of streams after their last upload; it saves most uploads a lookup.

    It is only a hint: the store checks the position again when it appends. An end is removed when
    it is used, so that after any failure the store is read.
    """

    def __init__(self) -> None:
        self._ends: dict[tuple[RunPath, str], StreamPosition] = {}

    def take(self, target: RunPath, writer: str, position: int) -> StreamPosition | None:
        end = self._ends.pop((target, writer), None)
        return end if end is not None and end.position == position else None

    def note(self, target: RunPath, upload: Upload, before: StreamPosition | None) -> None:
        state = upload.state or (before.state if before else b"")
        if len(state) > _MAX_STATE_BYTES:
            return
        if len(self._ends) >= _MAX_ENDS:
            self._ends.clear()
        end = StreamPosition(upload.to_position, state, upload.n_rows or 0, upload.tail or b"")
        self._ends[target, upload.writer] = end


def check_header(upload: Upload, target: RunPath, header_run: str | None = None) -> None:
    """Refuse a log whose header names another run or writer than its sender does.

    `header_run` is the run that the sender says it names, if that is not the target's.
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
