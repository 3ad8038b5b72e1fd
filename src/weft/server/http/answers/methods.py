"""Answers where no route fits: HEAD, OPTIONS, a wrong method, an unknown address, the web app.

Comes last among the routes. Which methods an address takes is read from the API's description,
so that one place knows all routes, bare ones included.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weft.server.http.answers.web import WebApp

ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_MANY_SEGMENTS: Final = re.compile(r"{(path|key)}")
"""Parameters that may hold slashes: OpenAPI has no way to say so."""

Description = Callable[[], dict[str, Any]]
"""Makes the API's OpenAPI document."""


class Fallback:
    """The last route, of all methods and addresses.

    Args:
        api: asked again, with GET, for what a HEAD wants to know.
    """

    def __init__(self, describe: Description, api: ASGIApp, web: WebApp) -> None:
        self._describe = describe
        self._api = api
        self._web = web
        self._addresses: list[tuple[re.Pattern[str], list[str]]] = []

    async def __call__(self, request: Request) -> Response | _HeadOnly:
        methods = self._methods_of(request.url.path)
        method = request.method
        if method == "HEAD" and "GET" in methods:
            return _HeadOnly(self._api)
        if not methods and not request.url.path.startswith("/api/"):
            if method in {"GET", "HEAD"}:
                return await self._web(request)
            methods = ["GET"]
        if not methods:
            raise HTTPException(404)
        more = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
        allowed = ", ".join(sorted(more.union(methods)))
        if method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        raise HTTPException(405, headers={"Allow": allowed})

    def _methods_of(self, path: str) -> list[str]:
        if not self._addresses:
            self._addresses = [
                (
                    compile_path(_MANY_SEGMENTS.sub(r"{\1:path}", address))[0],
                    sorted(method.upper() for method in operations),
                )
                for address, operations in self._describe()["paths"].items()
            ]
        return sorted(
            {one for address, methods in self._addresses if address.match(path) for one in methods}
        )


class _HeadOnly:
    """An answer to HEAD: what GET would answer, without its body.

    A stream that is not wanted is told that the client has left.
    """

    def __init__(self, api: ASGIApp) -> None:
        self._api = api

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        begun = anyio.Event()

        async def receive_end() -> Message:
            await begun.wait()
            return {"type": "http.disconnect"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                begun.set()

        await self._api({**scope, "method": "GET"}, receive_end, send_head)
