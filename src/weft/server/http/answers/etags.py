"""Adds weak ETags, and answers 304 if the client already has the answer (`If-None-Match`).

Applies to every JSON or msgpack answer to a GET that comes in one piece, so that a page that polls
(the runs, a run, its metrics) receives a hundred bytes while nothing has changed. The server still
computes the answer; this saves only the transfer and the browser's work. The tags are weak because
compression changes the bytes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAGGED_TYPES: Final = ("application/json", "application/msgpack")
_TAG_BYTES: Final = 12
_OPAQUE: Final = re.compile(r'"[^"]*"')


class ETags:
    """ASGI middleware that tags answers to GET and compares tags."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cached_tags = Headers(scope=scope).get("if-none-match", "")
        start: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if _can_be_tagged(message):
                    start = message
                    return
            elif start is not None:
                if not message.get("more_body", False):
                    message = _tag(start, message, cached_tags)
                await send(start)
                start = None
            await send(message)

        await self._app(scope, receive, send_tagged)


def _can_be_tagged(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    is_good = message["status"] == 200 and "etag" not in headers and "cache-control" not in headers
    return is_good and headers.get("content-type", "").startswith(_TAGGED_TYPES)


def _tag(start: Message, message: Message, cached_tags: str) -> Message:
    """Put the tag on `start`; return the message to send, empty if the client has the answer."""
    tag = f'"{hashlib.blake2b(message.get("body", b""), digest_size=_TAG_BYTES).hexdigest()}"'
    headers = MutableHeaders(raw=start["headers"])
    headers["ETag"] = f"W/{tag}"
    # Cached by this browser only, and revalidated each time.
    headers["Cache-Control"] = "private, no-cache"
    if tag not in _OPAQUE.findall(cached_tags) and cached_tags.strip() != "*":
        return message
    start["status"] = 304
    for name in ("Content-Length", "Content-Type"):
        del headers[name]
    return {**message, "body": b""}
