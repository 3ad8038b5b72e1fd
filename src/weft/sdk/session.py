"""State of this process: its active runs, and which of them is the current one.

`weft.sdk.start` adds runs, `weft.sdk.finish` removes them, `weft.sdk.current` reads them. No I/O.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Protocol

from weft.sdk.guard import find_strictness
from weft.sdk.recording.uploads import Uploads

if TYPE_CHECKING:
    from weft.sdk.dicts.config import Config
    from weft.sdk.dicts.summary import Summary
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.rows.steps import FloatOrInt
    from weft.sdk.setup.settings import Settings

    class ActiveRun(Protocol):
        """A run that has not ended, for modules that `weft.sdk.run` itself imports."""

        _recorder: Recorder

        @property
        def id(self) -> str: ...

        @property
        def resumed(self) -> bool: ...

        @property
        def project(self) -> str: ...

        @property
        def entity(self) -> str: ...

        @property
        def name(self) -> str: ...

        @property
        def config(self) -> Config: ...

        @property
        def summary(self) -> Summary: ...

        @property
        def settings(self) -> Settings: ...

        def log(
            self, data: Mapping[str, Any], step: FloatOrInt | None, commit: bool | None
        ) -> None: ...

        def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None: ...

        def to_html(self, height: int = 420, hidden: bool = False) -> str: ...


_MOST_STOPPED: Final = 100
"""An agent looks for the run that has just ended, so few ids suffice."""


class Session:
    """State of this process.

    Attributes:
        early_config: the value that `weft.config` was set to while there was no run. The next run
            gets it.
        stopped_runs: ids of the newest runs that have ended because they were stopped from
            outside.
        lock: held while a run is started or removed.
        is_over: whether the interpreter is exiting. The current run then stays current, for
            threads that still log.
    """

    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []
        self.run: ActiveRun | None = None
        self.early_config: dict[Any, Any] | None = None
        self.stopped_runs: deque[str] = deque(maxlen=_MOST_STOPPED)
        self.uploads = Uploads()
        self.lock = RLock()
        self.is_over = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self.uploads.hold,
                after_in_parent=self.uploads.release,
                after_in_child=self._after_fork,
            )

    def add(self, run: ActiveRun, *, current: bool) -> None:
        """Add a run that begins. If `current`, module-level calls use it from now on."""
        with self.lock:
            self.runs.append(run)
            if current:
                self.run = run

    def take_early_config(self) -> dict[Any, Any]:
        """Return and clear what `weft.config` was set to before the run that begins now."""
        early, self.early_config = self.early_config, None
        return early or {}

    def remove(self, run: ActiveRun) -> None:
        """Remove a run that has ended. Does nothing if it is not in the list."""
        with self.lock:
            if run in self.runs:
                self.runs.remove(run)
            if self.run is run and not self.is_over:
                self.run = None

    def run_of(self, recorder: Recorder) -> ActiveRun | None:
        """Return the run that `recorder` writes, or None if it has ended or is still starting."""
        for run in self.runs:
            if run._recorder is recorder:  # noqa: SLF001
                return run
        return None

    def _after_fork(self) -> None:
        # A parent's thread that does not exist in the child may have held it at the fork.
        self.lock = RLock()
        for run in self.runs:
            run._recorder.after_fork()  # noqa: SLF001
        self.uploads.forget()

    def strictness(self) -> bool | None:
        """Whether an active run is strict. None if no run is active."""
        if not self.runs:
            return None
        return any(run._recorder.guard.strict for run in self.runs)  # noqa: SLF001


session = Session()
find_strictness(session.strictness)
