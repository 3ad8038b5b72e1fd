"""The route that returns charts: exact buckets of many runs and metrics, panel by panel.

Calls `services.charting`, streams an Arrow record batch as each panel is ready, and stops working
when the browser has left.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork, wait_for_disconnect
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, Cancellation, Cancelled, ProjectPath
from weft.server.services.charting import PanelAnswers
from weft.server.services.opening import Services
from weft.wire.metrics import charts as endpoints
from weft.wire.metrics.charts import PanelsQuery

routes = Routes()

SERIES_THREADS: Final = 4
"""Panels computed at once, over all requests. Few, because numpy keeps a core busy."""

QUICK: Final = SharedThreads("series", SERIES_THREADS)
_slow: Final = SharedThreads("slow-series", CHART.most)
"""For panels that join points or compute expressions, so they never delay the others."""


@routes.answers(
    endpoints.query_series,
    answer_text="an Arrow IPC stream, one record batch per panel in the order asked, each sent "
    "when it is ready; its columns are at /docs/http-api",
    media={ARROW_MEDIA_TYPE: {"type": "string", "contentMediaType": ARROW_MEDIA_TYPE}},
)
async def query_series(
    path: ProjectPath, query: PanelsQuery, services: Services, actor: Actor, heavy: HeavyWork
) -> Response:
    waits = Cancellation()
    ask = partial(
        services.series.panels,
        actor,
        path,
        query.panels,
        waits,
        full=query.full,
        reasons=query.reasons,
    )
    panels = await QUICK.run(actor, ask)
    return PanelStream(actor, panels, PanelWriter(full=query.full), waits, heavy)


_TOGETHER_SECS: Final = 0.004

_SLOW: Final = b"slow"
"""Returned instead of a panel's bytes if the panel must be computed in a slow thread."""


class PanelStream(Response):
    """Streams panels as they are computed, until the last is sent or the client has left."""

    media_type = ARROW_MEDIA_TYPE

    def __init__(
        self,
        actor: Actor,
        panels: PanelAnswers,
        writer: PanelWriter,
        waits: Cancellation,
        heavy: HeavyWork,
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._actor = actor
        self._panels = panels
        self._writer = writer
        self._waits = waits
        self._heavy = heavy

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,
        send: Send,
    ) -> None:
        watcher = asyncio.create_task(self._cancel_on_disconnect(receive))
        try:
            # Made before the answer begins, so that an error can still become a problem document.
            data = await self._next(receive)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while data is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                data = await self._next(receive)
            await send({"type": "http.response.body", "body": self._writer.end()})
        except Cancelled:
            pass  # the client has left
        finally:
            self._waits.cancel()
            watcher.cancel()

    async def _cancel_on_disconnect(self, receive: Receive) -> None:
        await wait_for_disconnect(receive)
        self._waits.cancel()

    async def _next(self, receive: Receive) -> bytes | None:
        # A shutdown abandons the thread; `waits` then ends the work in it.
        data = await QUICK.run(self._actor, self._quick_bytes, abandon_on_cancel=True)
        if data is _SLOW:
            async with self._heavy.room_for(self._actor, CHART, CHART_BYTES, receive):
                data = await _slow.run(self._actor, self._next_bytes, abandon_on_cancel=True)
        return data

    def _quick_bytes(self) -> bytes | None:
        """The next panels, as many as are ready soon: a change of threads costs as much as a panel
        of a live run.
        """
        begin = time.monotonic()
        panels: list[bytes] = []
        while time.monotonic() - begin < _TOGETHER_SECS:
            if self._panels.is_next_slow():
                return b"".join(panels) or _SLOW
            data = self._next_bytes()
            if data is None:
                break
            panels.append(data)
        return b"".join(panels) or None

    def _next_bytes(self) -> bytes | None:
        self._waits.check()
        answer = next(self._panels, None)
        return None if answer is None else self._writer.write(answer)
