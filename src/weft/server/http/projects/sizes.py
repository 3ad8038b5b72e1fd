"""Routes that report how much disk space projects, runs and metrics take."""

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.runs import SizeService
from weft.wire.projects import sizes as endpoints

routes = Routes()

routes.bind(endpoints.get_project_sizes, SizeService.project, threads=COSTLY)
routes.bind(endpoints.get_run_sizes, SizeService.run, threads=COSTLY)
