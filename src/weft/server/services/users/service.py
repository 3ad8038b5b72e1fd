"""Adds, lists and removes users, changes keys and finds their owners. Uses the stores."""

from __future__ import annotations

import re
import threading
from typing import Final, NamedTuple

from weft.errors import ConfigError, Conflict, NotFound
from weft.records.ids import DEFAULT_ENTITY, REGISTRY
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.keys import check_key, hash_key, new_key
from weft.server.storage.metadata import UserRow
from weft.wire.server.users import NewUser, User

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Account(NamedTuple):
    """A user and the hash of the key that the user has."""

    actor: Actor
    key_hash: str


class UserService:
    """Users and their keys. Thread-safe.

    The hashes of all keys are in memory, so that a request costs no query.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._changing = threading.Lock()
        self._owners: dict[str, Actor] = {}
        self._accounts: dict[str, Account] = {}
        self._load()

    def add(
        self, actor: Actor, name: str, *, is_admin: bool = False, api_key: str | None = None
    ) -> NewUser:
        """Add a user, who owns the entity of the same name, with a random key by default.

        The server keeps only a hash of the key, so no one sees it again.
        """
        require(actor, Action.ADMIN, SERVER)
        _check_user_name(name)
        key = new_key() if api_key is None else check_key(api_key)
        row = UserRow(name, is_admin, self._stores.now())
        hashed = hash_key(key)
        with self._changing:
            with self._stores.metadata.write() as tx:
                users = self._stores.metadata.users
                if any(row.key_hash == hashed for row in users.keys(tx)):
                    raise Conflict("this key is in use: choose another one")
                if not users.add(tx, row, hashed):
                    raise Conflict(f"there is a user {name!r} already")
            self._load()
        return NewUser(name=name, is_admin=is_admin, api_key=key)

    def list(self, actor: Actor) -> list[User]:
        """List all users, by name."""
        require(actor, Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.users.list(tx)
        room = self._stores.room
        sizes = room.used_bytes([row.name for row in rows])
        return [
            User(
                name=row.name,
                is_admin=row.is_admin,
                created_micros=row.created_micros,
                n_bytes=sizes[row.name],
                quota_bytes=room.limits.quota_bytes,
            )
            for row in rows
        ]

    def remove(self, actor: Actor, name: str) -> None:
        """Remove a user. Their key stops working at once; their projects stay."""
        require(actor, Action.ADMIN, SERVER)
        with self._changing:
            with self._stores.metadata.write() as tx:
                is_removed = self._stores.metadata.users.remove(tx, name)
            if not is_removed:
                raise _no_user(name)
            self._load()

    def change_key(self, actor: Actor, name: str, *, api_key: str | None = None) -> NewUser:
        """Give a user another key.

        The old one stops working at once, and so does what it allowed. Users may change their own
        key, administrators any.
        """
        require(actor, Action.READ if actor.user == name else Action.ADMIN, SERVER)
        key = new_key() if api_key is None else check_key(api_key)
        hashed = hash_key(key)
        with self._changing:
            with self._stores.metadata.write() as tx:
                users = self._stores.metadata.users
                if any(account.key_hash == hashed for account in users.keys(tx)):
                    raise Conflict("this key is in use: choose another one")
                if not users.change_key(tx, name, hashed, self._stores.now()):
                    raise _no_user(name)
            self._load()
            account = self._accounts[name]
        return NewUser(name=name, is_admin=account.actor.is_admin, api_key=key)

    def owner(self, actor: Actor, key: str) -> Actor | None:
        """The user that a key belongs to. None if no user has it."""
        require(actor, Action.READ, SERVER)
        # The time a look-up takes tells about the hash of a guess, never about a key.
        return self._owners.get(hash_key(key))

    def has_any(self, actor: Actor) -> bool:
        """Whether there are users with an account."""
        require(actor, Action.READ, SERVER)
        return bool(self._accounts)

    def account(self, actor: Actor, name: str) -> Account | None:
        """A user's account. None if there is no such user."""
        require(actor, Action.READ, SERVER)
        return self._accounts.get(name)

    def key_hash(self, actor: Actor, name: str) -> str | None:
        """The hash of a user's key. None if there is no such user."""
        require(actor, Action.READ, SERVER)
        account = self._accounts.get(name)
        return None if account is None else account.key_hash

    def _load(self) -> None:
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.users.keys(tx)
        accounts = [
            Account(Actor("user", row.user, is_admin=row.is_admin), row.key_hash) for row in rows
        ]
        self._owners = {account.key_hash: account.actor for account in accounts}
        self._accounts = {row.user: account for row, account in zip(rows, accounts, strict=True)}


def _no_user(name: str) -> NotFound:
    return NotFound(f"no user {name!r}; `weft server user list` names them")


def _check_user_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"a user's name has 1 to 64 characters of A-Z, a-z, 0-9, _, . and -, and begins with "
            f"a letter or digit: {name!r}",
            field="name",
        )
    if name.lower() == DEFAULT_ENTITY:
        raise ConfigError(f"{name!r} is the server's own user: choose another name", field="name")
    if name.lower() == REGISTRY:
        raise ConfigError(f"{name!r} is where registries are: choose another name", field="name")
