"""W&B's names on stored objects: its camel case, and the names that weft lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

INSIDE: Final = "it belongs to the inside of W&B's client"


class WandbNames:
    """Finds attributes in W&B's spelling, `createdAt`, and says why others are missing."""

    not_here: ClassVar[Mapping[str, str]] = {}
    """W&B's names that this class lacks, and why."""

    def __getattr__(self, name: str) -> Any:
        why = type(self).not_here.get(name)
        other = snake_case(name)
        if why is None and other != name and (other in vars(self) or hasattr(type(self), other)):
            return getattr(self, other)
        reason = f": {why}" if why else "; dir() of it lists what it has"
        raise AttributeError(f"{type(self).__name__} has no {name}{reason}")


def snake_case(name: str) -> str:
    """Convert a camel-case name to snake case.

    >>> snake_case("heartbeatAt"), snake_case("job_type")
    ('heartbeat_at', 'job_type')
    """
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda capital: "_" + capital[1].lower(), name)
