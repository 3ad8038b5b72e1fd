"""The maker of a request: the first argument of every service function.

`http.admission` derives an `Actor` from a request; background jobs act as `SYSTEM`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from weft.records.ids import DEFAULT_ENTITY

ActorKind = Literal["local", "user", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, program or server part that makes a request.

    `local` is the user who runs the server, or a bearer of its token; `user` has an account;
    `system` is the server itself. An administrator may do what `local` may.

    >>> Actor("user", "ada").entity, Actor("user", "root", is_admin=True).entity
    ('ada', 'local')
    """

    kind: ActorKind
    user: str | None = None
    is_admin: bool = False

    @property
    def entity(self) -> str:
        """The entity of runs that name none: the user's own; an administrator's is `local`."""
        return DEFAULT_ENTITY if self.user is None or self.is_admin else self.user

    @property
    def shown(self) -> str:
        """The actor's name in a sentence for people.

        >>> Actor("user", "ada").shown, Actor("local").shown
        ('ada', 'a user of the web page or the API')
        """
        return self.user or SOMEONE

    def named(self, entity: str) -> str:
        """The entity that a request means. `local` stands for the user's own.

        A script names no entity before it knows the server, so its runs are sent to `local`.

        >>> Actor("user", "ada").named("local"), Actor("user", "ada").named("lab")
        ('ada', 'lab')
        """
        return self.entity if entity == DEFAULT_ENTITY else entity


LOCAL: Final = Actor("local")
SYSTEM: Final = Actor("system")

SOMEONE: Final = "a user of the web page or the API"
"""A user without an account, in a sentence for people."""

WEB_WRITER: Final = "web"
"""The writer of users' changes. No log has this name: log writers have twelve characters."""
