"""The route that returns histograms over an axis, for heat maps. Calls `services.charting`."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.metrics import charts as endpoints
from weft.wire.metrics.charts import HistogramList, HistogramQuery

routes = Routes()

_threads: Final = SharedThreads("histogram", CHART.most)


@routes.answers(endpoints.query_histograms)
async def query_histograms(
    path: ProjectPath,
    query: HistogramQuery,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
) -> Response:
    def answer() -> Response:
        series = services.series.histograms(actor, path, query)
        return encode_answer(request.scope, HistogramList(series))

    async with heavy.room_for(actor, CHART, CHART_BYTES, request.receive):
        return await _threads.run(actor, answer)
