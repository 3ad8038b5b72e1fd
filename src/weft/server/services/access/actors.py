"""Who makes a request: the first argument of every service function.

`http.admission` derives an `Actor` from a request; background jobs act as `SYSTEM`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ActorKind = Literal["local", "user", "key", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, program or server part that makes a request.

    Attributes:
        kind: `local`: anyone who can reach a server without accounts; `user`: a person's session;
            `key`: an API key; `system`: the server itself.
        user: name of the user who owns the session or key. None without accounts.

    >>> Actor("user", "ada").user
    'ada'
    """

    kind: ActorKind
    user: str | None = None


LOCAL: Final = Actor("local")
SYSTEM: Final = Actor("system")

WEB_WRITER: Final = "web"
"""The writer of users' changes. No log has this name: log writers have twelve characters."""
