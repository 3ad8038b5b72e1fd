"""Applies the uploads of logs: checks their position, then unpacks and decodes the bytes.

A whole upload is refused if its body is not zstd or unpacks to more than 64 MiB, if a frame is
torn or corrupt, or if its position is not where the server's copy ends. Single records that break
a rule are left out and counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from weft.errors import CorruptLog, Diverged, PositionConflict
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Exit, Run
from weft.runlog.platform import kernel_boot_id
from weft.server.intake.uploads.decode import crc_of, decode_upload
from weft.server.intake.uploads.unpacking import MAX_BYTES_IN_WORK, ByteBudget, unpacked
from weft.server.services.access import SYSTEM, Action, Actor, RunPath, require
from weft.server.services.ingest import Failures, IngestService, SentStream, SentUpload, Upload
from weft.server.storage.contract import StreamPosition
from weft.wire.ingest.uploads import Ack

BOOT_ID: Final = kernel_boot_id() or None
"""Of this machine. A log made in the same boot needs no clock offset."""

_MAX_ENDS_BYTES: Final = 32 * 2**20
"""Ends of 10,000 streams with ten keys each take 8 MB."""

_OBJECT_BYTES: Final = 600
"""An entry of the cache without the contents of its state."""


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

    @property
    def start(self) -> int:
        """The position of the first byte, damaged ones included."""
        return self.position - self.n_damaged


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A request with an upload. An empty body is a heartbeat.

    Attributes:
        n_bytes: the unpacked size of the body; 0 if the caller limits it by itself.
        received_secs: when it was received, as `time.monotonic` counts.
    """

    actor: Actor
    claims: UploadClaims
    body: bytes
    n_bytes: int = 0
    received_secs: float = field(default_factory=time.monotonic)

    @property
    def needs_end(self) -> bool:
        """Whether the end of the stream is compared: all but heartbeats that claim no checksum."""
        return bool(self.body) or self.claims.after is not None


class LogUploads:
    """Applies uploads of all writers. Thread-safe."""

    def __init__(self, ingest: IngestService) -> None:
        self._ingest = ingest
        self._ends = _EndCache()
        self._budget = ByteBudget(MAX_BYTES_IN_WORK)

    def apply_requests(self, requests: Sequence[UploadRequest]) -> list[Ack | Exception]:
        """Decode and store uploads of different streams, in few transactions.

        Returns for each its answer or the error that refuses it; the others are still applied.
        """
        received_secs = min(request.received_secs for request in requests)
        self._ingest.pace.note_wait(time.monotonic() - received_secs)
        failures = Failures()
        with self._budget.room_for(sum(request.n_bytes for request in requests)):
            ends = self._ends_before(requests, failures)
            acks = failures.step(
                [number for number in ends if not requests[number].body],
                lambda number: self._apply_heartbeat(requests[number]),
            )
            decoded = failures.step(
                [number for number in ends if requests[number].body],
                lambda number: _decoded(requests[number], ends[number]),
            )
            uploads = [
                SentUpload(
                    requests[number].actor, requests[number].claims.target, decoded[number].upload
                )
                for number in decoded
            ]
            outcomes = self._ingest.apply_uploads(SYSTEM, uploads)
        for number, outcome in zip(decoded, outcomes, strict=True):
            if isinstance(outcome, Exception):
                failures[number] = outcome
            else:
                acks[number] = outcome
                self._ends.note_end(requests[number].claims.target, decoded[number])
        return [
            acks[number] if number in acks else failures[number] for number in range(len(requests))
        ]

    def _ends_before(
        self, requests: Sequence[UploadRequest], failures: Failures
    ) -> dict[int, StreamPosition | None]:
        """The stored end of the stream of each request that may be applied; None if it is new, or
        not needed.
        """
        permitted = failures.step(
            range(len(requests)),
            lambda number: require(
                requests[number].actor, Action.LOG, requests[number].claims.target
            ),
        )
        ends: dict[int, StreamPosition | Exception | None] = dict.fromkeys(permitted)
        checked = {number for number in permitted if requests[number].needs_end}
        for number in checked:
            claims = requests[number].claims
            ends[number] = self._ends.take_end(claims.target, claims.writer, claims.start)
        unknown = [number for number in checked if ends[number] is None]
        if unknown:
            streams = [
                SentStream(request.actor, request.claims.target, request.claims.writer)
                for request in map(requests.__getitem__, unknown)
            ]
            ends.update(zip(unknown, self._ingest.positions(SYSTEM, streams), strict=True))

        def check(number: int) -> StreamPosition | None:
            end = ends[number]
            if isinstance(end, Exception):
                raise end
            if number in checked:
                _check_end(requests[number].claims, end)
            return end

        return failures.step(permitted, check)

    def _apply_heartbeat(self, request: UploadRequest) -> Ack:
        claims = request.claims
        return self._ingest.note_heartbeat(
            request.actor,
            claims.target,
            claims.writer,
            offset_bounds=claims.offset_bounds,
            position=claims.position,
            live=claims.is_live,
            ended=claims.ended,
        )


def _decoded(request: UploadRequest, stored: StreamPosition | None) -> _DecodedUpload:
    claims = request.claims
    target = claims.target
    upload = decode_upload(
        unpacked(request.body),
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
    return _DecodedUpload(upload, stored)


def _check_end(claims: UploadClaims, stored: StreamPosition | None) -> None:
    """PositionConflict if a stream does not end where the upload starts, Diverged if its last
    frame has not the checksum `after`.
    """
    start = claims.start
    end = stored.position if stored else 0
    if start != end:
        raise PositionConflict(
            f"the server's copy of this log ends at byte {end}, not {start}", position=end
        )
    if (
        stored is not None
        and claims.after is not None
        and crc_of(stored) not in {None, claims.after}
    ):
        raise Diverged(
            f"the server has another log of writer {claims.writer}, which differs before "
            f"byte {start}"
        )


@dataclass(frozen=True, slots=True)
class _DecodedUpload:
    """An upload, and its stream before it; None if that is new."""

    upload: Upload
    before: StreamPosition | None


class _EndCache:
    """A cache of the ends of streams after their last upload; it saves most uploads a lookup.

    It is only a hint: the store checks the position again when it appends. An end is removed when
    it is used, so that after any failure the store is read.
    """

    def __init__(self) -> None:
        self._ends: dict[tuple[RunPath, str], StreamPosition] = {}
        self._n_bytes = 0
        self._lock = threading.Lock()

    def take_end(self, target: RunPath, writer: str, position: int) -> StreamPosition | None:
        """Remove the end of a stream; None if it is not known, or elsewhere."""
        with self._lock:
            end = self._ends.pop((target, writer), None)
            if end is not None:
                self._n_bytes -= _n_bytes_of(end)
        return end if end is not None and end.position == position else None

    def note_end(self, target: RunPath, applied: _DecodedUpload) -> None:
        """Add the end of a stream after an upload. Those that were not used for longest go."""
        upload, before = applied.upload, applied.before
        state = upload.state or (before.state if before else b"")
        end = StreamPosition(upload.to_position, state, upload.n_rows or 0, upload.tail or b"")
        self.take_end(target, upload.writer, 0)
        with self._lock:
            self._ends[target, upload.writer] = end
            self._n_bytes += _n_bytes_of(end)
            while self._n_bytes > _MAX_ENDS_BYTES:
                self._n_bytes -= _n_bytes_of(self._ends.pop(next(iter(self._ends))))


def _n_bytes_of(end: StreamPosition) -> int:
    return _OBJECT_BYTES + len(end.state) + len(end.tail)


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
