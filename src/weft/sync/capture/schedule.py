"""Which run's environment the sidecar has gathered, and when: one after the other. Does I/O."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from weft.sync.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weft.sync.capture.gathering import Gathering
    from weft.sync.runs import WatchedRun

CAPTURE_SECS: Final = 1.0
"""When the environment is gathered: after the first upload. Shorter scripts have none of it."""


class CaptureSchedule:
    """Has the environments of a script's runs gathered.

    Args:
        folders: what the child that gathers needs on its path; see `spawn.package_folders`.
    """

    def __init__(self, folders: list[str]) -> None:
        self._folders = folders
        self._due_secs = time.monotonic() + CAPTURE_SECS
        self._gathering: tuple[Gathering, WatchedRun] | None = None
        self._begun: set[Path] = set()

    def look(self, runs: Sequence[WatchedRun]) -> WatchedRun | None:
        """Begin what is due. Returns the run whose environment has just been gathered, if any."""
        if time.monotonic() < self._due_secs and not self.holds_up(*runs):
            return None
        gathered = None
        if self._gathering is not None:
            gathering, gathered = self._gathering
            if not gathering.is_done:
                return None
            self._gathering = None
            gathered.announce_captured()
        self._begin_next(runs)
        return gathered

    def _begin_next(self, runs: Sequence[WatchedRun]) -> None:
        from weft.sync.capture.gathering import Gathering
        from weft.sync.capture.task import has_task

        for run in runs:
            if run.directory in self._begun or run.closed:
                continue
            if run.is_finished and not self.holds_up(run):
                continue
            self._begun.add(run.directory)
            if has_task(run.directory):
                try:
                    self._gathering = Gathering(run.directory, self._folders), run
                except OSError as error:
                    tell(f"the environment can't be gathered: {error}")
                return

    def holds_up(self, *runs: WatchedRun) -> bool:
        """Whether one of some runs ends once its environment is gathered.

        No one waits for the end of an offline run; that of others is never held up by git.
        """
        from weft.sync.capture.task import has_task

        gathered = None if self._gathering is None else self._gathering[1]
        return any(
            run.offline
            and not run.closed
            and run.has_lasted(CAPTURE_SECS)
            and (run is gathered or (run.directory not in self._begun and has_task(run.directory)))
            for run in runs
        )

    def end(self, *runs: WatchedRun) -> None:
        """End the gathering for one of some runs that end.

        What it wrote later would differ from what is recorded of the run's files.
        """
        if self._gathering is not None and self._gathering[1] in runs:
            self._gathering[0].end()
            self._gathering = None
