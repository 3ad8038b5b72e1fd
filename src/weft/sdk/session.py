"""What this process is doing: its runs that have not ended, and which of them is the current one.

Filled by `weft.sdk.init`, emptied by `weft.sdk.finish`, read by `weft.sdk.current`. No I/O.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol

from weft.sdk.recording.uploads import Uploads

if TYPE_CHECKING:
    from weft.sdk.dicts.config import Config
    from weft.sdk.dicts.summary import Summary
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.rows.steps import FloatOrInt
    from weft.sdk.setup.settings import Settings


class ActiveRun(Protocol):
    """A run that has not ended, as modules that `weft.sdk.run` itself needs know it."""

    _recorder: Recorder

    @property
    def id(self) -> str: ...

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


class Session:
    """State of this process.

    Attributes:
        runs: the runs that have not ended, in the order in which they began.
        run: the one that module-level calls mean; None = there is none.
        early_config: what `weft.config` was set to while there was no run; the next one has it.
        uploads: the sidecars of this process.
        lock: held while a run begins, and while one is taken out.
        is_over: the interpreter ends: the current run stays what it is, for threads that log on.
    """

    def __init__(self) -> None:
        self.runs: list[ActiveRun] = []
        self.run: ActiveRun | None = None
        self.early_config: dict[Any, Any] | None = None
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
        """Take in a run that begins.

        Args:
            current: module-level calls mean it from now on.
        """
        with self.lock:
            self.runs.append(run)
            if current:
                self.run = run

    def take_early_config(self) -> dict[Any, Any]:
        """What `weft.config` was set to before the run that begins now."""
        early, self.early_config = self.early_config, None
        return early or {}

    def remove(self, run: ActiveRun) -> None:
        """Forget a run that has ended; nothing happens if it is not here."""
        with self.lock:
            if run in self.runs:
                self.runs.remove(run)
            if self.run is run and not self.is_over:
                self.run = None

    def run_of(self, recorder: Recorder) -> ActiveRun | None:
        """The run that `recorder` writes; None = it has ended, or is still being started."""
        for run in self.runs:
            if run._recorder is recorder:  # pyright: ignore[reportPrivateUsage]
                return run
        return None

    def _after_fork(self) -> None:
        # Another thread of the parent may have held it at the fork, and is not here.
        self.lock = RLock()
        for run in self.runs:
            run._recorder.after_fork()  # pyright: ignore[reportPrivateUsage]
        self.uploads.forget()


session = Session()
