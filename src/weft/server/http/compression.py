"""Makes large JSON answers small on the wire. Streams and binary answers pass untouched.

Only an answer that comes as one piece is packed, so an event or a record batch never waits in a
compressor. zstd where the browser takes it: twenty times quicker than gzip.
"""

from __future__ import annotations

import gzip
from typing import Final

import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MIN_BYTES: Final = 2048
_PACKED_TYPES: Final = ("application/json", "application/msgpack")


class Compression:
    """ASGI middleware that packs JSON and msgpack answers of 2 KiB and more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = _coding(Headers(scope=scope).get("accept-encoding", ""))
        if coding is None:
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_packed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if _can_be_packed(message):
                    start = message
                    return
            elif start is not None:
                body = message.get("body", b"")
                if len(body) >= _MIN_BYTES and not message.get("more_body", False):
                    message = {**message, "body": _pack(body, coding)}
                    headers = MutableHeaders(raw=start["headers"])
                    headers["Content-Encoding"] = coding
                    headers["Content-Length"] = str(len(message["body"]))
                    headers.add_vary_header("Accept-Encoding")
                await send(start)
                start = None
            await send(message)

        await self._app(scope, receive, send_packed)


def _coding(accepted: str) -> str | None:
    codings = {part.partition(";")[0].strip() for part in accepted.split(",")}
    return next((coding for coding in ("zstd", "gzip") if coding in codings), None)


def _can_be_packed(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    is_plain = "content-encoding" not in headers
    return is_plain and headers.get("content-type", "").startswith(_PACKED_TYPES)


def _pack(body: bytes, coding: str) -> bytes:
    if coding == "zstd":
        return zstandard.compress(body, 3)
    return gzip.compress(body, 4, mtime=0)
