"""Locks of runs and versions: the refusal of a deletion, and the people who may unlock. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from weft.errors import Conflict, Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import Action, OwnedPath, may

_MAX_NAMED: Final = 10


def check_unlocked(locks: Mapping[str, str], subject: str) -> None:
    """Refuse with Conflict the deletion of `subject` if it has locked things.

    `locks` are the users who locked them, by names of things such as `run ab12cd34`.

    >>> check_unlocked({}, "project lab/mnist")
    """
    if locks:
        raise Conflict(f"{subject} has {locked_things(locks)}: unlock before deleting")


def check_projects_unlocked(locks: Mapping[str, Mapping[str, str]], subject: str) -> None:
    """Refuse with Conflict the deletion of `subject` if projects of it have locked things.

    `locks` are the users who locked them, by the paths of projects and the names of things.
    """
    things = {thing: user for project in locks.values() for thing, user in project.items()}
    if things:
        counts = ", ".join(f"{path} ({len(named)})" for path, named in locks.items())
        raise Conflict(
            f"{subject} has locked runs or versions in {counts}: {locked_things(things)}; unlock "
            "them, with `weft unlock` or on their pages, or move these projects away before "
            "deleting"
        )


def refusal_of_deletion(thing: str, user: str) -> Conflict:
    """The error of deleting a thing, or a part of it, that a user has locked."""
    return Conflict(f"{thing} is locked by {user}: unlock it before deleting")


def locked_things(locks: Mapping[str, str]) -> str:
    """The locked things and their users, in words.

    >>> locked_things({"run ab12cd34": "ada", "digits:v3": "bob"})
    'run ab12cd34, locked by ada, and digits:v3, locked by bob'
    """
    named = [f"{thing}, locked by {user}" for thing, user in list(locks.items())[:_MAX_NAMED]]
    if len(locks) > _MAX_NAMED:
        named.append(f"{len(locks) - _MAX_NAMED:,} more")
    return ", ".join(named[:-1]) + ", and " + named[-1] if len(named) > 1 else named[0]


def refusal_of_locking() -> Conflict:
    """The error of a lock in `weft ui`, whose run directories have no place for it."""
    return Conflict(
        "runs and versions in directories can't be locked, as anyone may remove the directory: "
        "send them to a server with `weft sync`, and lock them there"
    )


def refusal_of_unlocking(
    actor: Actor, path: OwnedPath, thing: str, user: str | None
) -> Forbidden | None:
    """The error if the actor may not unlock a thing that `user` locked; None if they may.

    The user may, and admins of the project.
    """
    if user in {None, actor.named_editor} or may(actor, Action.ADMIN, path):
        return None
    return Forbidden(f"{thing} is locked by {user}: they or an admin of the project may unlock it")
