"""The route of what happened in runs besides their values. Asks `services.charting`."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor
from weft.server.services.opening import Services
from weft.wire.metrics import RunEventList, RunEventQuery

routes = Routes("/api/v1/projects/{entity}/{project}", tag="metrics")


@routes.post("/run-events")
def query_run_events(
    entity: str, project: str, asked: RunEventQuery, services: Services, actor: Actor
) -> RunEventList:
    """Alerts and gaps of some runs, oldest first, each with the steps before and after it."""
    return services.run_events.events(actor, entity, project, asked.runs)
