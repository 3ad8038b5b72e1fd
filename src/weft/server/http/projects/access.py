"""Routes of the access to projects, and of their moves."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.http.server.state import ServerState
from weft.server.http.sign_in.cookies import SEE_AS_SECS, SeeAsState
from weft.server.services.access import SERVER, Action, Actor, ProjectPath, require
from weft.server.services.opening import Services
from weft.server.services.projects import AccessService, MoveService
from weft.wire.projects import access as endpoints
from weft.wire.projects.access import SeeAs

routes = Routes()

routes.bind(endpoints.get_project_access, AccessService.get)
routes.bind(endpoints.edit_project_access, AccessService.edit)
routes.bind(endpoints.explain_access, AccessService.explain)


@routes.answers(endpoints.see_project_as)
def see_project_as(
    path: ProjectPath,
    choice: SeeAs,
    request: Request,
    state: ServerState,
    services: Services,
    actor: Actor,
) -> Response:
    seen_as = services.access.see_as(actor, path, choice)
    until_micros = time.time_ns() // 1000 + SEE_AS_SECS * 1_000_000
    seen = SeeAsState(choice.role, seen_as.user, path.entity, path.project, until_micros)
    answer = Response(status_code=204)
    state.cookies.set_see_as(answer, request.scope, actor, seen)
    return answer


@routes.answers(endpoints.stop_seeing_as)
def stop_seeing_as(request: Request, state: ServerState, actor: Actor) -> Response:
    require(actor, Action.READ, SERVER)
    answer = Response(status_code=204)
    state.cookies.end_see_as(answer, request.scope)
    return answer


routes.bind(endpoints.move_project, MoveService.move, threads=COSTLY)
routes.bind(endpoints.move_projects, MoveService.move_many, threads=COSTLY)
