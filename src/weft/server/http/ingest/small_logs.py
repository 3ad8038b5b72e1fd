"""The route that accepts many small logs in one request: `weft sync` sends offline runs so."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from functools import partial
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.bodies import read_body
from weft.server.http.ingest.uploads import ZSTD
from weft.server.http.routing.routes import Body, Routes
from weft.server.intake.uploads.small_logs import MAX_UNPACKED_BYTES, SmallLogUploads
from weft.server.services.access import Actor
from weft.wire.ingest import small_logs as endpoints
from weft.wire.ingest.small_logs import MAX_LOGS

routes = Routes()

_encode: Final = msgspec.json.Encoder().encode


class SmallLogQueue:
    """Applies requests of small logs in threads of their own."""

    def __init__(self, uploads: SmallLogUploads, executor: Executor) -> None:
        self._uploads = uploads
        self._executor = executor

    async def take_logs(self, actor: Actor, body: bytes) -> bytes:
        """Decode and store the logs; return the outcome of each, as JSON."""
        work = partial(self._uploads.apply_logs, actor, body)
        return _encode(await asyncio.get_running_loop().run_in_executor(self._executor, work))


@routes.answers(
    endpoints.upload_small_logs,
    answer_text="what became of each log, in their order",
    body=Body(ZSTD, f"zstd of a msgpack array of at most {MAX_LOGS} logs"),
    bare=True,
)
async def upload_small_logs(request: Request, actor: Actor, uploads: SmallLogQueue) -> Response:
    body = await read_body(request.scope, request.receive, MAX_UNPACKED_BYTES)
    return Response(await uploads.take_logs(actor, body), media_type="application/json")
