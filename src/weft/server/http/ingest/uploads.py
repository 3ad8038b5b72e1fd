"""The route that accepts uploads of run logs. It runs for every batch of every writer.

Receives zstd-compressed log bytes from `weft.client`, passes them to `intake.uploads`, and answers
once they are durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
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
from weft.server.intake.uploads.log_uploads import BOOT_ID, LogUploads, UploadClaims, UploadRequest
from weft.server.intake.uploads.unpacking import unpacked_bytes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.wire.ingest import uploads as endpoints
from weft.wire.ingest.uploads import ENDED_PATTERN, Ack

routes = Routes()

INGEST_THREADS: Final = 64
"""Uploads processed at once: more than cores, because they mostly wait for a group commit."""

GROUPED_UPLOAD_BYTES: Final = 64 * 2**10
"""Uploads that unpack to at most this wait for others of their project; a decoder needs longer
for larger ones than their commit takes."""

GROUP_SIZE: Final = 128
"""The most uploads that are applied together."""

GATHERING_SECS: Final = 0.02
"""A group waits so long for more uploads if some arrived during the commit before it."""

SMALL_UPLOAD_BYTES: Final = 2 * 2**20
"""Uploads that unpack to more are heavy work. A sidecar's uploads have half of it."""

_encode: Final = msgspec.json.Encoder().encode

ZSTD: Final = {"application/zstd": {"type": "string", "contentMediaType": "application/zstd"}}
"""Media type of upload bodies."""


class UploadQueue:
    """Applies uploads in threads of their own, small ones of a project together.

    Under load, uploads of a project arrive while a commit is made, and the next commit serves them
    all. One thread applies them: with a thread for each, most of their time would be spent
    waiting for each other's locks.

    The size of `executor` limits how much is decoded and applied at once; `heavy` admits large
    uploads.
    """

    def __init__(self, uploads: LogUploads, executor: Executor, heavy: HeavyWork) -> None:
        self._uploads = uploads
        self._heavy = heavy
        self._executor = executor
        self._waiting: dict[ProjectPath, list[_WaitingUpload]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def take_upload(
        self, actor: Actor, claims: UploadClaims, body: bytes, receive: Receive
    ) -> Ack:
        """Decode and store an upload; return once it is durable."""
        n_bytes = unpacked_bytes(body) if body else 0
        if n_bytes <= GROUPED_UPLOAD_BYTES:
            return await self._join_group(UploadRequest(actor, claims, body, n_bytes))
        if n_bytes <= SMALL_UPLOAD_BYTES:
            return await self._apply_alone(UploadRequest(actor, claims, body, n_bytes))
        async with self._heavy.room_for(actor, UPLOAD, UPLOAD_FACTOR * n_bytes, receive):
            return await self._apply_alone(UploadRequest(actor, claims, body))

    async def _apply_alone(self, request: UploadRequest) -> Ack:
        (outcome,) = await self._apply([request])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _join_group(self, request: UploadRequest) -> Ack:
        loop = asyncio.get_running_loop()
        upload = _WaitingUpload(request, loop.create_future())
        project = request.claims.target.of_project
        waiting = self._waiting.get(project)
        if waiting is not None:
            waiting.append(upload)
        else:
            self._waiting[project] = [upload]
            task = loop.create_task(self._apply_groups(project))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await upload.ack

    async def _apply_groups(self, project: ProjectPath) -> None:
        """Apply a project's waiting uploads, group by group, until none waits."""
        while waiting := self._waiting[project]:
            group, later = _first_group(waiting[:GROUP_SIZE])
            self._waiting[project] = later + waiting[GROUP_SIZE:]
            try:
                outcomes = await self._apply([upload.request for upload in group])
            except BaseException as error:  # noqa: BLE001 - returned to the senders
                outcomes = [error] * len(group)
            for upload, outcome in zip(group, outcomes, strict=True):
                upload.answer(outcome)
            if 0 < len(self._waiting[project]) < GROUP_SIZE:
                await asyncio.sleep(GATHERING_SECS)
        del self._waiting[project]

    async def _apply(self, requests: Sequence[UploadRequest]) -> list[Ack | Exception]:
        work = partial(self._uploads.apply_requests, requests)
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


@dataclass(frozen=True, slots=True, eq=False)
class _WaitingUpload:
    request: UploadRequest
    ack: asyncio.Future[Ack]

    def answer(self, outcome: Ack | BaseException) -> None:
        if self.ack.done():
            return  # its sender has gone
        if isinstance(outcome, BaseException):
            self.ack.set_exception(outcome)
        else:
            self.ack.set_result(outcome)


def _first_group(
    waiting: Sequence[_WaitingUpload],
) -> tuple[list[_WaitingUpload], list[_WaitingUpload]]:
    """The first uploads of each stream, which can be applied together, and the others."""
    group: dict[tuple[RunPath, str], _WaitingUpload] = {}
    later: list[_WaitingUpload] = []
    for upload in waiting:
        claims = upload.request.claims
        if group.setdefault((claims.target, claims.writer), upload) is not upload:
            later.append(upload)
    return list(group.values()), later


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
    ack = await uploads.take_upload(actor, claims, body, request.receive)
    return Response(_encode(ack), media_type="application/json")
