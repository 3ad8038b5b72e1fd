"""Reports once when an upload stalls, and once when it continues. No I/O except stderr.

`weft.sdk.recording.recorder` calls it about once a second. A server that restarts is not reported;
one that is unreachable for long, or that refuses the data, is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.sdk.guard import Guard
from weft.sync.handle import Trouble

PATIENCE_SECS: Final = 10.0
"""The time that a temporary problem has to last before it is reported."""


class UploadWatch:
    """Watches one run's upload.

    >>> watch = UploadWatch(Guard(silent=True), Path("run"))
    >>> watch.look(Trouble("the run was deleted", lasts=True))
    >>> watch.guard.counts["upload"]
    1
    """

    def __init__(
        self, guard: Guard, directory: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.guard = guard
        self._directory = directory
        self._clock = clock
        self._since: float | None = None
        self._is_told = False
        self._is_warned = False

    def look(self, trouble: Trouble | None) -> None:
        """Handle the sidecar's current state."""
        if trouble is None:
            self._since = None
            if self._is_told:
                self._is_told = False
                self.guard.say("The upload continues")
            return
        now = self._clock()
        if self._since is None:
            self._since = now
        if self._is_told or (not trouble.lasts and now - self._since < PATIENCE_SECS):
            return
        self._is_told = True
        from weft.sdk.display.printing import shown_path

        later = "" if trouble.lasts else " and will be sent once that is over"
        self.guard.warn(
            "upload",
            f"nothing is uploaded: {trouble.reason}; everything is kept in "
            f"{shown_path(self._directory)}{later}",
        )

    def tell_warning(self, warning: str | None) -> None:
        """Tell once what the server says about the run's project."""
        if warning is not None and not self._is_warned:
            self._is_warned = True
            self.guard.warn("project", warning)
