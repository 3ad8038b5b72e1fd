"""API keys of users, and service accounts of teams, which have keys alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody

KeyScope = Literal["read", "log", "write", "admin"]
"""A scope of a key: each allows what those before it allow."""

KeyName = Annotated[str, Meta(max_length=64)]


class Key(Struct, frozen=True, kw_only=True):
    """An API key, without its text."""

    id: int
    user: Annotated[str, Meta(description="whose requests are those with this key")]
    name: Annotated[str, Meta(description="for people; empty if the key was made without one")]
    prefix: Annotated[str, Meta(description="its first ten characters")]
    scope: Annotated[str, one_of("read", "log", "write", "admin")]
    entity: Annotated[
        str | None, Meta(description="the only entity that the key is for; null: all")
    ]
    project: Annotated[
        str | None, Meta(description="the only project of the entity that the key is for")
    ]
    created_micros: int
    expires_micros: int | None
    used_micros: Annotated[
        int | None, Meta(description="the last use, to five minutes; null: never used")
    ]
    used_address: Annotated[str | None, Meta(description="where the last use came from")]


class KeyList(Struct, frozen=True):
    """The keys of a user, the newest first."""

    keys: Sequence[Key]


class KeyAddition(RequestBody, frozen=True, kw_only=True):
    """A key to make."""

    name: KeyName = ""
    scope: Annotated[
        KeyScope,
        Meta(
            description="`read`; `log`: also what scripts do; `write`: also edit and delete; "
            "`admin`: all that the user may, with settings, roles and keys"
        ),
    ] = "write"
    entity: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="the only entity that the key is for"),
    ] = None
    project: Annotated[
        Annotated[str, Meta(max_length=128)] | None,
        Meta(description="the only project of `entity` that the key is for"),
    ] = None
    days: Annotated[
        Annotated[int, Meta(ge=1, le=3650)] | None,
        Meta(description="after how many days the key is refused; null: never"),
    ] = None


class NewKey(Key, frozen=True, kw_only=True):
    """A key that was made."""

    api_key: Annotated[str, Meta(description="shown only in this answer: the server hashes it")]


class KeyEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a key. What it may do and its end are for another key."""

    name: KeyName


class ServiceAccount(Struct, frozen=True, kw_only=True):
    """A program's account in a team: it has keys, no password and no entity."""

    name: str
    created_micros: int


class ServiceAccountList(Struct, frozen=True):
    """The service accounts of a team, by name."""

    service_accounts: Sequence[ServiceAccount]


class ServiceAccountAddition(RequestBody, frozen=True, kw_only=True):
    """A service account to add."""

    name: Annotated[str, Meta(min_length=1, max_length=64, description="as a user's")]
    role: Annotated[
        Literal["viewer", "member", "admin"], Meta(description="its role in the team")
    ] = "member"


_keys = Endpoints("/api/v1/keys", tag="users")
_accounts = Endpoints("/api/v1/teams/{team}/service-accounts", tag="users")


@_keys.get("")
def list_keys(
    *,
    user: Annotated[
        str | None,
        Meta(description="a service account of a team whose admin you are; by default yourself"),
    ] = None,
) -> KeyList:
    """List your keys, or those of a service account. Administrators may list anyone's."""


@_keys.post("")
def create_key(
    new: KeyAddition,
    *,
    user: Annotated[
        str | None,
        Meta(description="a service account of a team whose admin you are; by default yourself"),
    ] = None,
) -> NewKey:
    """Make a key of yours, or of a service account, and return it; it is never shown again.

    A request that has a key itself needs one of scope `admin`, and makes none that may more than
    it may or ends later.
    """


@_keys.patch("/{key_id}")
def edit_key(key_id: int, edit: KeyEdit) -> Key:
    """Rename a key of yours, or of a service account of your team."""


@_keys.delete("/{key_id}")
def revoke_key(key_id: int) -> None:
    """Revoke a key of yours, or of a service account of your team; administrators may revoke any.

    It stops working at once, and so do browsers that are signed in as its user, except the
    browser of this request, and addresses that it signed. A request with a key may always revoke
    that key.
    """


@_accounts.get("")
def list_service_accounts(team: str) -> ServiceAccountList:
    """List the service accounts of a team."""


@_accounts.post("")
def add_service_account(team: str, new: ServiceAccountAddition) -> ServiceAccount:
    """Add a service account to a team of which you are an admin. Its runs go to the team."""


@_accounts.delete("/{account}")
def remove_service_account(team: str, account: str) -> None:
    """Remove a service account of your team, with its keys. Its runs stay."""
