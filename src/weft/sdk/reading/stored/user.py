"""Users of a server, under W&B's names.

Without accounts there is one user, `local`, who may do everything. Runs also name the user who
started them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from weft.client.api_client import ApiClient
from weft.records.ids import DEFAULT_ENTITY
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.wire.server.accounts import Account
from weft.wire.server.keys import list_keys
from weft.wire.server.teams import list_teams


@dataclass(frozen=True)
class User(WandbNames):
    """A user of a server.

    Attributes:
        username: their name on the server.
        name: their display name.
        email: their mail address.
        entity: their default entity.
        teams: the entities whose projects they may see.
        api_keys: the names of their keys. Empty without accounts.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "create": "Api.create_user() adds one",
        "flags": INSIDE,
        "snake_to_camel": INSIDE,
        "user_api": "weft.Api(api_key=...) reads as another user",
        **dict.fromkeys(
            ("deleted_at", "display", "to_html"),
            "removed users are gone: their names are in the audit log",
        ),
        **dict.fromkeys(
            ("delete_api_key", "generate_api_key"), "`weft keys` and the page /keys manage keys"
        ),
    }

    username: str = DEFAULT_ENTITY
    name: str = DEFAULT_ENTITY
    email: str | None = None
    entity: str = DEFAULT_ENTITY
    teams: list[str] = field(default_factory=lambda: [str(DEFAULT_ENTITY)])
    api_keys: list[str] = field(default_factory=list[str])
    admin: bool = True

    @property
    def id(self) -> str:
        return self.username

    def __repr__(self) -> str:
        return f"<User {self.email or self.username}>"


def user_of_account(client: ApiClient, account: Account, *, is_own: bool) -> User:
    """The user of an account; of one's own, with teams and the names of keys. Does network I/O."""
    name = account.name
    teams = [team.name for team in client.call(list_teams).teams if team.role] if is_own else []
    keys = [key.name or key.prefix for key in client.call(list_keys).keys] if is_own else []
    return User(
        username=name,
        name=account.display_name or name,
        email=account.email,
        entity=account.default_entity or name,
        teams=[name, *teams],
        api_keys=keys,
        admin=account.is_admin,
    )
