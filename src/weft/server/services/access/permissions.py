"""Decides whether an actor may perform an action on a target; the only module that does.

Every public service function calls `require` first; `tests/architecture/test_permissions.py` lists
them all and fails for one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from weft.errors import Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath


class Action(Enum):
    """What an actor wants to do."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ServerObject:
    """The server as a whole: its list of projects, its settings."""


SERVER = ServerObject()

PermissionObject = ServerObject | ProjectPath | RunPath


def require(actor: Actor, action: Action, target: PermissionObject) -> None:
    """Return if `actor` may perform `action` on `target`.

    Without accounts the only actors are `local` and the server itself; both may do anything.

    Raises:
        Forbidden: the actor is known but lacks the permission.

    >>> from weft.server.services.access.actors import LOCAL
    >>> require(LOCAL, Action.READ, ProjectPath("local", "mnist"))
    """
    if actor.kind in {"local", "system"}:
        return
    raise Forbidden(f"{actor.kind} {actor.user!r} may not {action.value} {target}")
