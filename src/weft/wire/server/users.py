"""Users of a server and their API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints, RequestBody


class User(Struct, frozen=True, kw_only=True):
    """A user with an account."""

    name: Annotated[str, Meta(description="also the name of the user's entity")]
    display_name: str
    is_admin: bool
    email: str | None
    created_micros: int
    seen_micros: Annotated[
        int | None,
        Meta(description="when they last used this server, by a browser or key; null: never"),
    ]
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
    is_disabled: Annotated[bool, Meta(description="whether the server refuses the user")]
    team: Annotated[str | None, Meta(description="of a service account: whose it is")]


class UserList(Struct, frozen=True):
    """The first users that match a search, by name."""

    users: Sequence[User]
    n_users: Annotated[int, Meta(description="how many match; with `limit`, more than are listed")]


class UserMatch(Struct, frozen=True, kw_only=True):
    """A user to choose."""

    name: str
    display_name: str
    is_disabled: Annotated[bool, Meta(description="whether the server refuses the user")]
    team: Annotated[str | None, Meta(description="of a service account: whose it is")]


class UserMatches(Struct, frozen=True):
    """The first users that match, those first whose name begins so, then by name."""

    users: Sequence[UserMatch]


class UserAddition(RequestBody, frozen=True, kw_only=True):
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
        Meta(description="40 to 256 characters of A-Z, a-z, 0-9, `_` and `-`; null: a random key"),
    ] = None
    take_over: Annotated[
        bool, Meta(description="own the projects that are left under this name, else refused")
    ] = False


class KeyChange(RequestBody, frozen=True, kw_only=True):
    """Another key for a user."""

    api_key: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        Meta(description="40 to 256 characters of A-Z, a-z, 0-9, `_` and `-`; null: a random key"),
    ] = None


class NewUser(Struct, frozen=True, kw_only=True):
    """A user who was added, or has another key."""

    name: str
    is_admin: bool
    api_key: Annotated[str, Meta(description="shown only in this answer: the server hashes it")]


class HandedOver(Struct, frozen=True, kw_only=True):
    """A project of a removed user, and its new path."""

    project: str
    moved_to: str


class UserRemoval(Struct, frozen=True, kw_only=True):
    """A user who was removed, and where their projects are now, if they were handed over."""

    removed: str
    projects: list[HandedOver]


class ServerKey(Struct, frozen=True, kw_only=True):
    """The key of this server's own user."""

    api_key: Annotated[str, Meta(description="the text of `token` in the data directory")]


_root = Endpoints("/api/v1", tag="users")


@_root.get("/users")
def list_users(
    *,
    search: Annotated[
        str,
        Meta(
            max_length=128,
            description="a part of the user name, display name or mail address; empty: all users",
        ),
    ] = "",
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None,
        Meta(description="the most users to list; null: all"),
    ] = None,
) -> UserList:
    """List users, by name. Only administrators may."""


@_root.get("/users/matches")
def match_users(
    *,
    search: Annotated[
        str,
        Meta(
            max_length=128,
            description="a part of the user name or display name; for administrators also of the "
            "mail address; empty: all users",
        ),
    ] = "",
    limit: Annotated[int, Meta(ge=1, le=100)] = 10,
) -> UserMatches:
    """Find users by a part of their name. Administrators find all users, others themselves and
    the members of their teams.
    """


@_root.post("/users")
def add_user(new: UserAddition) -> NewUser:
    """Add a user, and return their key, which is never shown again. Only administrators may."""


@_root.delete("/users/{user}")
def remove_user(
    user: str,
    *,
    hand_to: Annotated[
        str | None, Meta(description="the user or team that gets the projects; null: they stay")
    ] = None,
) -> UserRemoval:
    """Remove a user and their keys; their projects stay, or go to someone. Only administrators
    may.
    """


@_root.put("/users/{user}/key")
def change_user_key(user: str, change: KeyChange) -> NewUser:
    """Give a user another key, and return it; it is never shown again.

    You may change your own key; administrators may change any. The old key, browsers that are
    signed in with it and addresses that it signed stop working at once. The browser that asks for
    a new key of its own user stays signed in.
    """


@_root.get("/server/key")
def get_server_key() -> ServerKey:
    """Return the key of the server's own user, for other machines. Only administrators may."""
