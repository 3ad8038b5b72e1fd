"""Routes of what is shared: `admission` lets those pass who have a share's link."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork
from weft.server.http.admission.sharing import COSTLY, SharedThreads
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.metrics.metrics import listed
from weft.server.http.metrics.shared_panels import Reader, SharedPanels
from weft.server.http.routing.routes import Routes
from weft.server.http.runs.selecting import selection_of
from weft.server.services.access import Actor, SharedLink
from weft.server.services.sharing import SharedService
from weft.wire.metrics.charts import HistogramList, HistogramQuery, PanelsQuery
from weft.wire.metrics.metrics import LatestList, LatestQuery, MetricNames
from weft.wire.projects import shares as endpoints
from weft.wire.projects.shares import SharedSet
from weft.wire.runs.runs import Run, RunList
from weft.wire.runs.selecting import RunQuery, Table

routes = Routes()

_threads: Final = SharedThreads("shared-histogram", CHART.most)


@routes.answers(endpoints.get_shared)
def get_shared(share: str, shared: SharedService, actor: Actor) -> SharedSet:
    return shared.describe(actor, SharedLink.parse(share))


@routes.answers(endpoints.query_shared_runs, threads=COSTLY)
def query_shared_runs(
    share: str, query: RunQuery, shared: SharedService, actor: Actor
) -> RunList | Table:
    return shared.runs(actor, SharedLink.parse(share), selection_of(query), query.columns)


@routes.answers(endpoints.get_shared_run)
def get_shared_run(share: str, run: str, shared: SharedService, actor: Actor) -> Run:
    return shared.run(actor, SharedLink.parse(share), run)


@routes.answers(endpoints.list_shared_metric_names, threads=COSTLY)
def list_shared_metric_names(
    share: str, shared: SharedService, actor: Actor, *, runs: str | None
) -> MetricNames:
    return shared.names(actor, SharedLink.parse(share), listed(runs))


@routes.answers(endpoints.latest_shared_values, threads=COSTLY)
def latest_shared_values(
    share: str, query: LatestQuery, shared: SharedService, actor: Actor
) -> LatestList:
    return shared.latest(actor, SharedLink.parse(share), query)


@routes.answers(
    endpoints.query_shared_series,
    answer_text="an Arrow IPC stream, as of `query_series`",
    media={ARROW_MEDIA_TYPE: {"type": "string", "contentMediaType": ARROW_MEDIA_TYPE}},
)
async def query_shared_series(
    share: str, query: PanelsQuery, shared: SharedService, actor: Actor, heavy: HeavyWork
) -> Response:
    link = SharedLink.parse(share)
    ask = partial(shared.panels, actor, link, query.panels, full=query.full, reasons=query.reasons)
    return Reader(SharedPanels(ask, heavy, full=query.full), actor)


@routes.answers(endpoints.query_shared_histograms)
async def query_shared_histograms(
    share: str,
    query: HistogramQuery,
    request: Request,
    shared: SharedService,
    actor: Actor,
    heavy: HeavyWork,
) -> Response:
    def answer() -> Response:
        series = shared.histograms(actor, SharedLink.parse(share), query)
        return encode_answer(request.scope, HistogramList(series))

    async with heavy.room_for(actor, CHART, CHART_BYTES, request.receive):
        return await _threads.run(actor, answer)
