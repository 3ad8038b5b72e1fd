"""The sidecar's upload thread: an `Uploader` driven in a loop, and the status page. Does I/O.

Receives logs and flushes from `process`; publishes after each step how far it is. A thread of its
own, since a server may let a request hang for half a minute, and the trainer has to be watched and
the machine sampled meanwhile.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.sync.status import Status, StatusPage
from weft.sync.tail import TailedLog
from weft.sync.uploader import Uploader

REMEMBER_SECS: Final = 5.0

SETTLED_SECS: Final = 60.0
"""How long a log that is done with stays on the status page, for a `finish` that asks late."""

MOST_SETTLED: Final = 50
"""How many such logs stay at most: a sweep in one process settles a dozen a second."""


class UploadThread:
    """Starts with `start`, ends with `stop`. The methods may be called from any thread.

    Attributes:
        uploader: its figures may be read from any thread; only this one changes it.
        last_progress_secs: when a byte was last acknowledged, by the monotonic clock.
    """

    def __init__(self, uploader: Uploader, page: StatusPage) -> None:
        self.uploader = uploader
        self.last_progress_secs = time.monotonic()
        self._page = page
        self._inbox: list[tuple[Path, Callable[[], bool] | None]] = []
        self._orphans: list[TailedLog] = []
        self._settled: dict[TailedLog, float] = {}
        self._wanted_flush: int = 0
        self._flushed: int = 0
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weft-upload", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, log: Path, may_live: Callable[[], bool]) -> None:
        """Follow one more log.

        Args:
            may_live: whether its writer counts as running, if its process runs.
        """
        self._inbox.append((log, may_live))
        self._wake.set()

    def add_orphan(self, log: Path) -> None:
        """Send what a dead process left of a log, and let go of it then."""
        self._inbox.append((log, None))
        self._wake.set()

    @property
    def n_orphans(self) -> int:
        """Orphans that are not sent yet."""
        return len(self._orphans) + sum(may_live is None for _, may_live in self._inbox)

    def wake(self) -> None:
        """Look at the logs now."""
        self._wake.set()

    def flush(self, number: int) -> None:
        """Send everything now; `number` shows on the status page when each log was tried."""
        self._wanted_flush = number
        self._wake.set()

    @property
    def has_settled(self) -> bool:
        """Whether all flushes are answered, and no log waits to be taken in."""
        return self._flushed == self._wanted_flush and not self._inbox

    def stop(self, timeout_secs: float) -> None:
        """End the thread after the request under way; logs are given back, positions noted."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_secs)

    def _run(self) -> None:
        try:
            self._loop()
        except BaseException:  # noqa: BLE001
            # The trainer sees the lock fall free and starts another; this one can't go on.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(70)

    def _loop(self) -> None:
        uploader = self.uploader
        n_progress = 0
        flush: int = 0
        remember_secs = 0.0
        while not self._stopping:
            self._wake.clear()
            self._take_in()
            if self._wanted_flush != max(flush, self._flushed):
                flush = self._wanted_flush
                uploader.hurry()
            wait = uploader.step(flush=flush > self._flushed)
            if flush > self._flushed:
                if uploader.all_tried:
                    self._flushed = flush
                else:
                    wait = 0.001
            now = time.monotonic()
            if uploader.n_progress != n_progress:
                n_progress = uploader.n_progress
                self.last_progress_secs = now
            if now >= remember_secs:
                remember_secs = now + REMEMBER_SECS
                for log in uploader.logs:
                    log.remember(uploader.server_name)
            self._retire(now)
            self._publish()
            self._wake.wait(wait)
        uploader.close()

    def _take_in(self) -> None:
        while self._inbox:
            path, may_live = self._inbox.pop(0)
            try:
                log = TailedLog(path, may_live=may_live, is_orphan=may_live is None)
            except (CorruptLog, OSError) as error:
                sys.stderr.write(f"log can't be uploaded: {error}\n")
                sys.stderr.flush()
                continue
            self.uploader.logs.append(log)
            if may_live is None:
                self._orphans.append(log)
            self.last_progress_secs = time.monotonic()

    def _retire(self, now: float) -> None:
        """Let go of orphans when they are sent, and of other logs some time later."""
        for log in list(self.uploader.logs):
            if log in self._orphans:
                if log.state != "open":
                    self._orphans.remove(log)
                    self.uploader.retire(log)
            elif log.state in {"done", "gone"}:
                self._settled.setdefault(log, now)
        for log, since in list(self._settled.items()):
            if now - since <= SETTLED_SECS and len(self._settled) <= MOST_SETTLED:
                break
            del self._settled[log]
            self.uploader.retire(log)

    def _publish(self) -> None:
        uploader = self.uploader
        self._page.write(
            Status(
                pid=os.getpid(),
                state=uploader.state,
                flushed=self._flushed,
                server=uploader.server,
                error=uploader.error,
                logs=[log.status() for log in uploader.logs],
                connected=uploader.n_progress > 0,
            )
        )
