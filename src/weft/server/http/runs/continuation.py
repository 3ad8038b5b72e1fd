"""The route that returns what a script needs to resume, fork or rewind a run."""

from weft.server.http.routing.routes import Routes
from weft.server.services.runs import ContinuationService
from weft.wire.runs import continuation as endpoints

routes = Routes()

routes.bind(endpoints.get_continuation, ContinuationService.get)
