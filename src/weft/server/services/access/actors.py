"""The maker of a request: the first argument of every service function.

`http.admission` derives an `Actor` from a request; background jobs act as `SYSTEM`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from weft.records.ids import DEFAULT_ENTITY
from weft.server.services.access.directory import NO_PEOPLE, DirectoryHolder, KeyEntry
from weft.server.services.access.roles import Role

ActorKind = Literal["local", "user", "system", "anyone"]


class SeenAs(NamedTuple):
    """The user, or else the role, whose view an admin takes of what they manage.

    Without both, it is the view of someone who is signed in and has no role.

    >>> SeenAs(Role.VIEWER).shown, SeenAs(user="eve").shown, SeenAs().shown
    ('a viewer', 'eve', 'someone without a role')
    """

    role: Role | None = None
    user: str | None = None

    @property
    def shown(self) -> str:
        """The words for it in a sentence for people."""
        if self.user is not None:
            return self.user
        return "someone without a role" if self.role is None else f"a {self.role.text}"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, program or server part that makes a request.

    `local` is the user who runs the server, or a bearer of its token; `user` has an account;
    `system` is the server itself; `anyone` has not signed in. An administrator may do what `local`
    may.

    Attributes:
        people: the directory of roles.
        key: the key of the request, whose limits hold; None for a browser.
        home: the entity of runs that name none, if it is not the user's own.
        address: where the request came from, for the audit log.
        share: the share whose link the request has; such an actor reads it, and nothing else.
        seen_as: the view that an admin takes; nothing can be changed meanwhile.
        may_all: whether roles don't limit the actor; those of a key may.

    >>> Actor("user", "ada").entity, Actor("user", "root", is_admin=True).entity
    ('ada', 'local')
    """

    kind: ActorKind
    user: str | None = None
    is_admin: bool = False
    people: DirectoryHolder = field(default=NO_PEOPLE, compare=False, repr=False)
    key: KeyEntry | None = field(default=None, compare=False)
    home: str | None = field(default=None, compare=False)
    address: str = field(default="", compare=False)
    seen_as: SeenAs | None = None
    share: str | None = None
    may_all: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "may_all", self.is_admin or self.kind in ("local", "system"))

    @property
    def entity(self) -> str:
        """The entity of runs that name none: `home`, else the user's own. The server's own
        user has `local`, and so has an administrator until `local` was made over to someone.
        """
        if self.home is not None:
            return self.home
        owner = self.people.current.local_owner
        if self.user is not None and (not self.is_admin or owner is not None):
            return self.user
        return owner or DEFAULT_ENTITY

    @property
    def shown(self) -> str:
        """The actor's name in a sentence for people.

        >>> Actor("user", "ada").shown, Actor("local").shown
        ('ada', 'a user of the web page or the API')
        """
        return self.user or SOMEONE

    @property
    def named_editor(self) -> str:
        """The name under which a change by hand is noted; `local` without accounts."""
        return self.user or DEFAULT_ENTITY

    def named(self, entity: str) -> str:
        """The entity that a request means. `local` stands for the entity of runs that name none.

        A script names no entity before it knows the server, so its runs are sent to `local`.

        >>> Actor("user", "ada").named("local"), Actor("user", "ada").named("lab")
        ('ada', 'lab')
        """
        return self.entity if entity == DEFAULT_ENTITY else entity


LOCAL: Final = Actor("local")
SYSTEM: Final = Actor("system")
ANYONE: Final = Actor("anyone")

SOMEONE: Final = "a user of the web page or the API"
"""A user without an account, in a sentence for people."""

WEB_WRITER: Final = "web"
"""The writer of users' changes. No log has this name: log writers have twelve characters."""
