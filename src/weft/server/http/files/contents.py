"""Routes that take in the contents of files which run logs announced.

Small contents come together in one body, large ones in pieces, which are streamed to the disk.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from msgspec import Meta
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from weft.errors import ConfigError
from weft.records.ids import check_name
from weft.records.limits import MAX_FILE_BYTES
from weft.server.http.admission.bodies import allow_body, write_body
from weft.server.http.metrics.binary_array import BinaryArray
from weft.server.http.routing.routes import Body, Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.files import ContentUpload
from weft.server.services.opening import Services
from weft.wire.files.contents import (
    MAX_CONTENTS,
    MAX_CONTENTS_BYTES,
    MAX_LACKED,
    ContentPosition,
    ContentsStored,
    LackedContents,
)

routes = Routes("/api/v1/projects/{entity}/{project}", tag="files")

MSGPACK: Final = {"application/msgpack": {"type": "string"}}

_SHA256: Final = re.compile("[0-9a-f]{64}")
_MAX_BODY_BYTES: Final = MAX_CONTENTS_BYTES + 8 * MAX_CONTENTS
"""The contents, and more than msgpack adds to them."""


@routes.get("/runs/{run}/log/{writer}/lacking")
def list_lacking_contents(
    path: RunPath,
    writer: str,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_LACKED)] = 1000,
    cursor: str | None = None,
) -> LackedContents:
    """List the contents that a run log announced and the server does not have, by path."""
    check_name("writer", writer)
    return services.contents.lacking(actor, path, writer, limit=limit, cursor=cursor)


@routes.post(
    "/contents",
    body=Body(MSGPACK, f"a msgpack array of at most {MAX_CONTENTS} contents, each as binary"),
)
async def upload_contents(
    path: ProjectPath,
    request: Request,
    services: Services,
    actor: Actor,
) -> ContentsStored:
    """Store several small contents that were announced; they are durable once this answers."""
    allow_body(request.scope, _MAX_BODY_BYTES)
    upload = await run_in_threadpool(services.contents.receive_many, actor, path.check())
    try:
        binaries = BinaryArray(upload)
        await write_body(request.scope, request.receive, binaries.feed)
        binaries.check_complete()
        return await run_in_threadpool(upload.finish)
    except BaseException:
        await run_in_threadpool(upload.discard)
        raise


@routes.put(
    "/contents/{sha256}",
    body=Body(
        {"application/octet-stream": {"type": "string"}},
        "any number of bytes of the content; none asks for the position",
    ),
)
async def upload_piece(
    path: ProjectPath,
    sha256: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    position: Annotated[
        int, Meta(ge=0, le=MAX_FILE_BYTES, description="of the body's first byte in the content")
    ],
) -> ContentPosition:
    """Add a piece to a content that was announced; the content is stored once it is whole."""
    if not _SHA256.fullmatch(sha256):
        raise ConfigError("sha256 must be 64 lower-case hexadecimal digits", field="sha256")

    def begin() -> ContentUpload:
        return services.contents.receive(actor, path.check(), sha256, position)

    upload = await run_in_threadpool(begin)
    try:
        await write_body(request.scope, request.receive, upload.write)
        return ContentPosition(position=await run_in_threadpool(upload.finish))
    finally:
        await run_in_threadpool(upload.suspend)
