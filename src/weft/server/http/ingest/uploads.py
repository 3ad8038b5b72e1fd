"""The route that accepts uploads of run logs. It runs for every batch of every writer.

Receives zstd-compressed log bytes from `weft.client`, passes them to `intake.uploads`, and answers
once they are durable.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from weft.errors import ConfigError
from weft.records.clock_offset import SAME_CLOCK, OffsetBounds
from weft.records.ids import check_name
from weft.records.limits import MAX_MICROS, MAX_UPLOAD_BYTES
from weft.records.record import Exit
from weft.server.http.admission.bodies import read_body
from weft.server.http.admission.heavy import UPLOAD, UPLOAD_FACTOR, HeavyWork
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Body, Routes
from weft.server.intake.uploads.log_uploads import BOOT_ID, LogUploads, UploadClaims
from weft.server.intake.uploads.unpacking import unpacked_bytes
from weft.server.services.access import Actor, RunPath
from weft.wire.ingest import uploads as endpoints
from weft.wire.ingest.uploads import ENDED_PATTERN, Ack

routes = Routes()

INGEST_THREADS: Final = 64
"""Uploads processed at once: more than cores, because they mostly wait for a group commit."""

SMALL_UPLOAD_BYTES: Final = 2 * 2**20
"""Uploads that unpack to more are heavy work. A sidecar's uploads have half of it."""

_encode: Final = msgspec.json.Encoder().encode

ZSTD: Final = {"application/zstd": {"type": "string", "contentMediaType": "application/zstd"}}
"""Media type of upload bodies."""


class UploadQueue:
    """Applies uploads in threads of their own.

    The size of `executor` limits how many are decoded and applied at once; `heavy` admits large
    ones.
    """

    def __init__(self, uploads: LogUploads, executor: Executor, heavy: HeavyWork) -> None:
        self._uploads = uploads
        self._heavy = heavy
        self._executor = executor

    async def take(self, actor: Actor, claims: UploadClaims, body: bytes, receive: Receive) -> Ack:
        """Decode and store an upload; return once it is durable."""
        n_bytes = unpacked_bytes(body) if body else 0
        if n_bytes <= SMALL_UPLOAD_BYTES:
            return await self._work(actor, claims, body, n_bytes)
        async with self._heavy.room_for(actor, UPLOAD, UPLOAD_FACTOR * n_bytes, receive):
            return await self._work(actor, claims, body, 0)

    async def _work(self, actor: Actor, claims: UploadClaims, body: bytes, n_bytes: int) -> Ack:
        work = partial(self._uploads.apply, actor, claims, body, n_bytes)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


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


def _exit_of(text: str) -> Exit:
    micros, code, state = text.split(" ")
    return Exit(int(micros), int(code), state or None)


@routes.answers(
    endpoints.upload_log,
    answer_text="everything before `position` is durable",
    body=Body(ZSTD, "zstd of whole frames; empty: a heart-beat"),
    any_query=True,
    bare=True,
)
async def upload_log(
    path: RunPath,
    writer: str,
    request: Request,
    actor: Actor,
    uploads: UploadQueue,
    *,
    position: int,
    damaged: int,
    after: Annotated[str, Meta(pattern="^[0-9a-f]{8}$")] | None,
    header_run: str | None,
    ended: Annotated[str, Meta(pattern=ENDED_PATTERN)] | None,
    x_weft_boot: Annotated[
        str, Header("the kernel's boot id, if the log was made in this boot")
    ] = "",
    x_weft_offset: Annotated[
        str | None,
        Header(
            "least and most µs by which the server's clock is ahead: `-20 35`",
            {"pattern": "^-?[0-9]+ -?[0-9]+$"},
        ),
    ] = None,
    x_weft_live: Annotated[
        str, Header("1 while the writer's process runs", {"enum": ["0", "1"]})
    ] = "0",
) -> Response:
    is_same_boot = x_weft_boot == BOOT_ID
    bounds = None if x_weft_offset is None else _bounds(x_weft_offset)
    claims = UploadClaims(
        target=path.check(),
        writer=check_name("writer", writer),
        position=position,
        n_damaged=damaged,
        after=None if after is None else int(after, 16),
        offset_bounds=SAME_CLOCK if is_same_boot else bounds,
        is_live=x_weft_live == "1",
        header_run=None if header_run is None else check_name("run", header_run),
        ended=None if ended is None else _exit_of(ended),
    )
    body = await read_body(request.scope, request.receive, MAX_UPLOAD_BYTES)
    ack = await uploads.take(actor, claims, body, request.receive)
    return Response(_encode(ack), media_type="application/json")
