"""Says once that nothing is being uploaded, and once that it goes on. No I/O but stderr.

`weft.sdk.recording.recorder` looks about once a second. A server that restarts is not reported;
one that is away for long, or refuses, is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.sdk.guard import Guard
from weft.sync.handle import Trouble

PATIENCE_SECS: Final = 10.0
"""How long a trouble that may pass by itself lasts before it is told."""


class UploadWatch:
    """One run's eye on its upload.

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

    def look(self, trouble: Trouble | None) -> None:
        """Take what the sidecar says now.

        Raises:
            WeftError: the run is strict, and there is trouble that would be a warning.
        """
        if trouble is None:
            self._since = None
            if self._is_told:
                self._is_told = False
                self.guard.say("The upload goes on")
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
