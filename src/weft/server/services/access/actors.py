"""Who asks: the first argument of every service function.

`http.admission` makes an `Actor` of a request; background jobs act as `SYSTEM`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ActorKind = Literal["local", "user", "key", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that asks the server to do a thing.

    Attributes:
        kind: `local`: whoever may reach a server without accounts; `user`: a person's session;
            `key`: an API key; `system`: the server itself.
        user: name of the user that the session or key belongs to; None without accounts.

    >>> Actor("user", "ada").user
    'ada'
    """

    kind: ActorKind
    user: str | None = None


LOCAL: Final = Actor("local")
SYSTEM: Final = Actor("system")
