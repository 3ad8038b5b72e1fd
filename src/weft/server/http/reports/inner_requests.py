"""Answers requests inside of another one, as those of the same user, for figures of reports.

Only requests that read what panels draw are answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from starlette.types import ASGIApp, Message, Scope

from weft.errors import LimitExceeded, Unavailable, WeftError
from weft.server.http.answers.problems import PROBLEM_MEDIA_TYPE, problem, problem_from_error
from weft.server.http.routing.addresses import Addresses
from weft.server.services.access import ProjectPath
from weft.server.services.reports import MAX_PART_BYTES, FigureAnswer
from weft.wire.endpoint import API_PATH, Endpoint
from weft.wire.files.files import list_files
from weft.wire.metrics import charts, media, metrics, tables
from weft.wire.reports.figures import FigureRequest
from weft.wire.runs import runs, selecting

OF_PROJECTS: Final[tuple[Endpoint[..., Any], ...]] = (
    *(selecting.query_runs, selecting.group_runs, selecting.list_columns),
    *(runs.list_runs, runs.get_run, list_files),
    *(metrics.list_metrics, metrics.list_metric_names, metrics.latest_values),
    *(metrics.query_run_events, charts.query_series, charts.query_histograms),
    *(media.query_media, media.list_media_steps, tables.query_table, tables.query_tables),
)
OF_SERVER: Final[tuple[Endpoint[..., Any], ...]] = (
    selecting.parse_filter,
    tables.list_chart_presets,
)
"""Requests that panels make: about a project, and about none."""

_AT_ONCE: Final = 2
"""Figures that are captured at once: each may take `MAX_PART_BYTES` of memory."""

_encode: Final = msgspec.json.Encoder().encode


def _addresses(endpoints: Iterable[Endpoint[..., Any]]) -> Mapping[str, Addresses[bool]]:
    by_method: dict[str, Addresses[bool]] = {}
    for endpoint in endpoints:
        by_method.setdefault(endpoint.method, Addresses()).add(endpoint.path, True)
    return by_method


_ADDRESSES: Final = {False: _addresses(OF_PROJECTS), True: _addresses(OF_SERVER)}
"""By whether they are about no project: a figure has nothing of projects other than its own."""


class InnerRequests:
    """Answers requests by the routes of the server itself."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def connect(self, app: ASGIApp) -> None:
        """Set the app that answers, whose routes may take this object."""
        self._app = app

    async def answer(
        self, scope: Scope, project: ProjectPath, requests: Sequence[FigureRequest]
    ) -> list[FigureAnswer]:
        """Answer requests about a project, one after another.

        One that panels don't make is refused like one that the server refuses: a later kind of
        panel must not keep a report from being stored. LimitExceeded if the answers are too large,
        Unavailable if the server fails to answer one.
        """
        async with self._turns:
            answers: list[FigureAnswer] = []
            n_bytes = 0
            for request in requests:
                answer = await self._answer(scope, project, request, MAX_PART_BYTES - n_bytes)
                n_bytes += len(answer.content)
                answers.append(answer)
            return answers

    async def _answer(
        self, outer: Scope, project: ProjectPath, request: FigureRequest, most_bytes: int
    ) -> FigureAnswer:
        assert self._app is not None
        path, _, query = request.path.partition("?")
        base = API_PATH if path.startswith("/") else f"{API_PATH}/projects/{'/'.join(project)}/"
        address = base + unquote(path)
        allowed = _ADDRESSES[path.startswith("/")].get(request.method)
        if allowed is None or allowed.find(address) is None:
            detail = f"figures have no answers to {request.method} {request.path:.200}"
            refusal = problem(outer, 400, detail)
            return FigureAnswer(request, 400, PROBLEM_MEDIA_TYPE, bytes(refusal.body))
        headers = [(b"accept", b"*/*")]
        body = b""
        if request.method == "POST":
            body = _encode(request.body)
            headers.append((b"content-type", b"application/json"))
        scope: Scope = {
            **outer,
            "method": request.method,
            "path": address,
            "raw_path": (base + path).encode(),
            "query_string": query.encode(),
            "headers": headers,
            "state": {**outer["state"]},
        }
        status, media_type, content = 0, "", bytearray()
        is_sent = False

        async def receive() -> Message:
            nonlocal is_sent
            if not is_sent:
                is_sent = True
                return {"type": "http.request", "body": body, "more_body": False}
            await asyncio.Event().wait()  # a client that never leaves
            raise AssertionError

        async def send(message: Message) -> None:
            nonlocal status, media_type
            if message["type"] == "http.response.start":
                status = message["status"]
                sent = dict(message["headers"])
                media_type = sent.get(b"content-type", b"").decode("latin-1")
            else:
                content.extend(message.get("body", b""))
                if len(content) > most_bytes:
                    raise LimitExceeded(f"the answers have more than {MAX_PART_BYTES} bytes")

        try:
            await self._app(scope, receive, send)
        except WeftError as error:
            if status or isinstance(error, LimitExceeded):
                raise
            refusal = problem_from_error(scope, error)
            status, media_type = refusal.status_code, PROBLEM_MEDIA_TYPE
            content = bytearray(refusal.body)
        if status == 429 or status >= 500:
            raise Unavailable(f"{request.path} was not answered ({status}): try again")
        return FigureAnswer(request, status, media_type, bytes(content))
