"""Decides whether an actor may perform an action on a target; the only module that does.

Every public service function calls `require` first; `tests/architecture/test_permissions.py` lists
them all and fails for one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from weft.errors import Forbidden
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath, RunPath


class Action(Enum):
    """An action on a target."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ServerObject:
    """The server as a whole: its list of projects, its settings."""


SERVER = ServerObject()

PermissionObject = ServerObject | ProjectPath | RunPath | RegistryPath


def require(actor: Actor, action: Action, target: PermissionObject) -> None:
    """Return if `actor` may perform `action` on `target`.

    The server's own user, administrators and the server itself may do anything. Other users may
    do anything with the projects of their own entity, and nothing with others. The
    answer is the same whether such a project exists or not.

    All users may see registries. A user's role decides the changes allowed there. It is in the
    metadata: `services.artifacts.roles` asks for it in the transaction that makes the change.
    A registry has no runs and other things of projects, also for administrators.

    >>> from weft.server.services.access.actors import LOCAL
    >>> require(LOCAL, Action.READ, ProjectPath("local", "mnist"))
    """
    if may_act_for(actor, target):
        return
    if isinstance(target, ServerObject):
        if action is Action.READ:
            return
        raise Forbidden(f"only administrators may do this, and {actor.user} is not one")
    assert not isinstance(target, RegistryPath)
    if target.entity == REGISTRY:
        raise Forbidden(
            f"{target.entity}/{target.project} is a registry: it has links to artifacts, and "
            "nothing else that projects have"
        )
    project = f"{target.entity}/{target.project}"
    raise Forbidden(f"user {actor.user} may not use {project}: it belongs to {target.entity}")


def may_act_for(actor: Actor, target: PermissionObject) -> bool:
    """Whether `actor` may do anything with `target`; lists leave out what this refuses.

    >>> ada = Actor("user", "ada")
    >>> [may_act_for(ada, ProjectPath(entity, "mnist")) for entity in ("ada", "bob")]
    [True, False]
    """
    if isinstance(target, RegistryPath):
        return True
    if not isinstance(target, ServerObject) and target.entity == REGISTRY:
        return False
    if actor.is_admin or actor.kind in {"local", "system"}:
        return True
    return not isinstance(target, ServerObject) and target.entity == actor.user
