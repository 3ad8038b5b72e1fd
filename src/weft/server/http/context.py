"""What every request carries: its id, the headers of its answer, who asks, and the services.

The outermost layer of the app: it gives each request an id, puts the security headers on every
answer, and turns what nobody foresaw into a problem document.
"""

from __future__ import annotations

import itertools
import re
import secrets
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weft.records.value import json_safe, msgpack_safe
from weft.server.http.problems import problem_from_unexpected
from weft.server.services.actors import Actor
from weft.server.services.open import Services

MSGPACK_MEDIA_TYPE: Final = "application/msgpack"

_GOOD_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""On every answer that does not bring its own, as the web app's page and files do."""


class RequestContext:
    """ASGI middleware: request ids, security headers, a last net for errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["X-Request-Id"] = request_id
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            answer = problem_from_unexpected(scope, error)
            if has_begun:
                raise  # the connection is cut, so that half an answer is not taken for all
            await answer(scope, receive, send_with_headers)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _GOOD_REQUEST_ID.fullmatch(value):
                return str(value.decode())
        return f"{self._prefix}-{next(self._numbers)}"


async def _services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _actor_of(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


WithServices = Annotated[Services, Depends(_services_of)]
"""Parameter of a route: the services."""

Asker = Annotated[Actor, Depends(_actor_of)]
"""Parameter of a route: who asks."""


def json_answer(value: Any, status: int = 200) -> Response:
    """Answer with a value of the services as JSON; see `json_safe` for its numbers."""
    body = msgspec.json.encode(json_safe(msgspec.to_builtins(value)))
    return Response(body, status, media_type="application/json")


def typed_answer(value: Any, accept: str) -> Response:
    """Answer as msgpack, numbers as they are, to who asks for it; else as JSON."""
    if not accept.startswith(MSGPACK_MEDIA_TYPE):
        return json_answer(value)
    try:
        body = msgspec.msgpack.encode(value)
    except OverflowError:  # rare, and looking for such ints would cost every other answer
        body = msgspec.msgpack.encode(msgpack_safe(msgspec.to_builtins(value)))
    return Response(body, media_type=MSGPACK_MEDIA_TYPE)


def listed(text: str | None) -> list[str] | None:
    """Read a comma-separated query parameter; None = it was not given.

    >>> listed("a,b"), listed(""), listed(None)
    (['a', 'b'], [], None)
    """
    if text is None:
        return None
    return [part for part in text.split(",") if part]
