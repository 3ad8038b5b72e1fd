"""The route that answers charts: exact buckets of many runs and metrics, panel by panel.

Receives questions from the browser, asks `services.series`, streams Arrow record batches as each
panel is ready, and stops working when the browser has gone. A bare route: bytes flow here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any, Final

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.errors import ConfigError
from weft.server.http.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.ingest import read_body
from weft.server.services.actors import Actor
from weft.server.services.series import SeriesService
from weft.server.services.types import PanelAnswer
from weft.server.storage.contract import SeriesQuery

PATH: Final = "/api/v1/projects/{entity}/{project}/series"

_MAX_BODY_BYTES: Final = 8 * 2**20
_MAX_PANELS: Final = 1000
_MAX_SERIES: Final = 100_000
"""Most runs × keys of one panel; also what `records.limits` lets one run have."""

SERIES_THREADS: Final = 4
"""Panels computed at once, over all requests: numpy keeps a core busy, so few."""


class SeriesRequest(msgspec.Struct, frozen=True):
    """The body: which panels, and whether all columns are wanted."""

    panels: list[SeriesQuery]
    full: bool = False


_request_decoder: Final = msgspec.json.Decoder(SeriesRequest)


class SeriesRoute:
    """`POST …/series`."""

    def __init__(self, series: SeriesService) -> None:
        self._series = series
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, request: Request) -> Response:
        body = await read_body(request, _MAX_BODY_BYTES)
        try:
            asked = _request_decoder.decode(body)
        except msgspec.DecodeError as error:
            raise ConfigError(f"question can't be read: {error}") from None
        if len(asked.panels) > _MAX_PANELS:
            raise ConfigError(f"at most {_MAX_PANELS} panels in one question")
        if any(len(query.runs) * len(query.keys) > _MAX_SERIES for query in asked.panels):
            raise ConfigError(f"at most {_MAX_SERIES} series in one panel")
        actor: Actor = request.state.actor
        path: dict[str, str] = request.path_params
        ask = partial(self._series.panels, actor, path["entity"], path["project"], asked.panels)
        panels = await self._in_thread(ask)
        writer = PanelWriter(full=asked.full)
        # The first panel is made before the answer begins: what is wrong is still a problem then.
        first = await self._in_thread(partial(_next_bytes, panels, writer))
        return StreamingResponse(self._stream(first, panels, writer), media_type=ARROW_MEDIA_TYPE)

    async def _stream(
        self, first: bytes | None, panels: Iterator[PanelAnswer], writer: PanelWriter
    ) -> AsyncIterator[bytes]:
        data = first
        while data is not None:
            yield data
            data = await self._in_thread(partial(_next_bytes, panels, writer))
        yield writer.end()

    async def _in_thread(self, work: Any) -> Any:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(SERIES_THREADS)
        # Abandoned when the browser leaves: the panel in work ends, no further one begins.
        return await anyio.to_thread.run_sync(work, limiter=self._limiter, abandon_on_cancel=True)


def _next_bytes(panels: Iterator[PanelAnswer], writer: PanelWriter) -> bytes | None:
    answer = next(panels, None)
    return None if answer is None else writer.write(answer)


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
