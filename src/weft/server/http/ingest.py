"""The route that takes uploads of run logs.

Receives zstd-packed log bytes from `weft.client`, hands decoded uploads to `services.ingest`, and
answers when they are durable. It runs for every batch of every writer.

Refused whole, with a problem document: bodies that are not zstd or unpack to more than 64 MiB,
torn or corrupt frames, a position that is not where the server's copy ends. Single records that
break a rule are left out and counted.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

import msgspec
import zstandard
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from weft.errors import ConfigError, CorruptLog, Diverged, LimitExceeded, PositionConflict
from weft.records.clock_offset import SAME_CLOCK, OffsetBounds
from weft.records.ids import check_name
from weft.records.limits import MAX_MICROS, MAX_UPLOAD_BYTES
from weft.runlog.platform import kernel_boot_id
from weft.server.http.admission.bodies import read_body
from weft.server.http.admission.heavy import UPLOAD, UPLOAD_FACTOR, HeavyWork
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Body, Routes
from weft.server.http.uploads.decode import crc_of, decode_upload
from weft.server.services.access import Actor, RunPath
from weft.server.services.ingest import IngestService, Upload
from weft.server.storage.contract import StreamPosition
from weft.wire.uploads import Ack

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}/log", tag="ingest")

INGEST_THREADS: Final = 64
"""Uploads worked on at once. They mostly wait for a group commit, so more than there are cores."""

SMALL_UPLOAD_BYTES: Final = 2 * 2**20
"""Unpacked; a sidecar's uploads have half of it. Larger ones are heavy work."""

MAX_BYTES_IN_WORK: Final = 32 * 2**20
"""Unpacked bytes of all small uploads worked on at once."""

_MAX_WINDOW_BYTES: Final = 8 * 2**20
"""What a sender may ask the unpacker to remember; level 19 needs that much."""

_MAX_POSITION: Final = 10**18 - 1
_MAX_KNOWN_ENDS: Final = 4096
_MAX_KNOWN_BYTES: Final = 16 * 1024

_encode: Final = msgspec.json.Encoder().encode
BOOT_ID: Final = kernel_boot_id().encode() or None

ZSTD: Final = {"application/zstd": {"type": "string", "contentMediaType": "application/zstd"}}
"""Media type of the bodies of uploads."""


@dataclass(frozen=True, slots=True)
class UploadClaims:
    """What an upload says of itself, next to its body."""

    target: RunPath
    writer: str
    position: int
    n_damaged: int
    after: int | None
    offset_bounds: OffsetBounds | None
    is_live: bool


class LogUploads:
    """Receives the uploads of all writers.

    Args:
        executor: where uploads are decoded and applied; its size bounds how many at once.
        heavy: admits large uploads.
    """

    def __init__(self, ingest: IngestService, executor: Executor, heavy: HeavyWork) -> None:
        self._heavy = heavy
        self._ingest = ingest
        self._executor = executor
        self._ends = _KnownEnds()
        self._budget = ByteBudget(MAX_BYTES_IN_WORK)

    async def take(self, actor: Actor, asked: UploadClaims, body: bytes, receive: Receive) -> Ack:
        """Decode an upload and keep it; returns when it is durable."""
        n_bytes = unpacked_bytes(body) if body else 0
        if n_bytes <= SMALL_UPLOAD_BYTES:
            return await self._work(actor, asked, body, n_bytes)
        async with self._heavy.room_for(UPLOAD, UPLOAD_FACTOR * n_bytes, receive):
            return await self._work(actor, asked, body, 0)

    async def _work(self, actor: Actor, asked: UploadClaims, body: bytes, n_bytes: int) -> Ack:
        work = partial(self._answer, actor, asked, body, n_bytes)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _answer(self, actor: Actor, asked: UploadClaims, body: bytes, n_bytes: int) -> Ack:
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
            check_header(upload, target)
            upload.offset_bounds = asked.offset_bounds
            upload.live = asked.is_live
            applied = self._ingest.apply(actor, target, upload)
        self._ends.note(target, upload, known)
        return applied

    def _known(
        self, actor: Actor, target: RunPath, writer: str, start: int, after: int | None
    ) -> StreamPosition | None:
        """What is kept of the stream, which has to end at `start`; None = it is new.

        Raises:
            PositionConflict: it ends elsewhere.
            Diverged: it ends there with another frame than the one whose checksum is `after`.
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
    """Where streams ended after their last upload, to spare most uploads a look into the store.

    Only a hint: the store checks the position again when it appends. An end is taken out when it
    is used, so that after any failure the store is asked.
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


class ByteBudget:
    """Lets uploads in as long as all that are in work have at most so many bytes."""

    def __init__(self, n_bytes: int) -> None:
        self._left = n_bytes
        self._changed = threading.Condition()

    @contextmanager
    def room_for(self, n_bytes: int) -> Generator[None]:
        """Wait for room, and give it back at the end; `n_bytes` is never more than all of it."""
        with self._changed:
            self._changed.wait_for(lambda: self._left >= n_bytes)
            self._left -= n_bytes
        try:
            yield
        finally:
            with self._changed:
                self._left += n_bytes
                self._changed.notify_all()


def check_header(upload: Upload, target: RunPath) -> None:
    """Refuse a log that says that it is of another run or writer than its sender says."""
    header = upload.header
    if header and (header.run_id, header.writer_id) != (target.run, upload.writer):
        raise CorruptLog(
            f"this is the log of writer {header.writer_id} of run {header.run_id}, "
            f"not of {upload.writer} of {target.run}"
        )


def unpacked_bytes(body: bytes) -> int:
    """How many bytes `unpacked` may make of a body: what it claims, else `MAX_UPLOAD_BYTES`.

    Raises:
        CorruptLog: it is no zstd frame, or one that needs a dictionary or a window above 8 MiB.
        LimitExceeded: it claims to be larger than is taken.
    """
    try:
        claimed = zstandard.frame_content_size(body)
        frame = zstandard.get_frame_parameters(body)
    except zstandard.ZstdError as error:
        raise CorruptLog(f"the body is not zstd: {error}") from None
    if claimed > MAX_UPLOAD_BYTES:
        raise LimitExceeded(
            f"upload of {claimed} bytes after unpacking; at most {MAX_UPLOAD_BYTES} are taken"
        )
    # A frame without a window of its own claims its content's size.
    if frame.window_size > max(_MAX_WINDOW_BYTES, claimed):
        raise CorruptLog(
            f"the body's zstd window is {frame.window_size} bytes; at most {_MAX_WINDOW_BYTES}"
        )
    if frame.dict_id:
        raise CorruptLog("the body was packed with a zstd dictionary; none is known here")
    return claimed if claimed >= 0 else MAX_UPLOAD_BYTES


def unpacked(body: bytes) -> bytes:
    """Undo zstd, never making more than `MAX_UPLOAD_BYTES`.

    Raises:
        CorruptLog: not one whole zstd frame, or bytes behind it.
        LimitExceeded: it would be larger.
    """
    unpacked_bytes(body)
    try:
        if zstandard.frame_content_size(body) >= 0:
            return zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
        return _unpacked_stream(body)
    except zstandard.ZstdError as error:
        raise CorruptLog(f"the body is not zstd: {error}") from None


def _unpacked_stream(body: bytes) -> bytes:
    # A sender that streams does not know the size beforehand, so it is found out in steps.
    unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
    pieces: list[bytes] = []
    n_bytes = 0
    # zstd makes at most 128 KiB of the shortest block, so a small step of input bounds each piece.
    for start in range(0, len(body), 256):
        pieces.append(unpacker.decompress(body[start : start + 256]))
        n_bytes += len(pieces[-1])
        if n_bytes > MAX_UPLOAD_BYTES:
            raise LimitExceeded(f"upload of more than {MAX_UPLOAD_BYTES} bytes after unpacking")
    if not unpacker.eof or unpacker.unused_data:
        raise CorruptLog("the body is not one whole zstd frame")
    return b"".join(pieces)


def _bounds(text: str) -> OffsetBounds:
    least, _, most = text.partition(" ")
    try:
        bounds = OffsetBounds(int(least), int(most))
    except ValueError:
        bounds = None
    if bounds is None or not -MAX_MICROS <= bounds.least <= bounds.most <= MAX_MICROS:
        raise ConfigError(
            f"X-Weft-Offset must be two whole numbers, the lesser first, not {text!r}",
            field="X-Weft-Offset",
        )
    return bounds


@routes.post(
    "/{writer}",
    answers=Ack,
    answer_text="everything before `position` is durable",
    body=Body(ZSTD, "zstd of whole frames; empty: a heart-beat"),
    any_query=True,  # its sender is no person, and may be newer than the server
    bare=True,
)
async def upload_log(
    path: RunPath,
    writer: str,
    request: Request,
    actor: Actor,
    uploads: LogUploads,
    *,
    position: Annotated[
        int, Meta(ge=0, le=_MAX_POSITION, description="of the body's first byte in the log")
    ],
    damaged: Annotated[
        int,
        Meta(
            ge=0,
            le=_MAX_POSITION,
            description="bytes before `position` that hold no valid frame",
        ),
    ] = 0,
    after: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{8}$")] | None,
        Meta(description="checksum of the log's frame that ends at `position` - `damaged`"),
    ] = None,
    x_weft_boot: Annotated[
        str, Header("the kernel's boot id, if the log was made in this boot")
    ] = "",
    x_weft_offset: Annotated[
        str,
        Header(
            "least and most µs by which the server's clock is ahead: `-20 35`",
            {"pattern": "^-?[0-9]+ -?[0-9]+$"},
        ),
    ] = "",
    x_weft_live: Annotated[
        str, Header("1 while the writer's process runs", {"enum": ["0", "1"]})
    ] = "0",
) -> Response:
    """Append bytes to the server's copy of a run log."""
    check_name("entity", path.entity)
    check_name("project", path.project)
    check_name("run", path.run)
    is_same_boot = x_weft_boot.encode() == BOOT_ID
    bounds = _bounds(x_weft_offset) if x_weft_offset else None
    claims = UploadClaims(
        target=path,
        writer=check_name("writer", writer),
        position=position,
        n_damaged=damaged,
        after=None if after is None else int(after, 16),
        offset_bounds=SAME_CLOCK if is_same_boot else bounds,
        is_live=x_weft_live == "1",
    )
    body = await read_body(request.scope, request.receive, MAX_UPLOAD_BYTES)
    ack = await uploads.take(actor, claims, body, request.receive)
    return Response(_encode(ack), media_type="application/json")
