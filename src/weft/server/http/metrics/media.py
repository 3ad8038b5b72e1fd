"""Routes for media: which there are at a step, and at which steps. Calls `services.media`."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.metrics.media import MediaList, MediaQuery, MediaSteps, MediaStepsQuery

routes = Routes("/api/v1/projects/{entity}/{project}/media", tag="metrics")


@routes.post("/query", threads=COSTLY)
def query_media(
    path: ProjectPath, query: MediaQuery, services: Services, actor: Actor
) -> MediaList:
    """Return the images and other media of runs at a step, with the states of their files."""
    return services.media.query(actor, path, query)


@routes.post("/steps", threads=COSTLY)
def list_media_steps(
    path: ProjectPath, query: MediaStepsQuery, services: Services, actor: Actor
) -> MediaSteps:
    """List the steps at which any of some metrics of some runs has an object."""
    return services.media.steps(actor, path, query)
