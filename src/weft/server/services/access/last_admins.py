"""Checks that a server and each team keep an administrator. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from weft.errors import Conflict
from weft.server.services.access.directory import Directory
from weft.server.services.access.roles import Role


def check_admin_remains(directory: Directory, team: str, user: str) -> None:
    """Conflict if `user` is the only admin of a team who can sign in."""
    if is_last_admin(directory, team, user):
        raise Conflict(f"{user} is the last admin of the team {team}: name another one first")


def is_last_admin(directory: Directory, team: str, user: str) -> bool:
    """Whether `user` is the only admin of a team who can sign in."""
    members = directory.teams[team].members
    admins = [name for name, role in members.items() if role is Role.ADMIN]
    return user in admins and not _others(directory, admins, user)


def check_user_dispensable(directory: Directory, user: str) -> None:
    """Conflict if `user` is the last administrator of the server or the last admin of a team."""
    entry = directory.users.get(user)
    if entry is None or entry.is_disabled:
        return
    if entry.is_admin:
        check_administrator_remains(directory, user)
    for team, role in directory.teams_of(user).items():
        # A team of one person is left to the server's administrators.
        if role is Role.ADMIN and len(directory.teams[team].members) > 1:
            check_admin_remains(directory, team, user)


def check_administrator_remains(directory: Directory, user: str) -> None:
    """Conflict if `user` is the only administrator of the server who can sign in."""
    admins = (name for name, entry in directory.users.items() if entry.is_admin)
    if not _others(directory, admins, user):
        raise Conflict(
            f"{user} is the last administrator: make someone else one first, with `weft server "
            "user admin NAME`"
        )


def _others(directory: Directory, names: Iterable[str], user: str) -> list[str]:
    users = directory.users
    return [
        name
        for name in names
        # A service account has keys alone: it signs no one in who could name another admin.
        if name != user and not users[name].is_disabled and users[name].team is None
    ]
