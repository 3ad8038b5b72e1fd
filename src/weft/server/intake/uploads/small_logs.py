"""Applies many small logs at once, each from its beginning, as `weft sync` sends them.

Each log is treated like an upload of its own: if one is refused, the others are still applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import structlog

from weft.errors import ConfigError, LimitExceeded, PositionConflict, Unavailable, WeftError
from weft.records.clock_offset import SAME_CLOCK, OffsetBounds
from weft.records.ids import check_name
from weft.records.limits import MAX_MICROS
from weft.server.intake.uploads.decode import decode_upload
from weft.server.intake.uploads.log_uploads import BOOT_ID, check_header
from weft.server.intake.uploads.unpacking import (
    MAX_BYTES_IN_WORK,
    ByteBudget,
    unpacked,
    unpacked_bytes,
)
from weft.server.services.access import Actor, RunPath
from weft.server.services.ingest import IngestService, SentStream, SentUpload, Upload
from weft.server.storage.contract import StreamPosition
from weft.wire.ingest.small_logs import (
    MAX_BYTES,
    MAX_LOGS,
    SmallLog,
    SmallLogAnswer,
    SmallLogAnswers,
)
from weft.wire.ingest.uploads import Ack

MAX_UNPACKED_BYTES: Final = MAX_BYTES + MAX_LOGS * 4096
"""Includes the names of the logs, and the encoding around them."""

_log: Any = structlog.get_logger(__name__)

_decode: Final = msgspec.msgpack.Decoder(list[SmallLog]).decode


class SmallLogUploads:
    """Applies requests of small logs. Thread-safe."""

    def __init__(self, ingest: IngestService) -> None:
        self._ingest = ingest
        self._budget = ByteBudget(MAX_BYTES_IN_WORK // 2)

    def apply_logs(self, actor: Actor, body: bytes) -> SmallLogAnswers:
        """Decode and store the logs; return the outcome of each."""
        n_bytes = unpacked_bytes(body)
        if n_bytes > MAX_UNPACKED_BYTES:
            raise LimitExceeded(f"small logs of {n_bytes} bytes in all: send fewer at once")
        with self._budget.room_for(n_bytes):
            logs = _logs_in(actor, unpacked(body))
            outcomes = self._apply(actor, logs)
        answers = [_answer_to(outcome) for outcome in outcomes]
        micros = max(
            (outcome.time_micros for outcome in outcomes if isinstance(outcome, Ack)), default=0
        )
        return SmallLogAnswers(time_micros=micros, logs=answers)

    def _apply(self, actor: Actor, logs: Sequence[SmallLog]) -> list[Ack | Exception]:
        targets = [_target_of(log) for log in logs]
        streams = [
            SentStream(actor, target, log.writer)
            for target, log in zip(targets, logs, strict=True)
        ]
        positions = self._ingest.positions(actor, streams)
        outcomes: dict[int, Ack | Exception] = {}
        uploads: dict[int, SentUpload] = {}
        for number, (log, target, before) in enumerate(zip(logs, targets, positions, strict=True)):
            try:
                uploads[number] = SentUpload(actor, target, _upload_of(log, target, before))
            except Exception as error:  # noqa: BLE001 - reported for this log only
                outcomes[number] = error
        applied = self._ingest.apply_uploads(actor, list(uploads.values()))
        outcomes.update(zip(uploads, applied, strict=True))
        return [outcomes[number] for number in range(len(logs))]


def _logs_in(actor: Actor, data: bytes) -> list[SmallLog]:
    try:
        logs = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"request must be a msgpack array of logs: {error}") from None
    if not 1 <= len(logs) <= MAX_LOGS:
        raise LimitExceeded(f"a request has 1 to {MAX_LOGS} logs, not {len(logs)}")
    for log in logs:
        log.entity = actor.named(log.entity)
        _target_of(log).check()
        check_name("writer", log.writer)
    streams = {(_target_of(log), log.writer) for log in logs}
    if len(streams) < len(logs):
        raise ConfigError("the request has two logs of the same run and writer")
    return logs


def _target_of(log: SmallLog) -> RunPath:
    return RunPath(log.entity, log.project, log.run)


def _upload_of(
    log: SmallLog, target: RunPath, stored: StreamPosition | Exception | None
) -> Upload:
    """Decode a log; PositionConflict if the server already has a part of it."""
    if isinstance(stored, Exception):
        raise stored
    if stored is not None and stored.position:
        raise PositionConflict(
            f"the server's copy of this log ends at byte {stored.position}, not 0",
            position=stored.position,
        )
    upload = decode_upload(log.data, writer=log.writer, stored=None)
    check_header(upload, target)
    upload.live = log.live
    if log.boot and log.boot == BOOT_ID:
        upload.offset_bounds = SAME_CLOCK
    elif log.offset is not None:
        least, most = log.offset
        if not -MAX_MICROS <= least <= most <= MAX_MICROS:
            raise ConfigError(f"offset must be two numbers, the lesser first, not {log.offset}")
        upload.offset_bounds = OffsetBounds(least, most)
    return upload


def _answer_to(outcome: Ack | Exception) -> SmallLogAnswer:
    if isinstance(outcome, Ack):
        return SmallLogAnswer(
            position=outcome.position,
            pause_millis=outcome.pause_millis,
            n_lacking=outcome.n_lacking,
            stop=outcome.stop,
            stopped_by=outcome.stopped_by,
            entity=outcome.entity,
        )
    if not isinstance(outcome, WeftError):
        _log.error("small log failed", exc_info=outcome)
        return SmallLogAnswer(code=Unavailable.code, detail="the server failed at this log")
    position = outcome.position if isinstance(outcome, PositionConflict) else None
    return SmallLogAnswer(position=position, code=outcome.code, detail=str(outcome))
