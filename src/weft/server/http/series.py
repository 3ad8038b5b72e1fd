"""The route that answers charts: exact buckets of many runs and metrics, panel by panel.

Receives questions from the browser, asks `services.series`, streams Arrow record batches as each
panel is ready, and stops working when the browser has gone. A bare route: bytes flow here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.bodies import decode_body, read_body
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.threads import FewThreads
from weft.server.services.actors import Actor
from weft.server.services.cancellation import Cancellation, Cancelled
from weft.server.services.charting.answers import PanelAnswer
from weft.server.services.charting.questions import PanelQuestion
from weft.server.services.series import SeriesService

PATH: Final = "/api/v1/projects/{entity}/{project}/series"

SERIES_THREADS: Final = 4
"""Panels computed at once, over all requests: numpy keeps a core busy, so few."""

SLOW_THREADS: Final = 2
"""Panels at once that join points or compute expressions: they never hold up the others."""


class SeriesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: which panels, and what of their answers is wanted."""

    panels: list[PanelQuestion]
    full: bool = False
    reasons: bool = False

    @property
    def is_slow(self) -> bool:
        return any(one.expressions or one.axis in {"metric", "defined"} for one in self.panels)


_request_decoder: Final = msgspec.json.Decoder(SeriesRequest)


class SeriesRoute:
    """`POST …/series`."""

    def __init__(self, series: SeriesService) -> None:
        self._series = series
        self._quick = FewThreads("series", SERIES_THREADS)
        self._slow = FewThreads("slow-series", SLOW_THREADS)

    async def __call__(self, request: Request) -> Response:
        body = await read_body(request.scope, request.receive)
        asked = decode_body(_request_decoder, body)
        actor: Actor = request.state.actor
        path: dict[str, str] = request.path_params
        waits = Cancellation()
        ask = partial(
            self._series.panels,
            actor,
            path["entity"],
            path["project"],
            asked.panels,
            waits,
            full=asked.full,
            reasons=asked.reasons,
        )
        threads = self._slow if asked.is_slow else self._quick
        panels = await threads.run(ask)
        return _PanelStream(panels, PanelWriter(full=asked.full), waits, threads)


class _PanelStream(Response):
    """Panels as they are computed, until the last is sent or the client has left."""

    media_type = ARROW_MEDIA_TYPE

    def __init__(
        self,
        panels: Iterator[PanelAnswer],
        writer: PanelWriter,
        waits: Cancellation,
        threads: FewThreads,
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._panels = panels
        self._writer = writer
        self._waits = waits
        self._threads = threads

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,
        send: Send,
    ) -> None:
        watcher = asyncio.create_task(self._cancel_when_gone(receive))
        try:
            # Made before the answer begins: what is wrong with it is still a problem then.
            data = await self._next()
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while data is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                data = await self._next()
            await send({"type": "http.response.body", "body": self._writer.end()})
        except Cancelled:
            pass  # nobody is there to read an answer
        finally:
            self._waits.cancel()
            watcher.cancel()

    async def _cancel_when_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._waits.cancel()

    async def _next(self) -> bytes | None:
        # Abandoned when the server ends; `waits` then ends the work in the thread, too.
        return await self._threads.run(self._next_bytes, abandon_on_cancel=True)

    def _next_bytes(self) -> bytes | None:
        self._waits.check()
        answer = next(self._panels, None)
        return None if answer is None else self._writer.write(answer)


OPENAPI: Final[dict[str, Any]] = {
    "post": {
        "tags": ["metrics"],
        "summary": "Series for charts, as exact buckets",
        "operationId": "query_series",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in ("entity", "project")
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/SeriesRequest"}}
            },
        },
        "responses": {
            "200": {
                "description": "an Arrow IPC stream, one record batch per panel in the order "
                "asked, each sent when it is ready; the columns are in docs/http-api.md",
                "content": {
                    ARROW_MEDIA_TYPE: {
                        "schema": {"type": "string", "contentMediaType": ARROW_MEDIA_TYPE}
                    }
                },
            }
        },
    }
}
