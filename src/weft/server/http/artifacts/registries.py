"""Routes of registries. Their collections and versions are at the addresses of artifacts."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, RegistryPath
from weft.server.services.opening import Services
from weft.wire.artifacts.registries import Registry, RegistryEdit, RegistryList

routes = Routes("/api/v1/registries", tag="registries")


@routes.get()
def list_registries(services: Services, actor: Actor) -> RegistryList:
    """List all registries, by name."""
    return RegistryList(registries=services.registries.list(actor))


@routes.get("/{registry}")
def get_registry(path: RegistryPath, services: Services, actor: Actor) -> Registry:
    """Return a registry: who may do what there, and which aliases are protected."""
    return services.registries.get(actor, path)


@routes.put("/{registry}")
def put_registry(
    path: RegistryPath,
    services: Services,
    actor: Actor,
    edit: RegistryEdit = RegistryEdit(),  # noqa: B008 - a frozen struct
) -> Registry:
    """Create a registry if it does not exist, and change it. Who creates it is its admin."""
    return services.registries.put(actor, path, edit)


@routes.patch("/{registry}")
def edit_registry(
    path: RegistryPath, edit: RegistryEdit, services: Services, actor: Actor
) -> Registry:
    """Describe a registry, give roles in it, and protect aliases. Only its admins may."""
    return services.registries.edit(actor, path, edit)


@routes.delete("/{registry}")
def delete_registry(path: RegistryPath, services: Services, actor: Actor) -> None:
    """Delete a registry that has no collections. Only its admins may."""
    services.registries.delete(actor, path)
