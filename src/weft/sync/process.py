"""The sidecar's main loop, started by `spawn` in a separate process. Does I/O.

Watches the trainer, passes its logs to the upload thread, has its files made, samples the machine,
has its environment gathered, calls fsync, and takes up what dead processes left. It exits once the
environment is gathered if the trainer ended cleanly and all bytes are at the server, or no server
was there to send them to; otherwise after ten minutes without progress.

Only what the first upload needs is imported at the top: a short script's `finish()` has to wait
for this boot.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from weft.errors import CorruptLog
from weft.runlog.lock import FileLock
from weft.runlog.platform import is_running
from weft.runlog.private_files import PRIVATE_UMASK
from weft.sync.addresses.local_server import read_server_file
from weft.sync.addresses.server_address import ServerAddress, find_local_server
from weft.sync.capture.task import has_task
from weft.sync.capture_schedule import CaptureSchedule
from weft.sync.control import LOCK_FD, AddRun, Control, Flush, Start
from weft.sync.messages import tell
from weft.sync.runs import WatchedRun
from weft.sync.sample_schedule import SampleSchedule
from weft.sync.status import FilesStatus, Status, StatusPage
from weft.sync.upload_thread import UploadThread
from weft.sync.uploading.uploader import Uploader
from weft.sync.watch import ParentWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weft.sync.files.file_maker import FileMaker
    from weft.sync.orphans import UnrecordedFiles

WAKE_FD: Final = 0
TICK_SECS: Final = 1.0
SPOOL_TICK_SECS: Final = 0.1
"""The tick while a run has stored files: a look at the spool takes 3 µs."""

FSYNC_SECS: Final = 5.0

LATE_AT_ONCE: Final = 16
"""Most such logs that are open, of all the logs that no script waits for."""

ORPHAN_SECS: Final = 2.0
ORPHAN_AT_ONCE: Final = 4
ORPHAN_DIRECTORIES: Final = 50
"""Most run directories scanned in one tick: about 5 ms."""

CLOSED_RUNS: Final = 16
"""The number of last ended runs that are checked for late logs before the sidecar exits."""

LOCK_ATTEMPT_SECS: Final = 2.0
END_TICK_SECS: Final = 0.002
DEATH_SECS: Final = 1.0


class Sidecar:
    """A sidecar, which works until its trainer has ended and all bytes are sent."""

    def __init__(self, start: Start, watch: ParentWatch, page: StatusPage) -> None:
        self._start = start
        self._watch = watch
        self._runtime = Path(start.runtime)
        self._runs: list[WatchedRun] = []
        self._closed_runs: deque[WatchedRun] = deque(maxlen=CLOSED_RUNS)
        self._weft_dir: Path | None = None
        address = _address(start)
        find = _find_local if address is None or address.local else lambda: None
        self._uploads = UploadThread(
            Uploader(address, find=find), page, lambda: self._files_status
        )
        self._maker: FileMaker | None = None
        self._n_made = 0
        self._files_status: list[FilesStatus] = []
        self._began_secs = time.monotonic()
        self._captures = CaptureSchedule(sys.argv[2:], self._runtime)
        self._late_logs: deque[Path] = deque()
        """Logs of the environments of runs that had ended, which no script waits for."""
        self._samples = SampleSchedule(start.sampling, start.pid, sys.argv[2:])
        self._fsync_secs = self._began_secs + FSYNC_SECS
        self._look_secs = 0.0
        self._orphans: Iterator[Path | UnrecordedFiles | None] | None = None
        self._adopted: list[WatchedRun] = []

    def run(self, messages: list[Control]) -> None:
        """Run until the trainer has ended and the sidecar may exit."""
        self._obey(messages)
        self._uploads.start()
        while not self._watch.ended:
            self._watch.also(frozenset() if self._maker is None else self._maker.filenos())
            self._obey(self._watch.wait(self._tick_secs()))
            self._take_files()
            if time.monotonic() >= self._look_secs:
                self._look_after_runs()
        self._watch.also(frozenset())
        self._obey(self._watch.wait(0.0))
        self._end()

    def _obey(self, messages: list[Control]) -> None:
        for message in messages:
            if isinstance(message, AddRun):
                self._add_run(Path(message.log))
            elif isinstance(message, Flush):
                self._close_finished_runs()
                self._record_files()
                self._uploads.flush(message.number)
        self._uploads.wake()
        self._sync_closed_runs()

    def _add_run(self, log: Path) -> None:
        try:
            run = WatchedRun(log, self._runtime)
        except (CorruptLog, OSError) as error:
            tell(f"run can't be followed: {error}")
            return
        self._runs.append(run)
        if has_task(run.directory):
            self._captures.add(run)
        self._weft_dir = self._weft_dir or run.directory.parent
        if not run.offline:
            self._uploads.add(log, self._is_trainer_there, run.ahead)

    def _is_trainer_there(self) -> bool:
        return not self._watch.ended

    def _tick_secs(self) -> float:
        now = time.monotonic()
        dues = [self._fsync_secs, self._samples.due_secs]
        # The worker ends a wait with each file that it has made: that needs no look at all runs.
        dues.append(self._look_secs if self._maker is not None else now + TICK_SECS)
        # Nothing is done before the next look, whatever is due.
        return max(0.0, max(min(dues), self._look_secs) - now)

    def _look_after_runs(self) -> None:
        now = time.monotonic()
        if self._maker is not None:
            self._look_secs = now + SPOOL_TICK_SECS
        self._close_finished_runs()
        for run in self._runs:
            if not run.closed:
                self._add_new_logs(run)
                run.look_after_files(self._file_maker)
        self._look_after_adopted()
        self._record_files()
        self._capture()
        self._pass_late_logs()
        for run in self._samples.look(self._runs):
            self._add_new_logs(run)
        if now >= self._fsync_secs:
            self._fsync_secs = now + FSYNC_SECS
            for run in self._runs:
                run.sync()
        is_early = now < self._began_secs + ORPHAN_SECS
        if not is_early and self._uploads.uploader.server.state == "uploading":
            self._add_orphans()

    def _add_new_logs(self, run: WatchedRun) -> bool:
        """Pass a run's new logs to the upload thread. Returns whether there were any."""
        logs = run.new_logs()
        for log in logs if not run.offline else ():
            self._uploads.add(log, self._is_trainer_there)
        return len(logs) > 0

    def _file_maker(self) -> FileMaker:
        if self._maker is None:
            from weft.sync.files.file_maker import FileMaker

            self._maker = FileMaker(sys.argv[2:], self._runtime)
        return self._maker

    def _take_files(self, timeout_secs: float = 0.0) -> None:
        """Take what the worker has made, and have chunks of large files sent."""
        if self._maker is not None:
            self._maker.poll(timeout_secs)
            if any(run.ahead is not None and run.ahead.is_due() for run in self._runs):
                self._uploads.wake()

    def _record_files(self) -> None:
        """Record what the worker has made, and note it for the status page."""
        if self._maker is None:
            return
        self._take_files()
        for run in self._runs:
            self._add_new_logs(run)  # first: a file that is recorded counts as made
        statuses = [run.files_status for run in [*self._closed_runs, *self._runs]]
        self._files_status = [status for status in statuses if status is not None]
        if self._maker.n_made != self._n_made:
            self._n_made = self._maker.n_made
            self._uploads.last_progress_secs = time.monotonic()
            self._uploads.wake()

    def _close_finished_runs(self) -> None:
        for run in self._runs:
            if not run.closed and run.is_finished:
                self._add_new_logs(run)
                if run.end_files(self._file_maker):
                    self._close(run, crashed=False)

    def _close(self, run: WatchedRun, *, crashed: bool) -> None:
        run.close(crashed=crashed)
        if self._maker is not None:
            self._maker.remove(run.directory)
        self._add_new_logs(run)

    def _sync_closed_runs(self) -> None:
        # Called after the flush: `finish` waits for the upload, and an fsync can be slow.
        for run in [run for run in self._runs if run.closed]:
            run.sync()
            self._runs.remove(run)  # a sweep in one process can have thousands
            self._closed_runs.append(run)

    def _capture(self) -> None:
        for run, log in self._captures.look():
            if not run.offline:
                self._late_logs.append(log)
        for run in self._runs:
            self._add_new_logs(run)

    def _pass_late_logs(self) -> None:
        while self._late_logs and self._uploads.n_orphans < LATE_AT_ONCE:
            self._uploads.add_late(self._late_logs.popleft())

    def _add_orphans(self) -> None:
        """Pass a few of the logs that dead processes left to the upload thread."""
        uploader = self._uploads.uploader
        if self._orphans is None:
            if self._weft_dir is None:
                return
            from weft.sync.orphans import unfinished

            self._orphans = unfinished(self._weft_dir, uploader.server.names)
        followed = {log.path for log in list(uploader.logs)}
        for _ in range(ORPHAN_DIRECTORIES):
            if self._uploads.n_orphans + len(self._adopted) >= ORPHAN_AT_ONCE:
                return
            try:
                orphan = next(self._orphans)
            except StopIteration:
                return
            if isinstance(orphan, Path):
                if orphan not in followed:
                    tell(f"adopting an unfinished log: {orphan}")
                    self._uploads.add_orphan(orphan)
            elif orphan is not None and all(run.main != orphan.main for run in self._runs):
                tell(f"adopting the files of {orphan.main.parent}")
                self._adopt_files(orphan.main)

    def _adopt_files(self, main: Path) -> None:
        try:
            run = WatchedRun(main, self._runtime)
        except (CorruptLog, OSError):
            return  # its log says why when it is sent
        run.new_logs()
        self._adopted.append(run)

    def _look_after_adopted(self) -> None:
        for run in self._adopted[:]:
            if run.end_files(self._file_maker):
                self._adopted.remove(run)
                run.close(crashed=False)
                self._captures.add_orphan(run)
                for log in run.new_logs():
                    self._uploads.add_orphan(log)
                if self._maker is not None:
                    self._maker.remove(run.directory)

    def _end(self) -> None:
        """After the trainer's end: send the rest, then stop the upload thread."""
        clean = all(run.is_finished for run in self._runs)
        crashed = not clean and self._is_trainer_dead()
        self._samples.close()
        self._end_files()
        for run in self._runs:
            if not run.closed:
                self._close(run, crashed=crashed and not run.is_finished)
        uploads = self._uploads
        uploads.last_progress_secs = time.monotonic()
        was_unreachable = self._is_unreachable(clean=clean)
        uploads.flush(sys.maxsize)
        self._sync_closed_runs()
        self._captures.hurry()
        while True:
            self._capture()
            self._pass_late_logs()
            may_leave = was_unreachable and self._is_unreachable(clean=clean)
            if self._may_go(may_leave=may_leave) and not self._has_child_logs():
                # The script's exit need not wait for the environment.
                uploads.is_over = True
                if self._captures.is_idle and self._has_sent_late(clean=clean):
                    break
            time.sleep(END_TICK_SECS if time.monotonic() < uploads.last_progress_secs + 1 else 0.1)
        uploads.stop(timeout_secs=1.0)

    def _end_files(self) -> None:
        """Have the files of all runs made, as long as there is progress."""
        self._uploads.last_progress_secs = time.monotonic()
        while True:
            for run in self._runs:
                self._add_new_logs(run)
            open_ones = [run for run in self._runs if not run.closed]
            if all(run.end_files(self._file_maker) for run in open_ones) or self._is_stuck():
                return
            self._take_files(timeout_secs=SPOOL_TICK_SECS)
            self._record_files()

    def _has_sent_late(self, *, clean: bool) -> bool:
        """Whether the environments of ended runs are at the server, or can't be sent now."""
        is_sent = not self._late_logs and not self._uploads.has_late
        return is_sent or self._is_unreachable(clean=clean) or self._is_stuck()

    def _has_child_logs(self) -> bool:
        """Upload logs that children began after their run ended; returns if there were any."""
        return any(self._add_new_logs(run) for run in self._closed_runs)

    def _is_trainer_dead(self) -> bool:
        """Whether the trainer has died rather than only closed the pipe."""
        # A dying process closes its files a moment before it is seen as dead.
        deadline = time.monotonic() + DEATH_SECS
        while is_running(self._start.pid, self._start.pid_start):
            if time.monotonic() > deadline:
                return False
            time.sleep(END_TICK_SECS)
        return True

    def _may_go(self, *, may_leave: bool) -> bool:
        uploads = self._uploads
        uploader = uploads.uploader
        if not uploads.is_caught_up:
            # A hanging request is never answered: it counts as no progress.
            return self._is_stuck()
        return uploader.is_idle or may_leave or self._is_stuck()

    def _is_unreachable(self, *, clean: bool) -> bool:
        """Whether nothing can be sent now.

        If that was so when the script ended, `finish` has told the user how to send the rest;
        otherwise it has said that the upload goes on, as it does once the server is back.
        """
        uploader = self._uploads.uploader
        if uploader.server.state == "no_address":
            # The data of a short script wait for a server that is starting.
            return read_server_file() is None
        is_refused = uploader.server.state in {"no_server", "wrong_server", "unauthorized"}
        return clean and (is_refused or uploader.is_hopeless)

    def _is_stuck(self) -> bool:
        waited = time.monotonic() - self._uploads.last_progress_secs
        return waited >= self._start.linger_secs


def _find_local() -> ServerAddress | None:
    return find_local_server(wait_secs=0.0)  # the uploader looks again


def _address(start: Start) -> ServerAddress | None:
    local = _find_local()
    if start.base_url is None:
        return local
    if local is not None and local.url == start.base_url.rstrip("/"):
        return msgspec.structs.replace(local, key=start.api_key or local.key)
    # If the local server died after it was found, `local` makes the uploader look for it again.
    return ServerAddress(start.base_url, start.api_key, local=start.is_local, policy=start.policy)


def _hold_lock(path: Path) -> FileLock | None:
    """Ensure that this process holds the sidecar's lock.

    Returns None if it was inherited; exits if another sidecar of this trainer holds it.
    """
    try:
        inherited = os.fstat(LOCK_FD)
        if os.path.samestat(inherited, path.stat()):
            return None
    except OSError:
        pass
    lock = FileLock(path)
    deadline = time.monotonic() + LOCK_ATTEMPT_SECS
    while not lock.acquire():  # the trainer's probe holds it for a moment
        if time.monotonic() > deadline:
            raise SystemExit("another sidecar of this process is at work")
        time.sleep(0.001)
    return lock


def _close_strangers() -> None:
    """Close inheritable descriptors of the trainer's C code: sockets, pipes, devices."""
    try:
        numbers = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    except (OSError, ValueError):
        return
    for fd in numbers:
        if fd > LOCK_FD:
            try:
                os.close(fd)
            except OSError:
                pass


def main() -> int:
    """The sidecar's entry point; `spawn` starts it with the wake pipe as stdin."""
    os.umask(PRIVATE_UMASK)
    if os.name == "posix":
        _close_strangers()
        # A working directory would keep a file system from being unmounted.
        os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch = ParentWatch(WAKE_FD)
    started = watch.start()
    if started is None:
        return 1
    start, messages = started
    lock = _hold_lock(start.lock_path)
    page = StatusPage(start.status_path, write=True)
    page.write(Status(pid=os.getpid()))
    Sidecar(start, watch, page).run(messages)
    # The page first: once the lock is free, another process may create both again.
    for path in (start.status_path, start.lock_path):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            pass  # Windows does not remove open files
    if lock is not None:
        lock.release()
    sys.stderr.flush()
    # Skips the interpreter's cleanup: nothing is left to save, and it takes 10 ms.
    os._exit(0)
