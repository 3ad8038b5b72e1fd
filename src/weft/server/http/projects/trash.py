"""Routes of the trash: list its content with sizes, and empty it."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.removal import TrashService
from weft.wire.projects import trash as endpoints
from weft.wire.projects.trash import Emptied, TrashedProjectList

routes = Routes()

routes.bind(endpoints.list_trash, TrashService.list, threads=COSTLY)


@routes.answers(endpoints.empty_trash, threads=COSTLY)
def empty_trash(path: ProjectPath, services: Services, actor: Actor) -> Emptied:
    return Emptied(services.trash.empty(actor, path))


@routes.answers(endpoints.list_trashed_projects)
def list_trashed_projects(services: Services, actor: Actor) -> TrashedProjectList:
    return TrashedProjectList(services.trash.list_projects(actor))


@routes.answers(endpoints.empty_trashed_projects, threads=COSTLY)
def empty_trashed_projects(services: Services, actor: Actor) -> Emptied:
    return Emptied(services.trash.empty_projects(actor))
