"""Routes of a run's files: list, download, upload, delete.

Contents are streamed both ways in pieces of a megabyte; `answers.contents` serves them.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError, LimitExceeded, NotFound
from weft.records.limits import MAX_FILE_BYTES
from weft.server.http.admission.bodies import write_body
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.contents import CONTENT, Content, answer_content, answer_elsewhere
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Body, Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.files import FileService, FileUpload
from weft.server.services.opening import Services
from weft.wire.files import files as endpoints
from weft.wire.files.files import File

routes = Routes()

SHA256_HEADER: Final = "X-Weft-Sha256"

_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")


routes.bind(endpoints.list_files, FileService.list, threads=COSTLY)


@routes.answers(endpoints.download_file, **CONTENT)
@routes.answers(endpoints.look_at_file, **CONTENT)
def download_file(
    target: RunPath,
    path: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    sha256: str | None,
    direct: bool,
    framed: bool,
    outside: str,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    info = services.files.get(actor, target, path)
    if sha256 is not None and sha256 != info.sha256:
        raise NotFound(f"file {path!r} of run {target} has another content by now")
    if direct and request.method == "GET":
        link = services.files.link(actor, target, info)
        if link is not None:
            return answer_elsewhere(link)
    return answer_content(
        request,
        Content(info.path, info.n_bytes, info.sha256, info.media_type, info.created_micros),
        partial(services.files.read, actor, target, path, info.sha256),
        is_lasting=sha256 is not None,
        is_framed=framed,
        outside=outside,
        if_none_match=if_none_match,
        if_range=if_range,
    )


@routes.answers(
    endpoints.upload_file,
    body=Body(
        {"application/octet-stream": {"type": "string"}},
        f"the content, at most {MAX_FILE_BYTES} bytes",
    ),
)
async def upload_file(
    target: RunPath,
    path: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    content_type: Annotated[str | None, Header()] = None,
    x_weft_sha256: Annotated[str | None, Header("what the content hashes to; checked")] = None,
) -> File:
    if x_weft_sha256 is not None and not _SHA256.fullmatch(x_weft_sha256):
        raise ConfigError(f"{SHA256_HEADER} must be 64 hexadecimal digits", field=SHA256_HEADER)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MAX_FILE_BYTES:
        raise LimitExceeded(f"file of {announced} bytes; the limit is {MAX_FILE_BYTES}")

    def begin() -> FileUpload:
        return services.files.upload(actor, target, path, media_type=content_type)

    upload = await run_in_threadpool(begin)
    try:
        await write_body(request.scope, request.receive, upload.write)
        return await run_in_threadpool(upload.commit, x_weft_sha256)
    finally:
        await run_in_threadpool(upload.abort)


routes.bind(endpoints.delete_file, FileService.delete)
