"""The route that returns what a script needs to resume, fork or rewind a run."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services
from weft.wire.runs.continuation import Continuation

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}", tag="runs")


@routes.get("/continuation")
def get_continuation(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    step: int | float | None = None,
    joining: bool = False,
) -> Continuation:
    """Return a run as it was at a step, by default as it is now, to a script that continues it."""
    return services.continuation.get(actor, path, step, joining=joining)
