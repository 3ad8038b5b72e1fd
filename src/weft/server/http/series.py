"""The route that answers charts: exact buckets of many runs and metrics, panel by panel.

Receives questions from the browser, asks `services.series`, streams Arrow record batches as each
panel is ready, and stops working when the browser has gone. A bare route: bytes flow here.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.bodies import decode_body, read_body
from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork, wait_until_left
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.threads import FewThreads
from weft.server.services.actors import Actor
from weft.server.services.cancellation import Cancellation, Cancelled
from weft.server.services.charting.questions import PanelQuestion
from weft.server.services.series import PanelAnswers, SeriesService

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


_request_decoder: Final = msgspec.json.Decoder(SeriesRequest)


class SeriesRoute:
    """`POST …/series`.

    Args:
        heavy: admits panels that join points or compute expressions, one by one.
    """

    def __init__(self, series: SeriesService, heavy: HeavyWork) -> None:
        self._series = series
        self._heavy = heavy
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
        panels = await self._quick.run(ask)
        writer = PanelWriter(full=asked.full)
        return _PanelStream(panels, writer, waits, self._quick, self._slow, self._heavy)


_SLOW: Final = b"slow"
"""In place of a panel's bytes: it is computed among the slow ones."""


class _PanelStream(Response):
    """Panels as they are computed, until the last is sent or the client has left."""

    media_type = ARROW_MEDIA_TYPE

    def __init__(
        self,
        panels: PanelAnswers,
        writer: PanelWriter,
        waits: Cancellation,
        quick: FewThreads,
        slow: FewThreads,
        heavy: HeavyWork,
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._panels = panels
        self._writer = writer
        self._waits = waits
        self._quick = quick
        self._slow = slow
        self._heavy = heavy

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,
        send: Send,
    ) -> None:
        watcher = asyncio.create_task(self._cancel_when_gone(receive))
        try:
            # Made before the answer begins: what is wrong with it is still a problem then.
            data = await self._next(receive)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while data is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                data = await self._next(receive)
            await send({"type": "http.response.body", "body": self._writer.end()})
        except Cancelled:
            pass  # nobody is there to read an answer
        finally:
            self._waits.cancel()
            watcher.cancel()

    async def _cancel_when_gone(self, receive: Receive) -> None:
        await wait_until_left(receive)
        self._waits.cancel()

    async def _next(self, receive: Receive) -> bytes | None:
        # Abandoned when the server ends; `waits` then ends the work in the thread, too.
        data = await self._quick.run(self._next_bytes_if_quick, abandon_on_cancel=True)
        if data is _SLOW:
            async with self._heavy.room_for(CHART, CHART_BYTES, receive):
                data = await self._slow.run(self._next_bytes, abandon_on_cancel=True)
        return data

    def _next_bytes_if_quick(self) -> bytes | None:
        return _SLOW if self._panels.is_next_slow() else self._next_bytes()

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
                "asked, each sent when it is ready; its columns are at /docs/http-api",
                "content": {
                    ARROW_MEDIA_TYPE: {
                        "schema": {"type": "string", "contentMediaType": ARROW_MEDIA_TYPE}
                    }
                },
            }
        },
    }
}
