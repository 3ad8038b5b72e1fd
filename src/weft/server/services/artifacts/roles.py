"""Rights in a registry: reads a user's role in the transaction that makes a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from weft.errors import Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import CollectionRow, RegistryRow, Transaction
from weft.wire.artifacts.registries import ADMIN, MEMBER, VIEWER

ROLES: Final = (VIEWER, MEMBER, ADMIN)
"""In ascending order of rights."""


def role_of(stores: Stores, tx: Transaction, actor: Actor, registry: RegistryRow) -> str:
    """The role that an actor has in a registry. Administrators are admins of all registries."""
    if actor.is_admin or actor.kind != "user" or actor.user is None:
        return ADMIN
    members = stores.metadata.registries.members(tx, [registry.row_id])[registry.row_id]
    return members.get(actor.user, registry.default_role)


def require_role(
    stores: Stores, tx: Transaction, actor: Actor, registry: RegistryRow, least: str, action: str
) -> None:
    """Return if an actor has a role in a registry, or one that may do more; Forbidden names the
    action.
    """
    role = role_of(stores, tx, actor, registry)
    if ROLES.index(role) < ROLES.index(least):
        raise Forbidden(
            f"user {actor.user} may not {action} in the registry {registry.name}: that takes the "
            f"role {least}, and theirs is {role}"
        )


def require_member(
    stores: Stores, tx: Transaction, actor: Actor, collection: CollectionRow, moved: Iterable[str]
) -> None:
    """Return if an actor may change a collection and move some of its aliases.

    That of a project: who may change the project may. Of a registry: its members may, and only
    its admins move protected aliases.
    """
    registries = stores.metadata.registries
    registry = registries.get(tx, collection.project_id)
    if registry is None:
        return
    require_role(stores, tx, actor, registry, MEMBER, "change versions")
    protected = registries.protected(tx, [registry.row_id])[registry.row_id]
    for alias in sorted(set(moved) & set(protected)):
        require_role(stores, tx, actor, registry, ADMIN, f"move the protected alias {alias!r}")
