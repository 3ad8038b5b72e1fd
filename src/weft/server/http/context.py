"""Gives every request an id, and every answer its security headers and a time to try again.

The outermost layer of the app. It also turns exceptions into problem documents and logs slow
requests.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weft.server.http.admission.proxies import TrustedProxies
from weft.server.http.admission.request_log import RequestLog
from weft.server.http.answers.problems import problem_from
from weft.server.http.server.figures import RequestFigures

_GOOD_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_CODE: Final = re.compile(r"(^/(?:share|api/v1/shared)/[^/.]*\.)[^/]*")
"""The code in the address of a share: who has it may read the share."""

_RawHeader = tuple[bytes, bytes]

_SECURITY_HEADERS: Final[list[_RawHeader]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
"""Each is added unless the answer sets it itself, as the web app's page and files do."""

RETRIED_STATUSES: Final = frozenset({429, 503, 507})
"""Answers that ask a client to wait and try again: each has a Retry-After."""

_RETRY: Final[_RawHeader] = (b"retry-after", b"1")

_SECURITY_NAMES: Final = frozenset(name for name, _ in _SECURITY_HEADERS)


class RequestContext:
    """ASGI middleware: request ids, the client behind a proxy, security headers, errors as problem
    documents, slow requests.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        proxies: TrustedProxies | None = None,
        slow_secs: float = float("inf"),
        log_all: bool = False,
        figures: RequestFigures | None = None,
    ) -> None:
        self._app = app
        self._proxies = proxies or TrustedProxies(())
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._slow_secs = slow_secs
        self._log_all = log_all
        self._log = RequestLog()
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request_id = self._request_id(scope)
        scope["state"].update(request_id=request_id, began_secs=began)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message.get("headers", ()), request_id, status)
                secs = time.perf_counter() - began
                if self._figures is not None:
                    route = scope["state"].get("route", "other")
                    self._figures.note(scope["method"], route, status, secs)
                if secs > self._slow_secs or self._log_all:
                    self._note(scope, status, secs)
            await send(message)

        try:
            self._proxies.resolve(scope)
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if status:
                raise  # cuts the connection, so that half an answer does not look complete
            await problem_from(scope, error)(scope, receive, send_with_headers)

    def _request_id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _GOOD_REQUEST_ID.fullmatch(value):
                return str(value.decode())
        return f"{self._prefix}-{next(self._numbers)}"

    def _note(self, scope: Scope, status: int, secs: float) -> None:
        # The query is left out: it may hold a one-time code or a user's search text.
        client = scope.get("client")
        fields = {
            "request_id": scope["state"]["request_id"],
            "method": scope["method"],
            "path": _CODE.sub(r"\1…", scope["path"]),
            "status": status,
            "client": client[0] if client else None,
            "millis": round(secs * 1000, 1),
        }
        self._log.note("slow request" if secs > self._slow_secs else "request", fields)


def _completed(
    headers: Iterable[tuple[bytes, bytes]], request_id: str, status: int
) -> list[_RawHeader]:
    """An answer's headers, with the request id and what it lacks of the others."""
    own = [(name.lower(), value) for name, value in headers]
    present = {name for name, _ in own}
    own.append((b"x-request-id", request_id.encode()))
    if status in RETRIED_STATUSES and b"retry-after" not in present:
        own.append(_RETRY)
    if present.isdisjoint(_SECURITY_NAMES):
        return own + _SECURITY_HEADERS
    return own + [header for header in _SECURITY_HEADERS if header[0] not in present]
