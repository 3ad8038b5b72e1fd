"""Routes of registries. Their collections and versions are at the addresses of artifacts."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor
from weft.server.services.artifacts import RegistryService
from weft.server.services.opening import Services
from weft.wire.artifacts import registries as endpoints
from weft.wire.artifacts.registries import RegistryList

routes = Routes()


@routes.answers(endpoints.list_registries)
def list_registries(services: Services, actor: Actor) -> RegistryList:
    return RegistryList(registries=services.registries.list(actor))


routes.bind(endpoints.get_registry, RegistryService.get)
routes.bind(endpoints.put_registry, RegistryService.put)
routes.bind(endpoints.edit_registry, RegistryService.edit)
routes.bind(endpoints.delete_registry, RegistryService.delete)
