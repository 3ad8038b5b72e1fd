"""The sidecar's upload thread: runs an `Uploader` and writes the status page. Does I/O.

Receives logs and flushes from `process`; publishes its progress after each step. It is a separate
thread because a request may hang for half a minute, and meanwhile the sidecar has to watch the
trainer and sample the machine.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from weft.errors import CorruptLog
from weft.runlog.layout import run_id_of
from weft.sync.messages import tell
from weft.sync.status import FilesStatus, LogStatus, Status, StatusPage
from weft.sync.uploading.contents_ahead import ContentsAhead
from weft.sync.uploading.tail import TailedLog
from weft.sync.uploading.uploader import Uploader

REMEMBER_SECS: Final = 5.0

SETTLED_SECS: Final = 60.0
"""The time that a finished log stays on the status page, for a late `finish`."""

REOPEN_SECS: Final = 5.0
"""The time after which a log that the disk did not give is opened again."""

MOST_SETTLED: Final = 50
"""Most such logs on the page: a sweep in one process finishes a dozen a second."""


class _NewLog(NamedTuple):
    """A log to be uploaded; `TailedLog` has the arguments. An orphan has no `may_live`."""

    path: Path
    may_live: Callable[[], bool] | None = None
    is_late: bool = False
    ahead: ContentsAhead | None = None


class _UnopenedLog(NamedTuple):
    """A log that the disk did not give, to be opened again when it is due."""

    new: _NewLog
    due_secs: float
    status: LogStatus


class UploadThread:
    """The thread, from `start` to `stop`. Its methods may be called from any thread.

    Attributes:
        last_progress_secs: when a byte was last acknowledged, by the monotonic clock.
        is_over: whether nothing is left that the end of the script may wait for.
    """

    def __init__(
        self,
        uploader: Uploader,
        page: StatusPage,
        files: Callable[[], list[FilesStatus]] = list,
    ) -> None:
        """Make the thread. `files` tells how far the files of the runs are, for the page."""
        self._files = files
        self.uploader = uploader
        self.last_progress_secs = time.monotonic()
        self.is_over = False
        self._page = page
        self._inbox: list[_NewLog] = []
        self._unopened: list[_UnopenedLog] = []
        self._damaged: list[LogStatus] = []
        """Logs without a whole beginning, which can't be sent."""
        self._orphans: list[TailedLog] = []
        self._settled: dict[TailedLog, float] = {}
        self._wanted_flush: int = 0
        self._flushed: int = 0
        self._stopping = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weft-upload", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(
        self, log: Path, may_live: Callable[[], bool], ahead: ContentsAhead | None = None
    ) -> None:
        """Upload another log as it grows.

        `may_live` tells whether its writer counts as running while its process runs.
        """
        self._inbox.append(_NewLog(log, may_live, ahead=ahead))
        self._wake.set()

    def add_orphan(self, log: Path) -> None:
        """Send a log that a dead process left, then retire it."""
        self._inbox.append(_NewLog(log))
        self._wake.set()

    def add_late(self, log: Path) -> None:
        """Send a log that is closed, after all that a script waits for."""
        self._inbox.append(_NewLog(log, is_late=True))
        self._wake.set()

    @property
    def n_orphans(self) -> int:
        """Number of orphans, and of late logs, that are not sent yet."""
        return len(self._orphans) + sum(log.may_live is None for log in self._inbox)

    @property
    def has_late(self) -> bool:
        """Whether a late log is not sent yet."""
        return any(log.is_late for log in [*self._orphans, *self._inbox])

    def wake(self) -> None:
        """Check the logs now."""
        self._wake.set()

    def flush(self, number: int) -> None:
        """Send everything now; the status page shows `number` once each log was tried."""
        self._wanted_flush = number
        self._wake.set()

    @property
    def is_caught_up(self) -> bool:
        """Whether all flushes are done and no added log is waiting to be opened."""
        is_flushed = self._flushed == self._wanted_flush
        return is_flushed and not self._inbox and not self._unopened

    def stop(self, timeout_secs: float) -> None:
        """End the thread after the present request; retires its logs, noting their positions."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_secs)

    def _run(self) -> None:
        try:
            self._loop()
        except BaseException:  # noqa: BLE001
            # This sidecar can't continue. The trainer sees its lock released and starts another.
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(70)

    def _loop(self) -> None:
        uploader = self.uploader
        server = uploader.server
        n_progress = 0
        flush: int = 0
        remember_secs = 0.0
        while not self._stopping:
            self._wake.clear()
            # First: a file that is made by then is in a log that `_take_in` opens.
            files = self._files()
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
            if server.n_progress != n_progress:
                n_progress = server.n_progress
                self.last_progress_secs = now
            if now >= remember_secs:
                remember_secs = now + REMEMBER_SECS
                for log in uploader.logs:
                    log.remember(server.name)
            self._retire(now)
            self._publish(files)
            self._wake.wait(min(wait, REOPEN_SECS) if self._unopened else wait)
        uploader.close()

    def _take_in(self) -> None:
        now = time.monotonic()
        for log in [log for log in self._unopened if log.due_secs <= now]:
            self._inbox.append(log.new)
            self._unopened.remove(log)
        while self._inbox:
            # It is in the inbox until it is elsewhere: a process that has caught up may end.
            self._open(self._inbox[0])
            del self._inbox[0]

    def _open(self, new: _NewLog) -> None:
        is_orphan = new.may_live is None
        try:
            log = TailedLog(
                new.path,
                may_live=new.may_live,
                is_orphan=is_orphan,
                is_late=new.is_late,
                ahead=new.ahead,
            )
        except (CorruptLog, OSError) as error:
            tell(f"log can't be uploaded: {error}")
            # An orphan is not this script's, and waits for a later sidecar.
            if not is_orphan and not isinstance(error, FileNotFoundError):
                self._note_unopened(new, error)
            return
        self.uploader.logs.append(log)
        if is_orphan:
            self._orphans.append(log)
        self.last_progress_secs = time.monotonic()

    def _note_unopened(self, new: _NewLog, error: CorruptLog | OSError) -> None:
        """Have a log opened again, if the disk may give it later. The page has it until then."""
        try:
            size = new.path.stat().st_size
        except OSError:
            size = 1  # some of it is unsent
        run_id = run_id_of(new.path)
        if isinstance(error, CorruptLog):
            damaged = LogStatus(new.path.name, run_id, size, size, "done", n_damaged_bytes=size)
            self._damaged.append(damaged)
            return
        reason = f"{new.path} can't be read: {error.strerror or error}"
        status = LogStatus(new.path.name, run_id, size, error=reason)
        self._unopened.append(_UnopenedLog(new, time.monotonic() + REOPEN_SECS, status))

    def _retire(self, now: float) -> None:
        """Retire orphans when they are sent, and other logs some time later."""
        for log in list(self.uploader.logs):
            if log in self._orphans:
                if log.upload.state != "open":
                    self._orphans.remove(log)
                    self.uploader.retire(log)
            elif log.ahead is not None and log.ahead.is_cutting:
                self._settled.pop(log, None)
            elif log.upload.is_over and not log.may_return:
                self._settled.setdefault(log, now)
        for log, since in list(self._settled.items()):
            if now - since <= SETTLED_SECS and len(self._settled) <= MOST_SETTLED:
                break
            del self._settled[log]
            self.uploader.retire(log)

    def _publish(self, files: list[FilesStatus]) -> None:
        server = self.uploader.server
        logs = [log.status() for log in self.uploader.logs if not log.is_late]
        logs += [*(log.status for log in self._unopened), *self._damaged]
        self._page.write(
            Status(
                pid=os.getpid(),
                state=server.state,
                flushed=self._flushed,
                server=server.url,
                error=server.error,
                logs=logs,
                connected=server.n_progress > 0,
                files=files,
                is_over=self.is_over,
            )
        )
