"""The route that returns charts: exact buckets of many runs and metrics, panel by panel.

Judges the reader and names the query; `shared_panels` has `services.charting` compute the answer,
or joins one that is being computed for an equal query.
"""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE
from weft.server.http.metrics.shared_panels import Reader, RecentPanels, SharedPanels
from weft.server.http.projects.live import LiveStreams
from weft.server.http.routing.routes import Routes
from weft.server.services.access import SYSTEM, Action, Actor, ProjectPath, require
from weft.server.services.opening import Services
from weft.wire.metrics import charts as endpoints
from weft.wire.metrics.charts import PanelsQuery

routes = Routes()


@routes.answers(
    endpoints.query_series,
    answer_text="an Arrow IPC stream, one record batch per panel in the order asked, each sent "
    "when it is ready; its columns are at /docs/http-api",
    media={ARROW_MEDIA_TYPE: {"type": "string", "contentMediaType": ARROW_MEDIA_TYPE}},
    bare=True,
)
async def query_series(
    path: ProjectPath,
    query: PanelsQuery,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
    recent: RecentPanels,
    streams: LiveStreams,
    *,
    seen_micros: int | None,
) -> Response:
    require(actor, Action.READ, path)  # also where the answer is there already
    panels = recent.find(path, query, seen_micros)
    if panels is None:
        ask = partial(
            services.series.panels,
            SYSTEM,
            path,
            query.panels,
            full=query.full,
            reasons=query.reasons,
        )
        panels = SharedPanels(ask, heavy, recent.batches, full=query.full)
        recent.add(path, query, panels.began_micros, panels)
    return Reader(panels, actor, partial(streams.note_answer, path))
