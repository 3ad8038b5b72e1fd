"""Users of a server, under W&B's names. No I/O.

Without accounts there is one user, `local`, who may do everything. Runs also name the user who
started them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from weft.records.ids import DEFAULT_ENTITY
from weft.sdk.reading.stored.names import ACCOUNTS, INSIDE, WandbNames


@dataclass(frozen=True)
class User(WandbNames):
    """A user of a server.

    Attributes:
        username: their name on the server.
        name: their display name.
        entity: their default entity.
        teams: the entities whose projects they may see.
        api_keys: the names of their keys. Empty without accounts.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("create", "deleted_at", "delete_api_key", "flags", "generate_api_key", "user_api"),
            ACCOUNTS,
        ),
        **dict.fromkeys(("display", "to_html"), ACCOUNTS),
        "snake_to_camel": INSIDE,
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
