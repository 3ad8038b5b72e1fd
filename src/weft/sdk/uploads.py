"""This process's sidecar, as the run sees it: started, looked after, waited for. Does I/O.

Step 3 of a point's way is another process (`weft.sync`), which this one starts. One sidecar serves
all runs of a process, one after the other. Nothing here runs on `log()`'s path but `check`, which
takes a few µs once a second.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from weft.errors import WeftError
from weft.sync.spawn import FinishResult, SidecarHandle, start_sidecar
from weft.sync.where import Where

FIRST_RESPAWN_SECS: Final = 1.0
LONGEST_RESPAWN_SECS: Final = 60.0
"""A sidecar that keeps dying is started again less and less often."""

EXIT_WAIT_SECS: Final = 2.0
"""How long a process that ends waits for its sidecar to be gone, once all is uploaded."""


class Uploads:
    """Keeps one sidecar for this process."""

    def __init__(self) -> None:
        self._handle: SidecarHandle | None = None
        self._where: Where | None = None
        self._interval_secs = 0.0
        self._respawn_secs = FIRST_RESPAWN_SECS
        self._next_respawn = 0.0
        self._is_settled = True
        self._is_awaited = False

    def start(self, log: Path, where: Where | None, *, interval_secs: float) -> None:
        """Have a run's log uploaded from now on.

        Raises:
            Unavailable: no sidecar can be started here.
        """
        if self._handle is not None and self._where == where and self._handle.is_alive():
            self._handle.add_run(log)
            return
        self.close()
        self._where, self._interval_secs = where, interval_secs
        self._handle = self._spawned(log)

    def start_later(self, *, interval_secs: float) -> None:
        """For an offline run: start a sidecar at the first `check`, just to sample the machine.

        A script of less than a second then needs no second process.
        """
        self.close()
        self._where, self._interval_secs = None, interval_secs
        self._is_awaited = True

    def check(self, log: Path, run_id: str) -> bool:
        """Start the sidecar again if it died; whether a person asked for the run's end.

        Raises:
            Unavailable: it died and can't be started.
        """
        if self._handle is None:
            if not self._is_awaited:
                return False
            self._is_awaited = False
            self._handle = self._spawned(log)
        if not self._handle.is_alive():
            now = time.monotonic()
            if now >= self._next_respawn:
                self._next_respawn = now + self._respawn_secs
                self._respawn_secs = min(2 * self._respawn_secs, LONGEST_RESPAWN_SECS)
                self._handle.abandon()
                self._handle = self._spawned(log)
        return self._handle.stop_requested(run_id)

    def finish(self, log: Path, run_id: str, *, no_progress_secs: float) -> FinishResult:
        """Wait for the upload of a run that has ended; see `SidecarHandle.finish`."""
        if self._handle is None:
            return FinishResult("dead", n_unsent_bytes=log.stat().st_size)
        self._is_settled = False  # until it is known: the wait may end in KeyboardInterrupt
        result = self._handle.finish(run_id, log, no_progress_secs=no_progress_secs)
        if result.outcome == "dead":
            # Killed, most likely; a new one takes the log up where the server has it.
            try:
                self._handle.abandon()
                self._handle = self._spawned(log)
            except WeftError:
                return result
            result = self._handle.finish(run_id, log, no_progress_secs=no_progress_secs)
        self._is_settled = result.outcome != "timeout"
        return result

    def close(self, *, wait: bool = False) -> None:
        """No further run comes.

        Args:
            wait: until the sidecar has ended, for a moment; not if it has yet to upload.
        """
        handle, self._handle = self._handle, None
        self._is_awaited = False
        if handle is not None:
            handle.close(wait_secs=EXIT_WAIT_SECS if wait and self._is_settled else 0.0)

    def forget(self) -> None:
        """In a forked child: the sidecar is the parent's."""
        handle, self._handle = self._handle, None
        self._is_awaited = False
        if handle is not None:
            handle.abandon()

    def _spawned(self, log: Path) -> SidecarHandle:
        where = self._where
        return start_sidecar(
            log,
            base_url=where.url if where else None,
            api_key=where.key if where else None,
            interval_secs=self._interval_secs,
        )
