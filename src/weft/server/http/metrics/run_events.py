"""The route that returns the alerts and gaps of runs. Calls `services.charting`."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.metrics.metrics import RunEventList, RunEventQuery

routes = Routes("/api/v1/projects/{entity}/{project}", tag="metrics")


@routes.post("/run-events", threads=COSTLY)
def query_run_events(
    path: ProjectPath, query: RunEventQuery, services: Services, actor: Actor
) -> RunEventList:
    """Query the alerts and gaps of some runs, oldest first, with the steps before and after."""
    return services.run_events.events(actor, path, query.runs)
