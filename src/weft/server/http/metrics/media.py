"""Routes for media: which there are at a step, and at which steps. Calls `services.media`."""

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.media import MediaService
from weft.wire.metrics import media as endpoints

routes = Routes()

routes.bind(endpoints.query_media, MediaService.query, threads=COSTLY)
routes.bind(endpoints.list_media_steps, MediaService.steps, threads=COSTLY)
