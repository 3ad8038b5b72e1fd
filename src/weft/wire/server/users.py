"""Users of a server and their API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct


class User(Struct, frozen=True, kw_only=True):
    """A user with an account."""

    name: Annotated[str, Meta(description="also the name of the user's entity")]
    is_admin: bool
    created_micros: int
    n_bytes: Annotated[
        int,
        Meta(
            description="what the user's projects take: rows, files and artifacts, each content "
            "once, those in the trash included"
        ),
    ]
    quota_bytes: Annotated[
        int | None, Meta(description="what they may take; null: as much as there is")
    ]


class UserList(Struct, frozen=True):
    """All users, by name."""

    users: Sequence[User]


class UserAddition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user to add."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            description="1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`, first a letter or "
            "digit; also the name of the user's entity",
        ),
    ]
    is_admin: Annotated[bool, Meta(description="may do anything on this server")] = False
    api_key: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        Meta(
            description="40 to 256 characters of A-Z, a-z, 0-9, `_` and `-`; null: a random key",
        ),
    ] = None


class KeyChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another key for a user."""

    api_key: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        Meta(
            description="40 to 256 characters of A-Z, a-z, 0-9, `_` and `-`; null: a random key",
        ),
    ] = None


class NewUser(Struct, frozen=True, kw_only=True):
    """A user who was added, or has another key."""

    name: str
    is_admin: bool
    api_key: Annotated[str, Meta(description="shown only in this answer: the server hashes it")]


class ServerKey(Struct, frozen=True, kw_only=True):
    """The key of this server's own user."""

    api_key: Annotated[str, Meta(description="the text of `token` in the data directory")]
