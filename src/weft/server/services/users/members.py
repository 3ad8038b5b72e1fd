"""Adds users who sign up, and follows what a provider says of their roles."""

from __future__ import annotations

import secrets

from weft.errors import ConfigError, Conflict
from weft.server.services.access.actors import Actor
from weft.server.services.access.directory import Directory
from weft.server.services.access.last_admins import is_last_admin
from weft.server.services.access.names import check_entity_name
from weft.server.services.access.roles import Role
from weft.server.services.stores.stores import Stores
from weft.server.services.users.accounts import check_mail_is_free
from weft.server.services.users.oidc.person import Person
from weft.server.settings import OidcProvider
from weft.server.storage.metadata import Transaction, UserRow


def as_user(stores: Stores, name: str) -> Actor:
    """The actor that a user is who signs in at this moment, for the audit log."""
    return Actor("user", name, people=stores.people)


def new_user(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    name: str,
    *,
    is_admin: bool = False,
    display_name: str = "",
    email: str | None = None,
    is_email_verified: bool = False,
    password_hash: str | None = None,
) -> None:
    """Add a user without a key.

    Conflict if the mail address is a user's, or a user, a team or an entity:
    projects that a removed user left behind are not for who signs up by that name.
    """
    check_entity_name(name, stores.people.current.names)
    if not stores.metadata.accounts.is_free(tx, name):
        raise Conflict(f"the name {name!r} is taken: choose another one")
    check_mail_is_free(stores, tx, email, name)
    row = UserRow(name, is_admin, stores.now())
    stores.metadata.users.add_user(tx, row, secrets.token_hex(16))
    stores.metadata.accounts.change(
        tx,
        name,
        display_name=display_name,
        email=email,
        is_email_verified=email is not None and is_email_verified,
        password_hash=password_hash,
    )
    stores.audit.note(
        tx, actor, "user.add", name, name, None, {"email": email, "is_admin": is_admin}
    )


def join(stores: Stores, tx: Transaction, actor: Actor, user: str, team: str, role: str) -> None:
    """Give a user a role in a team, unless the user has that or a higher one there."""
    current = stores.people.current.role_in_team(user, team)
    if current is None or current < Role.parse(role):
        stores.metadata.accounts.join_team(tx, user, team, role, stores.now())
        before = None if current is None else {"role": current.text}
        action = "member.add" if current is None else "member.role"
        stores.audit.note(tx, actor, action, team, user, before, {"role": role})


def is_free(stores: Stores, tx: Transaction, name: str) -> bool:
    """Whether someone who signs up can have a name."""
    try:
        check_entity_name(name, stores.people.current.names)
    except (ConfigError, Conflict):
        return False
    return stores.metadata.accounts.is_free(tx, name)


def roles_to_follow(
    directory: Directory, user: str, person: Person, provider: OidcProvider
) -> dict[str, str | None]:
    """The roles in teams that a person's groups change; None for a team that they leave.

    Teams that no group of the provider's settings names stay as they are, and so does the last
    admin of a team.
    """
    own_roles = person.roles(provider.groups)
    changes: dict[str, str | None] = {}
    for team in sorted({role.team for role in provider.groups} & directory.teams.keys()):
        current = directory.teams[team].members.get(user)
        role = own_roles.get(team)
        if role != (None if current is None else current.text) and not (
            is_last_admin(directory, team, user)
        ):
            changes[team] = role
    return changes


def follow_roles(stores: Stores, tx: Transaction, user: str, roles: dict[str, str | None]) -> None:
    """Give a user roles in teams; None takes the user out."""
    actor = as_user(stores, user)
    for team, role in roles.items():
        current = stores.people.current.role_in_team(user, team)
        before = None if current is None else {"role": current.text}
        if role is None:
            stores.metadata.accounts.leave_team(tx, user, team)
            stores.audit.note(tx, actor, "member.remove", team, user, before)
        else:
            stores.metadata.accounts.join_team(tx, user, team, role, stores.now())
            action = "member.add" if current is None else "member.role"
            stores.audit.note(tx, actor, action, team, user, before, {"role": role})
