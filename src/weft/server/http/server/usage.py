"""Routes of usage and quotas."""

from __future__ import annotations

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.usage import RetentionService, UsageService
from weft.wire.server import usage as endpoints
from weft.wire.server.usage import EntityUsage, QuotaEdit

routes = Routes()

routes.bind(endpoints.get_usage, UsageService.get, threads=COSTLY)
routes.bind(endpoints.set_entity_quota, UsageService.set_entity_quota, threads=COSTLY)
routes.bind(endpoints.get_retention, RetentionService.get)
routes.bind(endpoints.set_retention, RetentionService.set, threads=COSTLY)
routes.bind(endpoints.preview_retention, RetentionService.preview, threads=COSTLY)


@routes.answers(endpoints.set_project_quota, threads=COSTLY)
def set_project_quota(
    path: ProjectPath, edit: QuotaEdit, services: Services, actor: Actor
) -> EntityUsage:
    return services.usage.set_project_quota(actor, path, edit)
