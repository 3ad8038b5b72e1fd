"""Adds, lists and removes users, changes keys and finds their owners. Uses the stores."""

from __future__ import annotations

import builtins
import itertools
import secrets
from typing import Any

from weft.errors import Conflict, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.directory import KeyEntry
from weft.server.services.access.last_admins import check_user_dispensable
from weft.server.services.access.names import check_entity_name
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import SCOPES, SERVER, Action, may, oneself, require
from weft.server.services.removal.moving_projects import finish_project_moves, move_project
from weft.server.services.stores.heritage import check_no_heritage
from weft.server.services.stores.stores import Stores
from weft.server.services.users.accounts import check_mail_is_free
from weft.server.services.users.keys import check_key, hash_key, key_prefix, new_key
from weft.server.services.users.mail import check_mail
from weft.server.storage.metadata import KeyRow, Transaction, UserRow, UserScope
from weft.wire.server.users import (
    HandedOver,
    NewUser,
    User,
    UserList,
    UserMatch,
    UserMatches,
    UserRemoval,
)


class UserService:
    """Users and their keys. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people = stores.people

    def add_user(
        self,
        actor: Actor,
        name: str,
        *,
        is_admin: bool = False,
        api_key: str | None = None,
        email: str | None = None,
        take_over: bool = False,
    ) -> NewUser:
        """Add a user, who owns the entity of the same name, with a random key by default.

        The server keeps only a hash of the key, so no one sees it again. Conflict if there is an
        entity of the name, such as a removed user's, unless the new user is to
        `take_over` what it has.
        """
        require(actor, Action.ADMIN, SERVER)
        key = new_key() if api_key is None else check_key(api_key)
        email = None if email is None else check_mail(email).lower()
        row = UserRow(name, is_admin, self._stores.now())
        with self._people.write() as tx:
            check_entity_name(name, self._people.current.names)
            check_no_heritage(self._stores, tx, name, "user", take_over=take_over)
            if not self._stores.metadata.users.add_user(tx, row, secrets.token_hex(16)):
                raise Conflict(f"there is a user {name!r} already")
            self._add_key(tx, name, key)
            after: dict[str, Any] = {"is_admin": is_admin, "prefix": key_prefix(key)}
            if email is not None:
                check_mail_is_free(self._stores, tx, email, name)
                self._stores.metadata.accounts.change(
                    tx, name, email=email, is_email_verified=True
                )
                after["email"] = email
            if take_over:
                after["took_over"] = True
            self._stores.audit.note(tx, actor, "user.add", name, name, after=after)
        return NewUser(name=name, is_admin=is_admin, api_key=key)

    def list(self, actor: Actor, *, search: str = "", limit: int | None = None) -> UserList:
        """List the first users with `search` in their name or mail address, by name."""
        require(actor, Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.users.list(tx, search.strip(), limit)
            n_users = self._stores.metadata.users.count(tx, search.strip())
            entries = self._people.current.users
        room = self._stores.room
        sizes = room.used_bytes([row.name for row in rows])
        users = [
            User(
                name=row.name,
                display_name=row.display_name,
                is_admin=row.is_admin,
                email=row.email,
                created_micros=row.created_micros,
                seen_micros=row.seen_micros,
                n_bytes=sizes[row.name],
                quota_bytes=room.limits.quota_bytes,
                is_disabled=entries[row.name].is_disabled,
                team=entries[row.name].team,
            )
            for row in rows
            # one who was added in this moment has no entry yet
            if row.name in entries
        ]
        return UserList(users, n_users)

    def match(self, actor: Actor, *, search: str, limit: int) -> UserMatches:
        """Find the first users with `search` in their name, among those whom the actor may know:
        all for administrators, members of the same teams for others.
        """
        require(actor, Action.READ, SERVER)
        is_admin = may(actor, Action.ADMIN, SERVER)
        entries = self._people.current.users
        scope = None if is_admin else UserScope(self._teams_of(actor), actor.user)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.users.match(tx, search.strip(), scope, limit)
        return UserMatches(
            [
                UserMatch(
                    name=name,
                    display_name=display_name,
                    is_disabled=entries[name].is_disabled,
                    team=entries[name].team,
                )
                for name, display_name in rows
                if name in entries
            ]
        )

    def _teams_of(self, actor: Actor) -> builtins.list[str]:
        teams = self._people.current.teams
        return [team for team in teams if may(actor, Action.READ, EntityPath(team))]

    def remove(self, actor: Actor, name: str, *, hand_to: str | None = None) -> UserRemoval:
        """Remove a user. Their keys stop working at once; their projects stay.

        With `hand_to`, a user or team gets the projects, whose old addresses lead to them. One
        whose name is taken there gets the user's name before its own. Conflict for the last
        administrator, and the last admin of a team.
        """
        require(actor, Action.ADMIN, SERVER)
        stores = self._stores
        runs: dict[ProjectPath, builtins.list[str]] = {}
        with stores.presence, self._people.write() as tx:
            people = self._people.current
            if name not in people.users:
                raise _no_user(name)
            check_user_dispensable(people, name)
            if hand_to == name or (hand_to and hand_to not in {*people.users, *people.teams}):
                raise NotFound(f"no other user or team {hand_to!r} to hand the projects to")
            moves = [] if hand_to is None else self._moves(tx, name, hand_to)
            for path, to in moves:
                runs[to] = move_project(stores, tx, path, to)
            after = {str(path): str(to) for path, to in moves}
            if moves:
                stores.audit.note(tx, actor, "user.hand_over", name, name, None, after)
            stores.audit.note(tx, actor, "user.remove", "", name)
            stores.metadata.users.remove(tx, name)
        finish_project_moves(stores, moves, runs)
        return UserRemoval(
            removed=name,
            projects=[HandedOver(project=path.project, moved_to=str(to)) for path, to in moves],
        )

    def _moves(
        self, tx: Transaction, name: str, hand_to: str
    ) -> builtins.list[tuple[ProjectPath, ProjectPath]]:
        projects = self._stores.metadata.projects
        moves: builtins.list[tuple[ProjectPath, ProjectPath]] = []
        for project in projects.names_of_entity(tx, name):
            to = ProjectPath(hand_to, project)
            for nth in itertools.count(1):
                if projects.find_project(tx, *to) is None:
                    break
                to = ProjectPath(hand_to, f"{name}-{project}{f'-{nth}' if nth > 1 else ''}")
            moves.append((ProjectPath(name, project), to))
        return moves

    def change_key(self, actor: Actor, name: str, *, api_key: str | None = None) -> NewUser:
        """Give a user another key.

        The old one stops working at once, and so does what it allowed. Users may change their own
        key, administrators any.
        """
        # A key that may less than its user must not get one that may more.
        require(actor, Action.ADMIN, oneself(actor) if actor.user == name else SERVER)
        key = new_key() if api_key is None else check_key(api_key)
        with self._people.write() as tx:
            users = self._stores.metadata.users
            if not users.set_seal(tx, name, secrets.token_hex(16)):
                raise _no_user(name)
            self._stores.metadata.keys.remove_of_user(tx, name)
            self._add_key(tx, name, key)
            after = {"prefix": key_prefix(key)}
            self._stores.audit.note(tx, actor, "key.replace", name, name, after=after)
        is_admin = self._people.current.users[name].is_admin
        return NewUser(name=name, is_admin=is_admin, api_key=key)

    def owner(self, actor: Actor, key: str) -> Actor | None:
        """The user that a key belongs to. None if no user has it, or it has expired."""
        require(actor, Action.READ, SERVER)
        # The time a look-up takes tells about the hash of a guess, never about a key.
        entry = self._people.current.keys.get(hash_key(key))
        if entry is None or self._has_ended(entry):
            return None
        return self._actor(entry.user, entry)

    def key_refusal(self, actor: Actor, key: str) -> str | None:
        """The reason to refuse a user's key; None for a key of no user."""
        require(actor, Action.READ, SERVER)
        entry = self._people.current.keys.get(hash_key(key))
        if entry is None:
            return None
        if self._has_ended(entry):
            return f"the key {entry.prefix}… has ended: `weft login` saves another one"
        return (
            f"the account of {entry.user} is disabled: an administrator of this server can enable "
            f"it with `weft server user enable {entry.user}`"
        )

    def refresh(self, actor: Actor) -> bool:
        """Load what other servers changed of users and keys a moment ago; whether any did."""
        require(actor, Action.READ, SERVER)
        return self._stores.metadata.is_shared and self._people.refresh()

    def is_behind(self, actor: Actor) -> bool:
        """Whether this server may lack what others changed seconds ago; see `catch_up`."""
        require(actor, Action.READ, SERVER)
        return self._people.is_behind

    def catch_up(self, actor: Actor) -> None:
        """Load what other servers changed, if this one was paused and is behind."""
        require(actor, Action.READ, SERVER)
        self._people.catch_up()

    def has_any(self, actor: Actor) -> bool:
        """Whether there are users with an account."""
        require(actor, Action.READ, SERVER)
        return bool(self._people.current.users)

    def account(self, actor: Actor, name: str, key_id: int | None = None) -> Actor | None:
        """The actor that a user is, within the limits of a key. None if there is no such user or
        key, or the user is disabled.
        """
        require(actor, Action.READ, SERVER)
        if key_id is None:
            return self._actor(name)
        key = self._people.current.keys_by_id.get(key_id)
        return None if key is None or key.user != name else self._actor(name, key)

    def seal(self, actor: Actor, name: str, key_id: int | None = None) -> str | None:
        """The text that what is derived from a user's rights, or from a key, depends on.

        It changes when a key or password of the user is replaced, or the key's limits change. None
        if there is no such user or key, the user is disabled, or the key has ended.
        """
        require(actor, Action.READ, SERVER)
        people = self._people.current
        entry = people.users.get(name)
        if entry is None or entry.is_disabled:
            return None
        if key_id is None:
            return entry.seal
        key = people.keys_by_id.get(key_id)
        return None if key is None or self._has_ended(key) else f"{entry.seal} {tuple(key)}"

    def local(self, actor: Actor) -> Actor:
        """The server's own user."""
        require(actor, Action.READ, SERVER)
        return Actor("local", people=self._people)

    def anyone(self, actor: Actor) -> Actor | None:
        """Someone who is not signed in; None if they may see nothing of this server."""
        require(actor, Action.READ, SERVER)
        if not self._people.current.has_public:
            return None
        return Actor("anyone", people=self._people)

    def _has_ended(self, key: KeyEntry) -> bool:
        return key.expires_micros is not None and key.expires_micros <= self._stores.now()

    def _actor(self, name: str, key: KeyEntry | None = None) -> Actor | None:
        entry = self._people.current.users.get(name)
        if entry is None or entry.is_disabled:
            return None
        home = entry.team
        # A user may have left the team that was theirs by default.
        if entry.home is not None and self._people.current.role_in_team(name, entry.home):
            home = entry.home
        if key is not None and key.entity is not None:
            home = key.entity
        # An administrator's key that may less is a user's key.
        is_admin = entry.is_admin and (key is None or key.scope == SCOPES[-1])
        return Actor("user", name, is_admin=is_admin, people=self._people, key=key, home=home)

    def _add_key(self, tx: Transaction, name: str, key: str) -> None:
        row = KeyRow(
            row_id=0,
            user=name,
            name="",
            prefix=key_prefix(key),
            scope=SCOPES[-1],
            entity=None,
            project=None,
            created_micros=self._stores.now(),
            expires_micros=None,
        )
        if self._stores.metadata.keys.add_key(tx, row, hash_key(key)) is None:
            raise Conflict("this key is in use: choose another one")


def _no_user(name: str) -> NotFound:
    return NotFound(f"no user {name!r}; `weft server user list` names them")
