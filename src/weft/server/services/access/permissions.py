"""Decides whether an actor may perform an action on a target; the only module that does.

Every public service function calls `require` first; `tests/architecture/test_permissions.py` lists
them all and fails for one that does not. Lists leave out what `may` refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from weft.errors import Forbidden, Moved, NotFound
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import Actor, SeenAs
from weft.server.services.access.directory import OUTSIDER, Grant
from weft.server.services.access.paths import (
    EntityPath,
    ProjectPath,
    RegistryPath,
    RunPath,
    SharedLink,
    TrashedTeamPath,
)
from weft.server.services.access.roles import Role


class Action(Enum):
    """An action on a target."""

    READ = "read"
    LOG = "log"
    """Send runs and what belongs to them."""
    WRITE = "write"
    SHARE = "share"
    """Show a part of a project to anyone who has a link."""
    DELETE = "delete"
    ADMIN = "admin"
    """Change settings, visibility and roles; delete a whole project."""

    # Enum's own hash is a call in Python, and each decision looks actions up.
    __hash__ = object.__hash__


# `Action.READ` is a call in Python up to 3.11.
_READ: Final = Action.READ
_SHARE: Final = Action.SHARE
_LOG: Final = Action.LOG


@dataclass(frozen=True, slots=True)
class ServerObject:
    """The server as a whole: its list of projects, its settings."""


SERVER = ServerObject()

OwnedPath = EntityPath | ProjectPath | RunPath | RegistryPath | TrashedTeamPath
_Owned = ServerObject | OwnedPath
_OF_PROJECT: Final = (ProjectPath, RunPath)

PermissionObject = _Owned | SharedLink

LEAST_ROLE: Final = {
    Action.READ: Role.VIEWER,
    Action.LOG: Role.MEMBER,
    Action.WRITE: Role.MEMBER,
    Action.SHARE: Role.MEMBER,
    Action.DELETE: Role.MEMBER,
    Action.ADMIN: Role.ADMIN,
}

_VERBS: Final = {
    Action.READ: "read",
    Action.LOG: "log to",
    Action.WRITE: "change",
    Action.SHARE: "share",
    Action.DELETE: "delete in",
    Action.ADMIN: "manage",
}

SCOPES: Final = ("read", "log", "write", "admin")
"""Scopes of keys: each allows what those before it allow."""

_SCOPE_OF: Final = {
    Action.READ: 0,
    Action.LOG: 1,
    Action.WRITE: 2,
    Action.SHARE: 2,
    Action.DELETE: 2,
    Action.ADMIN: 3,
}

NO_SHARE: Final = (
    "this link shows nothing: it has ended, was revoked, or is not whole; ask who sent it to you "
    "for a new one"
)
"""The answer to all links that open nothing: one that never was is like one that was."""

_ADMINISTRATOR: Final = Grant(Role.ADMIN, "an administrator of the server")
_SHARED: Final = Grant(Role.VIEWER, "shared with the actor")
_LIMITED: Final = Grant(None, "beyond the limits of the actor's key, link or view")
_NO_PROJECT: Final = Grant(None, "a registry has links to artifacts, and nothing else of projects")


def require(actor: Actor, action: Action, target: PermissionObject) -> None:
    """Return if `actor` may perform `action` on `target`.

    The server's own user, administrators and the server itself may do anything. Others have roles
    (`Directory.grant`), and a key may allow less than its user may. A registry has no runs and
    other things of projects, also for administrators.

    Raises:
        NotFound: the target is a project of the actor's team that the actor may not see; the
            answer is that for a project that does not exist, and takes as many statements.
        Moved: the project is elsewhere now, and the actor may see it there. To log to one of its
            runs needs the right there; `RunRegistry.resolve_moves` finds it.
        Forbidden: the actor may not do it. For a project that the actor may not see, the answer is
            the same whether it exists or not.

    >>> from weft.server.services.access.actors import LOCAL
    >>> require(LOCAL, Action.READ, ProjectPath("local", "mnist"))
    """
    if (paths := actor.people.current.moved) and isinstance(target, _OF_PROJECT):
        moved = paths.get(target[:2])
        if moved is not None and may(actor, _READ, ProjectPath(*moved)):
            if action is _LOG and isinstance(target, RunPath):
                # What a script still sends to the old path arrives at the new one.
                require(actor, action, RunPath(*moved, target.run))
                return
            path = "/".join((*moved, *target[2:]))
            raise Moved(f"project {target.entity}/{target.project} was moved", path=path)
    granted = _granted(actor, action, target)
    role = granted.role
    if role is not None and role >= LEAST_ROLE[action]:
        return
    if granted is OUTSIDER and isinstance(target, _OF_PROJECT):  # most refusals
        raise _OutsiderRefusal(actor, target)
    raise _refusal(actor, action, target)


def require_own(actor: Actor, target: OwnedPath) -> None:
    """Return if a user may change their own part of what they may read, such as leave a team.

    Forbidden if the actor's key is too narrow, or they look as another role would.
    """
    if actor.seen_as is not None or not _key_allows(actor, Action.ADMIN, target):
        raise _refusal(actor, Action.ADMIN, target)


def may(actor: Actor, action: Action, target: PermissionObject) -> bool:
    """Whether `actor` may perform `action` on `target`.

    >>> ada = Actor("user", "ada")
    >>> [may(ada, Action.WRITE, ProjectPath(entity, "mnist")) for entity in ("ada", "bob")]
    [True, False]
    """
    role = _granted(actor, action, target).role
    return role is not None and role >= LEAST_ROLE[action]


def _granted(actor: Actor, action: Action, target: PermissionObject) -> Grant:
    """The role of an actor for an action on a target, within the limits of their key and view."""
    if isinstance(target, SharedLink):
        return _SHARED if actor.share == target.share else _LIMITED
    if actor.share is not None or (
        actor.key is not None and not _key_allows(actor, action, target)
    ):
        return _LIMITED
    if action is not _READ and (
        actor.seen_as is not None or (action is _SHARE and is_closed(actor, target))
    ):
        return _LIMITED
    if isinstance(target, ServerObject):
        if actor.may_all:
            return _ADMINISTRATOR
        is_outside = actor.kind == "anyone" and not actor.people.current.has_public
        return _LIMITED if is_outside else _SHARED
    return grant(actor, target)


def project_roles(actor: Actor) -> Callable[[str, str], Role | None]:
    """The function that returns the actor's role in a project, None if they may not read it.

    It decides as `may` and `grant` do, for lists of thousands of projects: what is the same for
    all of them is decided once.

    >>> role = project_roles(Actor("user", "ada"))
    >>> role("ada", "mnist"), role("bob", "mnist")
    (<Role.ADMIN: 3>, None)
    """
    key = actor.key
    if actor.share is not None or actor.seen_as is not None or (key and key.entity is not None):
        return lambda *names: (
            grant(actor, path).role if may(actor, _READ, path := ProjectPath(*names)) else None
        )
    if actor.may_all:
        return lambda entity, _: None if entity == REGISTRY else _ADMINISTRATOR.role
    user, grant_in = actor.user, actor.people.current.grant
    return lambda entity, project: (
        None if entity == REGISTRY else grant_in(user, entity, project).role
    )


def oneself(actor: Actor) -> ServerObject | EntityPath:
    """The target of what users may do with their own account, if their key may do all that they
    may.
    """
    is_limited = actor.key is not None and actor.key.entity is not None
    return SERVER if actor.user is None or is_limited else EntityPath(actor.user)


def is_closed(actor: Actor, target: PermissionObject) -> bool:
    """Whether a target is a closed team's, of which nothing is shared."""
    team = actor.people.current.teams.get(getattr(target, "entity", ""))
    return team is not None and team.is_closed


def grant(actor: Actor, target: OwnedPath) -> Grant:
    """The role of an actor for a target, without the limits of a key, and why."""
    if isinstance(target, _OF_PROJECT):
        entity, project = target.entity, target.project
        if entity == REGISTRY:
            return _NO_PROJECT
        if actor.may_all:
            granted = _ADMINISTRATOR
        else:
            granted = actor.people.current.grant(actor.user, entity, project)
    elif actor.may_all:
        granted = _ADMINISTRATOR
    elif isinstance(target, RegistryPath):
        granted = _grant_in_registry(actor, target.registry)
    else:
        granted = _grant_in_entity(actor, target)
    if actor.seen_as is None or granted.role is None:
        return granted
    return _seen_grant(actor, actor.seen_as, granted, target)


def _seen_grant(actor: Actor, seen_as: SeenAs, own: Grant, target: OwnedPath) -> Grant:
    """The role in the view that an actor takes: never more than the actor's own.

    What the actor does not manage is shown as to everyone who is signed in: the roles of others
    there are not for the actor to learn.
    """
    directory = actor.people.current
    manages = own.role is Role.ADMIN
    if manages and seen_as.user is not None:
        entry = directory.users.get(seen_as.user)
        if entry is None or entry.is_disabled:
            return Grant(None, "{} has no account that is enabled", (seen_as.user,))
        person = Actor("user", entry.name, is_admin=entry.is_admin, people=actor.people)
        return grant(person, target)
    role = seen_as.role if manages else None
    if isinstance(target, RegistryPath):
        entity, project = REGISTRY, target.registry
    elif isinstance(target, _OF_PROJECT):
        entity, project = target.entity, target.project
    else:
        return Grant(role, "seen as {}", (seen_as.shown,))
    granted = directory.grant_of_role(role, entity, project)
    return own if (granted.role or 0) > (own.role or 0) else granted


def _grant_in_registry(actor: Actor, registry: str) -> Grant:
    directory = actor.people.current
    if actor.user is not None and (REGISTRY, registry) not in directory.projects:
        # It does not exist yet, or is added in this very transaction.
        return Grant(Role.MEMBER, "new registries are open")
    return directory.grant(actor.user, REGISTRY, registry)


def _grant_in_entity(actor: Actor, target: EntityPath | TrashedTeamPath) -> Grant:
    directory, user = actor.people.current, actor.user or ""
    if isinstance(target, TrashedTeamPath):
        team = directory.trashed_teams.get(target.trashed_team)
        role = None if team is None else team.members.get(user)
    elif user and target.entity == user:
        return Grant(Role.ADMIN, "the user's own entity")
    else:
        role = directory.role_in_team(user, target.entity)
    if role is None:
        return Grant(None, "not a member of {}", (target,))
    return Grant(role, "{.text} of the team {}", (role, target))


def _key_allows(actor: Actor, action: Action, target: _Owned) -> bool:
    key = actor.key
    if key is None:
        return True
    if SCOPES.index(key.scope) < _SCOPE_OF[action]:
        return False
    if key.entity is None or isinstance(target, ServerObject):
        # A key for one project must not manage the server, but it lists what it may see.
        return key.entity is None or action is Action.READ
    if isinstance(target, (RegistryPath, TrashedTeamPath)):
        return action is Action.READ
    if target.entity != key.entity:
        return False
    if key.project is None:
        return True
    if isinstance(target, EntityPath):
        return action is Action.READ
    return target.project == key.project


def _refusal(actor: Actor, action: Action, target: PermissionObject) -> Exception:
    """The error of what `actor` may not do."""
    if isinstance(target, SharedLink):
        return NotFound(NO_SHARE)
    if actor.seen_as is not None and action is not _READ:
        return Forbidden(
            f"nothing can be changed while you look at pages as {actor.seen_as.shown}: go back to "
            "your own view first"
        )
    who = _named(actor)
    if isinstance(target, _OF_PROJECT):
        return _project_refusal(actor, action, target, who)
    if isinstance(target, ServerObject):
        if actor.key is not None and not _key_allows(actor, action, target):
            return _refused_key(actor, action, "the server")
        return Forbidden(f"only administrators may do this, and {actor.shown} is not one")
    if isinstance(target, RegistryPath):
        if not may(actor, _READ, target):
            return NotFound(f"no registry {target.registry!r}")
        return _too_weak_role(actor, action, target, f"the registry {target.registry}", who)
    if grant(actor, target).role is None:
        return Forbidden(f"{who} is not a member of {target}")
    return _too_weak_role(actor, action, target, str(target), who)


def _named(actor: Actor) -> str:
    return "someone who is not signed in" if actor.user is None else f"user {actor.user}"


def _project_refusal(
    actor: Actor, action: Action, target: ProjectPath | RunPath, who: str
) -> Exception:
    project = f"{target.entity}/{target.project}"
    if action is _SHARE and may(actor, Action.WRITE, target):
        return Forbidden(f"nothing of {target.entity} can be shared: the team is closed")
    if target.entity == REGISTRY:
        return Forbidden(
            f"{project} is a registry: it has links to artifacts, and nothing else that projects "
            "have"
        )
    granted = grant(actor, target)
    if granted.role is not None:
        return _too_weak_role(actor, action, target, project, who)
    if target.entity == actor.user:  # a service account
        return Forbidden(f"{who} has no projects of its own: {granted.reason}")
    in_team = grant(actor, EntityPath(target.entity)).role
    if in_team is None:
        return _OutsiderRefusal(actor, target)
    if in_team < LEAST_ROLE[action]:
        return _too_weak_role(actor, action, EntityPath(target.entity), project, who)
    # The answer that a project gets that is not there.
    actor.people.look_for(target)
    run = target.run if isinstance(target, RunPath) else ""
    return NotFound(f"no run {project}/{run}" if run else f"no project {project}")


class _OutsiderRefusal(Forbidden):
    """The refusal for a project of others, the most frequent one: its sentence is written when it
    is read. It names no person: who is in a team is for its members.
    """

    def __str__(self) -> str:
        actor: Actor
        actor, (entity, project, *_) = self.args
        if entity in actor.people.current.teams:
            owner = f"the team {entity}; ask an admin of {entity}"
        else:
            owner = f"{entity}; ask {entity} or an administrator of this server"
        return f"{_named(actor)} may not use {entity}/{project}: it belongs to {owner} for access"


def _too_weak_role(
    actor: Actor,
    action: Action,
    target: OwnedPath,
    named: str,
    who: str,
) -> Forbidden:
    """The refusal for a target that the actor sees."""
    if not _key_allows(actor, action, target):
        return _refused_key(actor, action, named)
    role = grant(actor, target).role
    assert role is not None
    return Forbidden(
        f"{who} may not {_VERBS[action]} {named}: that takes the role "
        f"{LEAST_ROLE[action].text}, and theirs is {role.text}"
    )


def _refused_key(actor: Actor, action: Action, named: str) -> Forbidden:
    assert actor.key is not None
    key = actor.key
    limit = f", for {(key.project and f'{key.entity}/{key.project}') or key.entity} alone"
    return Forbidden(
        f"the key {key.prefix}… may not {_VERBS[action]} {named}: its scope is {key.scope}"
        f"{limit if key.entity else ''}"
    )
