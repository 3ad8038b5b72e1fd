"""Protected aliases of registries, which only their admins move."""

from __future__ import annotations

from collections.abc import Iterable

from weft.errors import Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import RegistryPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import CollectionRow, Transaction


def require_member(
    stores: Stores, tx: Transaction, actor: Actor, collection: CollectionRow, moved: Iterable[str]
) -> None:
    """Return if an actor may change a collection and move some of its aliases.

    In a project, all who may change the project may. In a registry its members may, and only its
    admins move protected aliases.
    """
    registries = stores.metadata.registries
    registry = registries.get(tx, collection.project_id)
    if registry is None:
        return
    path = RegistryPath(registry.name)
    require(actor, Action.LOG, path)
    if may(actor, Action.ADMIN, path):
        return
    protected = registries.protected(tx, [registry.row_id])[registry.row_id]
    for alias in sorted(set(moved) & set(protected)):
        raise Forbidden(
            f"user {actor.user} may not move the protected alias {alias!r} in the registry "
            f"{registry.name}: that takes the role admin"
        )
