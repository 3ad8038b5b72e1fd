"""Dispatches requests: finds the route, reads its arguments, encodes what it returns.

The innermost of the ASGI apps that a request passes. It does not catch errors; `context` turns
them into problem documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from weft.server.http.admission.bodies import read_body
from weft.server.http.answers.compression import Compression
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.answers.etags import ETags
from weft.server.http.answers.head_only import head_only
from weft.server.http.answers.problems import problem
from weft.server.http.answers.web import WebApp
from weft.server.http.routing.addresses import Addresses, names_in
from weft.server.http.routing.arguments import Reader
from weft.server.http.routing.routes import Answer, Route
from weft.server.services.access import SYSTEM, Actor

_API: Final = "/api/"

_LARGE_BODY_BYTES: Final = 256 * 1024
"""Larger bodies are decoded in a thread: on the loop they would delay others for milliseconds."""


class Router:
    """ASGI app of all routes.

    `dependencies` are objects by class that routes take; `web` answers GET requests outside
    `/api/` that match no route.
    """

    def __init__(
        self, routes: Iterable[Route], dependencies: Mapping[type, Any], web: WebApp
    ) -> None:
        self._by_method: dict[str, Addresses[_Served]] = {}
        for route in routes:
            endpoint = _RouteApp(route, dependencies)
            app = endpoint if route.bare else Compression(_tagged(endpoint, route))
            served = _Served(app, names_in(route.endpoint.path), route.endpoint.path)
            self._by_method.setdefault(route.endpoint.method, Addresses()).add(
                route.endpoint.path, served
            )
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method: str = scope["method"]
        match = self._find(method, scope["path"])
        if match is not None:
            served, texts = match
            scope["state"]["route"] = served.path
            scope["path_params"] = dict(zip(served.names, texts, strict=True))
            await served.app(scope, receive, send)
        elif method == "HEAD" and self._find("GET", scope["path"]) is not None:
            await head_only(self, scope, send)
        else:
            await self._answer_without_route(scope)(scope, receive, send)

    def _find(self, method: str, path: str) -> tuple[_Served, list[str]] | None:
        addresses = self._by_method.get(method)
        return None if addresses is None else addresses.find(path)

    def _answer_without_route(self, scope: Scope) -> Response:
        path: str = scope["path"]
        method: str = scope["method"]
        methods = {name for name in self._by_method if self._find(name, path) is not None}
        if not methods and not path.startswith(_API):
            page = self._web.answer(Request(scope)) if method in {"GET", "HEAD"} else None
            if page is not None:
                return page
            methods = {"GET"} - {"GET" if method == "HEAD" else method}
        if not methods:
            return problem(scope, 404, f"no such address: {method} {path}")
        more = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
        allowed = {"Allow": ", ".join(sorted(methods | more))}
        if method == "OPTIONS":
            return Response(status_code=204, headers=allowed)
        return problem(scope, 405, f"{path} does not take {method}", headers=allowed)


def _tagged(endpoint: _RouteApp, route: Route) -> ASGIApp:
    return ETags(endpoint) if route.endpoint.method == "GET" else endpoint


def _actor_of(scope: Scope) -> Actor:
    """The user whose threads a request takes. Addresses that need no key are the server's own."""
    actor: Actor = scope["state"].get("actor", SYSTEM)
    return actor


@dataclass(frozen=True, slots=True)
class _Served:
    """The app that serves an address, the names of the address's parameters, and its pattern."""

    app: ASGIApp
    names: list[str]
    path: str


class _RouteApp:
    """ASGI app of one route."""

    def __init__(self, route: Route, dependencies: Mapping[type, Any]) -> None:
        self._route = route
        self._reader = Reader(route.arguments, dependencies, any_query=route.any_query)
        self._is_async = iscoroutinefunction(route.handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await read_body(scope, receive) if self._reader.takes_body else b""
        if self._is_async:
            if len(body) > _LARGE_BODY_BYTES:
                arguments = await run_in_threadpool(self._reader.read, request, body)
            else:
                arguments = self._reader.read(request, body)
            del body  # frees it: the answer may be streamed for minutes
            answer = self._answer(scope, await self._route.handler(**arguments))
        else:
            work = partial(self._call, request, body)
            del body
            answer = await self._route.threads.run(_actor_of(scope), work, receive)
            del work  # frees the body: the answer may be streamed for minutes
        await answer(scope, receive, send)

    def _call(self, request: Request, body: bytes) -> Response:
        result = self._route.handler(**self._reader.read(request, body))
        return self._answer(request.scope, result)

    def _answer(self, scope: Scope, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if result is None:
            return Response(status_code=self._route.status)
        if isinstance(result, Answer):
            tagged: Answer[Any] = result
            answer = encode_answer(scope, tagged.value, self._route.status)
            answer.headers.update(tagged.headers)
            return answer
        return encode_answer(scope, result, self._route.status)
