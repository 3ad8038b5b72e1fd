"""Lists, makes, renames and revokes API keys, of users and of service accounts."""

from __future__ import annotations

import builtins
from dataclasses import asdict, replace
from typing import Any, Final

from weft.errors import ConfigError, Conflict, Forbidden, NotFound
from weft.records.actions.audit import AuditAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.directory import KeyEntry
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import (
    SCOPES,
    SERVER,
    Action,
    PermissionObject,
    may,
    oneself,
    require,
)
from weft.server.services.stores.stores import Stores
from weft.server.services.users.accounts import end_what_was_derived, own_name
from weft.server.services.users.keys import hash_key, key_prefix, new_key
from weft.server.storage.metadata import KeyRow, Transaction
from weft.wire.server.keys import Key, KeyAddition, KeyEdit, NewKey

MAX_KEYS: Final = 200
"""Most keys of one user."""

_DAY_MICROS: Final = 86_400_000_000


class KeyService:
    """API keys. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people = stores.people

    def list(self, actor: Actor, user: str | None = None) -> builtins.list[Key]:
        """List the keys of the actor or of another user, the newest first."""
        require(actor, Action.READ, SERVER)
        if user is None and actor.user is None:
            return []
        name = user or own_name(actor)
        if name != actor.user:
            require(actor, Action.ADMIN, self._manager_of(actor, name))
            self._check_user(name)
        with self._stores.metadata.read() as tx:
            return [_key(row) for row in self._stores.metadata.keys.of_user(tx, name)]

    def create(self, actor: Actor, new: KeyAddition, user: str | None = None) -> NewKey:
        """Make a key of the actor or of a service account.

        Forbidden if the key would allow more than the request's, or is for another person.
        """
        require(actor, Action.READ, SERVER)
        name = user or own_name(actor)
        require(actor, Action.ADMIN, self._manager_of(actor, name))
        self._check_user(name)
        if name != actor.user and self._people.current.users[name].team is None:
            raise Forbidden(
                f"{name} is a person, who makes their own keys; `weft server user key {name}` "
                "replaces them all"
            )
        now = self._stores.now()
        key = new_key()
        row = KeyRow(
            row_id=0,
            user=name,
            name=" ".join(new.name.split()),
            prefix=key_prefix(key),
            scope=new.scope,
            entity=None if new.entity is None else actor.named(new.entity),
            project=new.project,
            created_micros=now,
            expires_micros=None if new.days is None else now + new.days * _DAY_MICROS,
        )
        _check_within(actor.key, row)
        if row.entity is None and row.project is not None:
            raise ConfigError("project: name its entity, too", field="entity")
        if row.entity is not None:
            require(actor, Action.READ, _limit_of(row.entity, row.project))
        keys = self._stores.metadata.keys
        with self._people.write() as tx:
            self._check_limit_exists(tx, row)
            if len(keys.of_user(tx, name)) >= MAX_KEYS:
                raise Conflict(f"{name} has {MAX_KEYS} keys: revoke those that are not in use")
            row_id = keys.add_key(tx, row, hash_key(key))
            assert row_id is not None, "a random key is new"
            self._note(tx, actor, "key.add", row, after=_noted(row))
        return NewKey(**_fields(replace(row, row_id=row_id)), api_key=key)

    def edit(self, actor: Actor, key_id: int, edit: KeyEdit) -> Key:
        """Rename a key."""
        require(actor, Action.READ, SERVER)
        keys = self._stores.metadata.keys
        with self._stores.metadata.write() as tx:
            row = self._find(tx, actor, key_id)
            require(actor, Action.ADMIN, self._manager_of(actor, row.user))
            new = replace(row, name=" ".join(edit.name.split()))
            keys.rename(tx, key_id, new.name)
            self._note(tx, actor, "key.change", row, _noted(row), _noted(new))
        return _key(new)

    def revoke(self, actor: Actor, key_id: int) -> None:
        """Revoke a key. What was derived from it ends, too."""
        require(actor, Action.READ, SERVER)
        with self._people.write() as tx:
            row = self._find(tx, actor, key_id)
            if actor.key is None or actor.key.row_id != key_id:
                require(actor, Action.ADMIN, self._manager_of(actor, row.user))
            self._stores.metadata.keys.remove(tx, key_id)
            end_what_was_derived(self._stores, tx, row.user)
            self._note(tx, actor, "key.revoke", row, before=_noted(row))

    def used(self, actor: Actor) -> None:
        """Note that the actor's key was used now."""
        require(actor, Action.READ, SERVER)
        if actor.key is not None:
            self._stores.key_uses.note(actor.key.row_id, actor.address, self._stores.now())

    def _find(self, tx: Transaction, actor: Actor, key_id: int) -> KeyRow:
        """A key that the actor may know of; NotFound for others'."""
        row = self._stores.metadata.keys.find_key(tx, key_id)
        if row is not None:
            is_own = row.user == actor.user
            if is_own or may(actor, Action.ADMIN, self._manager_of(actor, row.user)):
                return row
        raise NotFound(f"no key {key_id}: `weft keys list` names yours")

    def _manager_of(self, actor: Actor, user: str) -> PermissionObject:
        """The target of which the manager of a user's keys is an admin."""
        if user == actor.user:
            return oneself(actor)
        entry = self._people.current.users.get(user)
        team = None if entry is None else entry.team
        # The refusal tells no stranger that a name is a service account's.
        if team is None or not may(actor, Action.READ, EntityPath(team)):
            return SERVER
        return EntityPath(team)

    def _check_user(self, name: str) -> None:
        if name not in self._people.current.users:
            raise NotFound(f"no user {name!r}; `weft server user list` names them")

    def _check_limit_exists(self, tx: Transaction, row: KeyRow) -> None:
        if row.entity is None:
            return
        if row.project is not None:
            if self._stores.metadata.projects.find_project(tx, row.entity, row.project) is None:
                raise NotFound(f"no project {row.entity}/{row.project}")
        elif not self._stores.metadata.keys.has_entity(tx, row.entity):
            raise NotFound(f"no entity {row.entity!r}: it has neither a user nor a project")

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        action: AuditAction,
        row: KeyRow,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        entity = self._people.current.users[row.user].team or row.user
        self._stores.audit.note(tx, actor, action, entity, row.user, before, after)


def _limit_of(entity: str, project: str | None) -> EntityPath | ProjectPath:
    return EntityPath(entity) if project is None else ProjectPath(entity, project).check()


def _check_within(own: KeyEntry | None, row: KeyRow) -> None:
    """Refuse a key that may more, or ends later, than the key of the request."""
    if own is None:
        return
    is_wider = SCOPES.index(row.scope) > SCOPES.index(own.scope) or (
        own.entity is not None
        and (row.entity != own.entity or own.project not in {None, row.project})
    )
    end = own.expires_micros
    is_longer = end is not None and (row.expires_micros is None or row.expires_micros > end)
    if is_wider or is_longer:
        reason = "allow more" if is_wider else "end later"
        raise Forbidden(
            f"the new key would {reason} than {own.prefix}…, the key of this request: make it in "
            "a browser that is signed in, or with a key that may do all"
        )


def _noted(row: KeyRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "prefix": row.prefix,
        "scope": row.scope,
        "entity": row.entity,
        "project": row.project,
        "expires_micros": row.expires_micros,
    }


def _fields(row: KeyRow) -> dict[str, Any]:
    fields = asdict(row)
    return {"id": fields.pop("row_id"), **fields, "name": row.name or ""}


def _key(row: KeyRow) -> Key:
    return Key(**_fields(row))
