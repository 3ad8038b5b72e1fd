"""What this process is doing: its current run, and the parts of runs that are not finished yet.

Set by `weft.sdk.init`, cleared by `weft.sdk.finish`, read by `weft.sdk.current`.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING

from weft.sdk.uploads import Uploads

if TYPE_CHECKING:
    from weft.sdk.recorder import Recorder
    from weft.sdk.run import Run


class Session:
    """State of this process.

    Attributes:
        run: the run that module-level calls mean; None = there is none.
        recorder: what writes the current run's log.
        lock: held while a run begins or ends.
    """

    def __init__(self) -> None:
        self.run: Run | None = None
        self.uploads = Uploads()
        self.lock = RLock()
        self.recorder: Recorder | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        self.lock = RLock()
        if self.recorder is not None:
            self.recorder.after_fork()
        self.uploads.forget()


session = Session()
