"""Routes of projects."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.projects import ProjectService
from weft.wire.projects import projects as endpoints
from weft.wire.projects.projects import Project, ProjectActivityList, ProjectList, ProjectUndelete

routes = Routes()


@routes.answers(endpoints.list_projects)
def list_projects(services: Services, actor: Actor) -> ProjectList:
    return ProjectList(services.projects.list(actor))


@routes.answers(endpoints.list_activity, threads=COSTLY)
def list_activity(services: Services, actor: Actor, *, days: int) -> ProjectActivityList:
    return ProjectActivityList(services.projects.activity(actor, days))


routes.bind(endpoints.get_project, ProjectService.get)
routes.bind(endpoints.put_project, ProjectService.put)
routes.bind(endpoints.edit_project, ProjectService.edit)
routes.bind(endpoints.list_project_locks, ProjectService.locks)
routes.bind(endpoints.delete_project, ProjectService.delete, threads=COSTLY)


@routes.answers(endpoints.undelete_project)
def undelete_project(
    path: ProjectPath, services: Services, actor: Actor, options: ProjectUndelete
) -> Project:
    return services.projects.undelete(actor, path, name=options.name)
