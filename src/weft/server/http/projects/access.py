"""Routes of the access to projects, and of their moves."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.projects import AccessService, MoveService
from weft.wire.projects import access as endpoints

routes = Routes()

routes.bind(endpoints.get_project_access, AccessService.get)
routes.bind(endpoints.edit_project_access, AccessService.edit)
routes.bind(endpoints.explain_access, AccessService.explain)
routes.bind(endpoints.move_project, MoveService.move, threads=COSTLY)
routes.bind(endpoints.move_projects, MoveService.move_many, threads=COSTLY)
