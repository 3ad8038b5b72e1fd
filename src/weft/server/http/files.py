"""Routes of a run's files: list, download, upload, delete.

Contents are streamed both ways in pieces of a megabyte. Content that a browser could run (HTML,
SVG, XML) is served in a sandbox with its own origin, and no type is guessed from content.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Annotated, Any, Final
from urllib.parse import quote

from msgspec import Meta
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.errors import ConfigError, LimitExceeded, NotFound
from weft.records.limits import MAX_FILE_BYTES, MAX_FILE_PATH_BYTES
from weft.server.http.admission.bodies import pieces_of_body
from weft.server.http.answers.problems import problem
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Body, Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.files import DEFAULT_MEDIA_TYPE, FileUpload, is_media_type
from weft.server.services.opening import Services
from weft.wire.files import File, FileList
from weft.wire.runs import MAX_PAGE

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}/files", tag="files")

SHA256_HEADER: Final = "X-Weft-Sha256"

_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

_SANDBOX: Final = "sandbox allow-scripts; frame-ancestors 'self'"
"""Policy for content that a browser runs: its own origin, which can't read from this server."""

_INERT: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    "frame-ancestors 'self'"
)
"""Policy for other content. Styles are allowed: browsers show a picture in a styled page."""

_LASTING: Final = "private, max-age=86400, immutable"
"""For a content that is named by its hash: a page shows the same images again and again."""

_ACTIVE: Final = frozenset(
    {"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml"}
)
_SHOWN_AS_TEXT: Final = frozenset(
    {"text/javascript", "application/javascript", "application/ecmascript", "text/css"}
)
"""Served as plain text, so that no page of this server can load one as a script or style."""

_CONTENT: Final[dict[str, Any]] = {
    "answer_text": "the whole content",
    "media": {"*/*": {"type": "string"}},
    "outcomes": {
        206: "the bytes asked for",
        304: "it is what `If-None-Match` names",
        416: "a range that the file does not have",
    },
}


@routes.get()
def list_files(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    prefix: Annotated[str, Meta(max_length=MAX_FILE_PATH_BYTES)] = "",
    search: Annotated[
        str,
        Meta(max_length=MAX_FILE_PATH_BYTES, description="in the path, in upper or lower case"),
    ] = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> FileList:
    """List the files of a run whose path begins with `prefix`, by path."""
    return services.files.list(
        actor, path, prefix=prefix, search=search, limit=limit, cursor=cursor
    )


@routes.get("/{path:path}", **_CONTENT)
@routes.head("/{path:path}", name="look_at_file", **_CONTENT)
def download_file(
    target: RunPath,
    path: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    sha256: Annotated[
        str | None, Meta(description="only this content; it may then be cached")
    ] = None,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    """Download a file, or one byte range of it; its ETag is its SHA-256."""
    info = services.files.get(actor, target, path)
    if sha256 is not None and sha256 != info.sha256:
        raise NotFound(f"file {path!r} of run {target} has another content by now")
    headers = _headers(info)
    if sha256 is not None:
        headers["Cache-Control"] = _LASTING
    etag = headers["ETag"]
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if named & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range", "")
    is_current = not if_range or if_range.strip() in {etag, headers["Last-Modified"]}
    span = _span(asked, info.n_bytes) if asked and is_current else None
    start, stop = 0, info.n_bytes
    status = 200
    if span is not None:
        start, stop = span
        if start >= stop:
            return problem(
                request.scope,
                416,
                f"the file has {info.n_bytes} bytes; {asked!r} is not among them",
                headers={"Content-Range": f"bytes */{info.n_bytes}"},
            )
        status = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{info.n_bytes}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = services.files.read(actor, target, path, info.sha256, start, stop)
    return StreamingResponse(pieces, status, headers)


@routes.put(
    "/{path:path}",
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
    """Upload a file to a path, replacing any file there; it is durable once this answers."""
    if x_weft_sha256 is not None and not _SHA256.fullmatch(x_weft_sha256):
        raise ConfigError(f"{SHA256_HEADER} must be 64 hexadecimal digits", field=SHA256_HEADER)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MAX_FILE_BYTES:
        raise LimitExceeded(f"file of {announced} bytes; the limit is {MAX_FILE_BYTES}")

    def begin() -> FileUpload:
        return services.files.upload(actor, target, path, media_type=content_type)

    upload = await run_in_threadpool(begin)
    try:
        async for piece in pieces_of_body(request.scope, request.receive):
            await run_in_threadpool(upload.write, piece)
        return await run_in_threadpool(upload.commit, x_weft_sha256)
    finally:
        await run_in_threadpool(upload.abort)


@routes.delete("/{path:path}")
def delete_file(target: RunPath, path: str, services: Services, actor: Actor) -> None:
    """Delete a file permanently and free its space at once."""
    services.files.delete(actor, target, path)


def _headers(info: File) -> dict[str, str]:
    media_type = info.media_type if is_media_type(info.media_type) else DEFAULT_MEDIA_TYPE
    if media_type in _SHOWN_AS_TEXT:
        media_type = "text/plain"
    is_active = media_type in _ACTIVE or media_type.endswith("+xml")
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    name = quote(info.path.rpartition("/")[2], safe="")
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "Content-Security-Policy": _SANDBOX if is_active else _INERT,
        "X-Frame-Options": "SAMEORIGIN",
        "ETag": f'"{info.sha256}"',
        "Last-Modified": formatdate(info.created_micros // 1_000_000, usegmt=True),
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
    }


def _span(header: str, n_bytes: int) -> tuple[int, int] | None:
    """The bytes `[start, stop)` that a Range header asks for; None if it must be ignored.

    An unsatisfiable range has `start >= stop`. Several ranges at once are ignored, as RFC 9110
    allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        return max(n_bytes - int(match[2]), 0), n_bytes
    start = int(match[1])
    if match[2] == "":
        return start, n_bytes
    last = int(match[2])
    return None if last < start else (start, min(last + 1, n_bytes))
