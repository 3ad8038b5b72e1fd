"""Routes of what is shared: `admission` lets those pass who have a share's link."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError
from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork
from weft.server.http.admission.sharing import COSTLY, SharedThreads
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE
from weft.server.http.answers.contents import CONTENT, Content, answer_content
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.metrics.metrics import listed
from weft.server.http.metrics.shared_panels import Reader, SharedPanels
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Routes
from weft.server.http.runs.selecting import groups_of, selection_of
from weft.server.services.access import Actor, SharedLink
from weft.server.services.sharing import SharedService
from weft.wire.files.files import FileList
from weft.wire.metrics.charts import HistogramList, HistogramQuery, PanelsQuery
from weft.wire.metrics.metrics import LatestList, LatestQuery, MetricNames
from weft.wire.projects import shares as endpoints
from weft.wire.projects.shares import SharedSet
from weft.wire.runs.logs import LogPage
from weft.wire.runs.runs import Run, RunList
from weft.wire.runs.selecting import GroupList, GroupQuery, RunQuery, Table

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


@routes.answers(endpoints.group_shared_runs, threads=COSTLY)
def group_shared_runs(
    share: str, query: GroupQuery, shared: SharedService, actor: Actor
) -> GroupList:
    return shared.groups(actor, SharedLink.parse(share), groups_of(query))


@routes.answers(endpoints.get_shared_run)
def get_shared_run(share: str, run: str, shared: SharedService, actor: Actor) -> Run:
    return shared.run(actor, SharedLink.parse(share), run)


@routes.answers(endpoints.list_shared_files, threads=COSTLY)
def list_shared_files(
    share: str, run: str, shared: SharedService, actor: Actor, *, limit: int, cursor: str | None
) -> FileList:
    return shared.files(actor, SharedLink.parse(share), run, limit, cursor)


@routes.answers(endpoints.download_shared_file, **CONTENT)
def download_shared_file(
    share: str,
    run: str,
    path: str,
    request: Request,
    shared: SharedService,
    actor: Actor,
    *,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    link = SharedLink.parse(share)
    target, file = shared.file(actor, link, run, path)
    return answer_content(
        request,
        Content(file.path, file.n_bytes, file.sha256, file.media_type, file.created_micros),
        partial(shared.content, actor, link, target, file),
        is_lasting=False,
        if_none_match=if_none_match,
        if_range=if_range,
    )


@routes.answers(endpoints.get_shared_lines, threads=COSTLY)
def get_shared_lines(
    share: str,
    run: str,
    shared: SharedService,
    actor: Actor,
    *,
    start: int,
    limit: int,
    tail: bool,
) -> LogPage:
    if tail and start:
        raise ConfigError("tail can't be combined with start", field="tail")
    return shared.lines(actor, SharedLink.parse(share), run, start=start, limit=limit, tail=tail)


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
