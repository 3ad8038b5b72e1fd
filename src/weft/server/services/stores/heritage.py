"""Keeps what removed users and teams left from newcomers of the same name."""

from __future__ import annotations

from weft.errors import Conflict
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction


def check_no_heritage(
    stores: Stores, tx: Transaction, name: str, kind: str, *, take_over: bool
) -> None:
    """Raise Conflict if an entity has the name of a new user or team, which would own its
    projects, unless it is to `take_over` them.
    """
    if take_over or stores.metadata.accounts.is_free(tx, name):
        return
    n_projects = len(stores.metadata.projects.ids_of_entities(tx, [name]))
    raise Conflict(
        f"the entity {name!r} is there already, with {n_projects} "
        f"project{'' if n_projects == 1 else 's'}, such as those of a user who was removed: "
        f"choose another name, or hand them to the new {kind} with take_over (--take-over)"
    )
