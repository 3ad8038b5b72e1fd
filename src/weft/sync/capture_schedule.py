"""The schedule by which the sidecar has environments gathered. Does I/O."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from weft.errors import CorruptLog
from weft.sync.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weft.runlog.lock import FileLock
    from weft.sync.capture.gathering import Gathering
    from weft.sync.runs import WatchedRun

CAPTURE_SECS: Final = 1.0
"""When the environment of a run is gathered that has not ended: after the first upload."""

MOST_AT_ONCE: Final = 32
"""Most runs that one process gathers for: those that began before it have the same environment."""


class CaptureSchedule:
    """Has the environments of a script's runs gathered, while they are going on or afterwards."""

    def __init__(self, folders: list[str], runtime: Path) -> None:
        self._folders = folders
        self._runtime = runtime
        self._due_secs = time.monotonic() + CAPTURE_SECS
        self._gathering: Gathering | None = None
        self._described: list[tuple[WatchedRun, FileLock]] = []
        """The runs that it gathers for."""
        self._waiting: dict[Path, WatchedRun] = {}
        self._orphans: set[Path] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being gathered, and no run waits for it."""
        return self._gathering is None and not self._waiting

    def add(self, run: WatchedRun) -> None:
        """Have the environment of a run of the script gathered."""
        self._waiting[run.directory] = run

    def add_orphan(self, run: WatchedRun) -> None:
        """Have the remaining facts gathered for a run whose process and sidecar are dead."""
        from weft.sync.capture.staging import can_be_gathered

        if can_be_gathered(run.directory) and not run.has_sidecar:
            self._waiting[run.directory] = run
            self._orphans.add(run.directory)

    def hurry(self) -> None:
        """Gather for all runs from now on, because the script has ended."""
        self._due_secs = 0.0

    def look(self) -> list[tuple[WatchedRun, Path]]:
        """Begin what is due, and record what has been gathered.

        Returns runs that had ended, each with the log that was written for it.
        """
        logs = self._take_gathered()
        if self._gathering is None and self._waiting:
            is_due = time.monotonic() >= self._due_secs
            due = [run for run in self._waiting.values() if is_due or run.closed]
            orphans = [run for run in due if run.directory in self._orphans]
            own = [run for run in due if run.directory not in self._orphans]
            if own:
                self._begin(own[:MOST_AT_ONCE], is_left=False)
            elif orphans:
                self._begin(orphans[:1], is_left=True)
        return logs

    def _begin(self, runs: Sequence[WatchedRun], *, is_left: bool) -> None:
        from weft.runlog.layout import upload_lock_path
        from weft.runlog.lock import FileLock
        from weft.sync.capture.gathering import Gathering
        from weft.sync.capture.staging import Order
        from weft.sync.capture.task import has_task, task_path

        for run in runs:
            del self._waiting[run.directory]
            lock = FileLock(upload_lock_path(self._runtime, task_path(run.directory)))
            try:
                # Another process may have gathered it since.
                if lock.acquire() and has_task(run.directory):
                    self._described.append((run, lock))
                else:
                    lock.release(remove=lock.held)
            except OSError as error:
                tell(f"the environment can't be gathered: {error}")
        if not self._described:
            return
        order = Order(
            [str(run.directory) for run, _ in self._described],
            is_left=is_left,
            is_same_boot=all(run.is_of_this_boot for run, _ in self._described),
        )
        try:
            self._gathering = Gathering(order, self._folders)
        except OSError as error:
            tell(f"the environment can't be gathered: {error}")
            self._release()

    def _take_gathered(self) -> list[tuple[WatchedRun, Path]]:
        if self._gathering is None or not self._gathering.is_done:
            return []
        self._gathering = None
        logs: list[tuple[WatchedRun, Path]] = []
        for run, _ in self._described:
            try:
                logs += [(run, log) for log in run.announce_environment()]
            except (CorruptLog, OSError) as error:
                tell(f"the environment can't be recorded: {error}")
        self._release()
        return logs

    def _release(self) -> None:
        for run, lock in self._described:
            lock.release(remove=True)
            self._orphans.discard(run.directory)
        self._described.clear()
