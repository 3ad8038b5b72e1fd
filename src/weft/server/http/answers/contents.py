"""The answer with a stored content: whole or a byte range of it, safe to open in a browser.

Content that a browser could run (HTML, SVG, XML) is served in a sandbox with its own origin, from
which it loads nothing from other hosts, and no type is guessed from content.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from email.utils import formatdate
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from weft.server.http.answers.pages import FramedPage, page_policy
from weft.server.http.answers.problems import problem
from weft.server.services.files import DEFAULT_MEDIA_TYPE, FilePieces, JoinedPieces, is_media_type

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

_INERT: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    "frame-ancestors 'self'"
)
"""Policy for other content. Styles are allowed: browsers show a picture in a styled page."""

_LASTING: Final = "private, max-age=86400, immutable"
"""For a content that is named by its hash: a page shows the same images again and again."""

_HTML: Final = "text/html; charset=utf-8"
_PAGE_BEGIN_BYTES: Final = 8192
"""Bytes in which the doctype of a page is looked for."""

_ACTIVE: Final = frozenset({"text/html", "text/xml", "application/xml", "text/xsl"})
_SHOWN_AS_TEXT: Final = re.compile(
    r"(text|application)/(x-)?(java|ecma|j|live)script[0-9.]*|text/css"
)
"""All types of scripts of https://mimesniff.spec.whatwg.org, and styles. Served as plain text, so
that no page of this server can load one as a script or style."""

_SendFiles: TypeAlias = Callable[[FilePieces | JoinedPieces], Awaitable[None]]
"""Sends files past the event loop, where a connection can; see `admission.protocol`."""

CONTENT: Final[dict[str, Any]] = {
    "answer_text": "the whole content",
    "media": {"*/*": {"type": "string"}},
    "outcomes": {
        206: "the bytes asked for",
        304: "it is what `If-None-Match` names",
        307: "the content is at the address in `Location`, if `direct` was asked for",
        416: "a range that the file does not have",
    },
}
"""The description of a route that answers with a content."""


class Content(NamedTuple):
    """A stored content. The last part of `path` is the name under which it is saved."""

    path: str
    n_bytes: int
    sha256: str
    media_type: str
    created_micros: int


def answer_content(
    request: Request,
    content: Content,
    read: Callable[[int, int], Iterator[bytes]],
    *,
    is_lasting: bool,
    is_framed: bool = False,
    outside: str = "",
    if_none_match: str = "",
    if_range: str = "",
) -> Response:
    """Answer with a content, or with the range of it that the request asks for.

    `is_lasting` if the address can never have another content; `is_framed` if HTML has the script
    of `FramedPage`, for the web app; `outside` are hosts from which it may load when a browser
    runs it.
    """
    headers = _headers(content, outside)
    if is_lasting:
        headers["Cache-Control"] = _LASTING
    etag = headers["ETag"]
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if named & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    if is_framed and request.method == "GET" and headers["Content-Type"] == _HTML:
        page = FramedPage(b"".join(read(0, min(content.n_bytes, _PAGE_BEGIN_BYTES))))
        headers["Content-Length"] = str(content.n_bytes + page.n_added_bytes)
        del headers["Accept-Ranges"]
        return StreamingResponse(page.pieces(read(0, content.n_bytes)), 200, headers)
    byte_range = request.headers.get("range", "")
    is_current = not if_range or if_range.strip() in {etag, headers["Last-Modified"]}
    span = _span(byte_range, content.n_bytes) if byte_range and is_current else None
    start, stop = 0, content.n_bytes
    status = 200
    if span is not None:
        start, stop = span
        if start >= stop:
            return problem(
                request.scope,
                416,
                f"the file has {content.n_bytes} bytes; {byte_range!r} is not among them",
                headers={"Content-Range": f"bytes */{content.n_bytes}"},
            )
        status = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.n_bytes}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = read(start, stop)
    if isinstance(pieces, (FilePieces, JoinedPieces)):
        return _FilesResponse(pieces, status, headers)
    return StreamingResponse(pieces, status, headers)


class _FilesResponse(StreamingResponse):
    """Streams files, which the system sends if the connection lets it."""

    def __init__(
        self, files: FilePieces | JoinedPieces, status: int, headers: dict[str, str]
    ) -> None:
        super().__init__(files, status, headers)
        self._files = files
        self._send_files: _SendFiles | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send_files = scope["state"].get("send_files")
        # Closed here: what a client that leaves interrupts is freed much later.
        with closing(self._files):
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        if self._send_files is not None:
            # Middleware may hold the head back until a body begins.
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            await self._send_files(self._files)
        async for piece in self.body_iterator:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def answer_elsewhere(link: str) -> Response:
    """Answer with the address of a content in a bucket."""
    return Response(status_code=307, headers={"Location": link, "Cache-Control": "no-store"})


def _headers(content: Content, outside: str) -> dict[str, str]:
    media_type = content.media_type if is_media_type(content.media_type) else DEFAULT_MEDIA_TYPE
    if media_type.startswith(("multipart/", "message/")):
        media_type = DEFAULT_MEDIA_TYPE  # their parts would have headers of their own
    if _SHOWN_AS_TEXT.fullmatch(media_type):
        media_type = "text/plain"
    is_active = media_type in _ACTIVE or media_type.endswith("+xml")
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    name = quote(content.path.rpartition("/")[2], safe="")
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "Content-Security-Policy": page_policy(outside) if is_active else _INERT,
        "X-DNS-Prefetch-Control": "off",
        "X-Frame-Options": "SAMEORIGIN",
        "ETag": f'"{content.sha256}"',
        "Last-Modified": formatdate(content.created_micros // 1_000_000, usegmt=True),
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
