"""Ends answers with the keys that they were allowed by."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import Scope

from weft.server.services.access import Actor

_MAX_SECS: Final = 86_400.0
"""No answer takes longer, and timers of years are rounded badly."""


def end_with_key(scope: Scope, actor: Actor) -> None:
    """Have the answer to a request cut off when the actor's key ends, such as a stream of live
    events or a long download.
    """
    end_micros = None if actor.key is None else actor.key.expires_micros
    end_after = scope["state"].get("end_after")
    if end_micros is not None and end_after is not None:
        secs = end_micros / 1e6 - time.time()
        if secs < _MAX_SECS:
            end_after(secs)
