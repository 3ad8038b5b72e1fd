"""`run.share()`: a link to a run of this process. Does network I/O."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from weft.errors import NoSuchRun, UsageError

if TYPE_CHECKING:
    from weft.sdk.reading.stored.shares import StoredShare

_ARRIVAL_SECS: Final = 10.0
"""The longest wait for a run that is on its way to the server."""

_POLL_SECS: Final = 0.1


def share_run(path: str, mode: str, server_url: str | None, **options: Any) -> StoredShare:
    """Share a run; `options` are those of `StoredRun.share`."""
    if mode == "offline":
        raise UsageError(
            f"run {path} is offline, so it has no link: `weft sync` sends it, then `weft share` "
            "makes one"
        )
    if mode == "disabled":
        raise UsageError(f"run {path} is disabled: it is on no server, so it has no link")
    from weft.sdk.reading.api import Api

    api = Api(server_url)
    deadline = time.monotonic() + _ARRIVAL_SECS
    while True:
        try:
            return api.run(path).share(**options)
        except NoSuchRun:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECS)
