"""May this actor do this to that? The only place that answers.

Called first by every public service function; `tests/architecture/test_permissions.py` lists them
all and fails on one that does not ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from weft.errors import Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath


class Action(Enum):
    """What somebody wants to do."""

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
    """Return if `actor` may do `action` to `target`.

    Without accounts the only actors are `local` and the server itself, and both may do anything.

    Raises:
        Forbidden: the actor is known here and may not.

    >>> from weft.server.services.access.actors import LOCAL
    >>> require(LOCAL, Action.READ, ProjectPath("local", "mnist"))
    """
    if actor.kind in {"local", "system"}:
        return
    raise Forbidden(f"{actor.kind} {actor.user!r} may not {action.value} {target}")
