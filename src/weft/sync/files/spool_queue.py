"""The spool files of one run, and how far each of them is. Does I/O: lists and removes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from weft.runlog.spool import SPOOL, spool_names

LATER_SECS: Final = 30.0
"""The wait of a spool file for a passing fault, such as a full disk."""

MOST_TAKEN: Final = 512
"""The most spool files that the worker has at once. A script may write them faster than they are
made, and each look at the folder reads the names of all."""

_FRESH_NANOS: Final = 100_000_000
"""A folder's time of change is coarse: within this time it may change and keep it."""


class SpoolQueue:
    """The names of spool files that `writers`, which grows, have written.

    A new one is taken up once. Then it is being made, it waits because of a passing fault, or it
    is kept until its saved files are recorded; at last it is removed.
    """

    def __init__(
        self, directory: Path, writers: Collection[str], clock: Callable[[], float]
    ) -> None:
        self._directory = directory
        self._folder = str(directory / SPOOL)
        self._writers = writers
        self._clock = clock
        self._version = 0
        self._making: dict[str, int] = {}
        """The number of unfinished jobs, by the names of spool files that the worker has."""
        self._blocked: set[str] = set()
        """Those of them with a passing fault, so that they wait when the others are made."""
        self._postponed: dict[str, float] = {}
        """The times of the next try."""
        self._saved: set[str] = set()

    @property
    def n_jobs(self) -> int:
        """The number of files that are being made."""
        return sum(self._making.values())

    def path_of(self, name: str) -> str:
        return f"{self._folder}{os.sep}{name}"

    def retry_due(self) -> None:
        """Count those whose wait is over as new."""
        now = self._clock()
        for name in [name for name, due in self._postponed.items() if now >= due]:
            del self._postponed[name]
            self._version = 0

    def retry_all(self) -> None:
        """Count all that wait as new."""
        self._postponed.clear()
        self._version = 0

    def take_up(self, take: Callable[[str], None]) -> bool:
        """Call `take` for new spool files, as many as the worker needs now; whether none is
        left.
        """
        if len(self._making) > MOST_TAKEN // 2:
            return False
        try:
            version = os.stat(self._folder).st_mtime_ns  # noqa: PTH116
        except OSError:
            return True
        if version == self._version:
            return True
        is_settled = time.time_ns() - version > _FRESH_NANOS
        self._version = version if is_settled else 0
        for name in spool_names(self._directory):
            is_taken_up = name in self._making or name in self._saved or name in self._postponed
            if is_taken_up or name.rpartition("-")[0] not in self._writers:
                continue
            if len(self._making) >= MOST_TAKEN:
                self._version = 0
                return False
            take(name)
        return True

    def begin(self, name: str, n_jobs: int) -> None:
        """The worker has it."""
        self._making[name] = n_jobs

    def postpone(self, name: str) -> None:
        """Take it up again later."""
        del self._making[name]
        self._postponed[name] = self._clock() + LATER_SECS

    def block(self, name: str) -> bool:
        """Keep it after its jobs, because of a passing fault; whether it is the first fault."""
        is_first = name not in self._blocked
        self._blocked.add(name)
        return is_first

    def end_job(self, name: str) -> None:
        """The worker has done one of its jobs."""
        self._making[name] = max(0, self._making.get(name, 1) - 1)

    def end(self, name: str, *, is_recorded: bool) -> bool:
        """Remove it after its last job, unless it has to be made again; whether it is removed."""
        if name in self._blocked or not is_recorded:
            self._blocked.discard(name)
            self.postpone(name)
            return False
        del self._making[name]
        self.remove(name)
        return True

    def keep_saved(self, name: str) -> None:
        """Keep it until its saved files are recorded."""
        self._saved.add(name)

    def release_saved(self, unfinished: set[str]) -> None:
        """Remove those whose saved files are recorded and not looked at any more."""
        for name in self._saved - unfinished:
            self.remove(name)
        self._saved &= unfinished

    def remove(self, name: str) -> None:
        try:
            os.unlink(self.path_of(name))  # noqa: PTH108
        except OSError:
            pass  # the directory was made read-only: the files are recorded again later
