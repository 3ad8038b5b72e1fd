"""Routes that take in the contents of files which run logs announced.

Small contents come together in one body, large ones in pieces, which are streamed to the disk.
"""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from weft.errors import ConfigError
from weft.records.ids import SHA256_PATTERN, check_name
from weft.server.http.admission.bodies import allow_body, write_body
from weft.server.http.files.binary_array import BinaryArray
from weft.server.http.routing.routes import Body, Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.files import ContentsUpload, ContentUpload
from weft.server.services.opening import Services
from weft.wire.files import contents as endpoints
from weft.wire.files.contents import (
    MAX_CONTENTS,
    MAX_CONTENTS_BYTES,
    ContentHashes,
    ContentPosition,
    ContentsStored,
    LackedContents,
    LackingAhead,
)

routes = Routes()

MSGPACK: Final = {"application/msgpack": {"type": "string"}}

_MAX_BODY_BYTES: Final = MAX_CONTENTS_BYTES + 8 * MAX_CONTENTS
"""The contents, and more than msgpack adds to them."""


@routes.answers(endpoints.list_lacking_contents)
def list_lacking_contents(
    path: RunPath,
    writer: str,
    services: Services,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None,
    any_order: bool,
) -> LackedContents:
    check_name("writer", writer)
    return services.contents.lacking(
        actor, path, writer, limit=limit, cursor=cursor, any_order=any_order
    )


@routes.answers(endpoints.list_lacking_ahead)
def list_lacking_ahead(
    path: RunPath, contents: ContentHashes, services: Services, actor: Actor
) -> LackingAhead:
    return services.contents.lacking_ahead(actor, path, contents.sha256)


@routes.answers(
    endpoints.upload_contents,
    body=Body(MSGPACK, f"a msgpack array of at most {MAX_CONTENTS} contents, each as binary"),
)
async def upload_contents(
    path: ProjectPath, request: Request, services: Services, actor: Actor, *, ahead: bool
) -> ContentsStored:
    allow_body(request.scope, _MAX_BODY_BYTES)

    def begin() -> ContentsUpload:
        return services.contents.receive_many(actor, path.check(), is_ahead=ahead)

    upload = await run_in_threadpool(begin)
    try:
        binaries = BinaryArray(upload)
        await write_body(request.scope, request.receive, binaries.feed)
        binaries.check_complete()
        return await run_in_threadpool(upload.finish)
    except BaseException:
        await run_in_threadpool(upload.discard)
        raise


@routes.answers(
    endpoints.upload_piece,
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
    position: int,
) -> ContentPosition:
    if not SHA256_PATTERN.fullmatch(sha256):
        raise ConfigError("sha256 must be 64 lower-case hexadecimal digits", field="sha256")

    def begin() -> ContentUpload:
        return services.contents.receive(actor, path.check(), sha256, position)

    upload = await run_in_threadpool(begin)
    try:
        await write_body(request.scope, request.receive, upload.write)
        return ContentPosition(position=await run_in_threadpool(upload.finish))
    finally:
        await run_in_threadpool(upload.suspend)
