"""The route that returns the alerts and gaps of runs. Calls `services.charting`."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.metrics import metrics as endpoints
from weft.wire.metrics.metrics import RunEventList, RunEventQuery

routes = Routes()


@routes.answers(endpoints.query_run_events, threads=COSTLY)
def query_run_events(
    path: ProjectPath, query: RunEventQuery, services: Services, actor: Actor
) -> RunEventList:
    return services.run_events.events(actor, path, query.runs)
