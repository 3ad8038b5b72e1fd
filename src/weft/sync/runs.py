"""The sidecar's view of one run of the trainer. Does I/O in the run's directory.

Finds the logs of forked children, writes the sidecar's own log of the run, and calls fsync on the
main log.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from weft.errors import CorruptLog
from weft.runlog.layout import logs_of
from weft.runlog.lock import FileLock
from weft.runlog.reader import read_header
from weft.sync.system_log import SystemLog
from weft.sync.tail import is_closed, read_head

if TYPE_CHECKING:
    from weft.sync.sampler import Sampler  # imports psutil, which the first upload does not need


class WatchedRun:
    """A run whose main log the trainer writes.

    Attributes:
        main: path of that log.
        offline: whether the sidecar does not upload this run.
        closed: whether `close` was called.

    Raises:
        CorruptLog, NewerLog, OSError: the main log can't be read.
    """

    def __init__(self, main: Path, runtime: Path) -> None:
        self.main = main
        self.closed = False
        self._header, self._run, _ = read_head(main)
        self.offline = self._header.mode == "offline"
        self._writers = {self._header.writer_id}
        self._seen = {main}
        self._system: SystemLog | None = None
        self._synced_size = 0
        name = f"{self._run.entity}/{self._run.project}/{self._header.run_id}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:24]
        self._machine_lock = FileLock(runtime / f"{digest}.machine.lock")

    @property
    def directory(self) -> Path:
        return self.main.parent

    @property
    def is_finished(self) -> bool:
        """Whether the trainer wrote Exit."""
        try:
            return is_closed(self.main)
        except (OSError, CorruptLog):
            return True  # the directory was removed, so nothing more can follow

    def new_logs(self) -> list[Path]:
        """New logs in the directory by child processes of this run's main writer.

        Other processes of the same run have their own sidecars.
        """
        found: list[Path] = []
        for log in logs_of(self.directory):
            if log in self._seen:
                continue
            try:
                header = read_header(log)
            except (CorruptLog, OSError):
                self._seen.add(log)
                continue
            if header is None:
                continue  # its header is still being written
            self._seen.add(log)
            if header.parent_writer in self._writers:
                self._writers.add(header.writer_id)
                found.append(log)
        return found

    def sample(self, sampler: Sampler) -> None:
        """Record one sample of the process, and of the machine if no other sidecar does."""
        figures = sampler.process_figures()
        try:
            # Held until this run closes; then another sidecar takes over at its next sample.
            if self._machine_lock.acquire():
                figures |= sampler.machine_figures()
            if figures:
                self._own_log().append(figures)
        except OSError:
            return  # the directory is not writable: the run has no samples

    def sync(self) -> None:
        """Call fsync on the main log if it has grown, so that it survives a power loss."""
        try:
            size = self.main.stat().st_size
            if size == self._synced_size:
                return
            fd = os.open(self.main, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
            self._synced_size = size
        except OSError:
            return  # the directory was removed, or the file system has no fsync

    def close(self, *, crashed: bool) -> None:
        """Record the run's end in the sidecar's own log; creates that log if the run crashed."""
        if self.closed:
            return
        self.closed = True
        try:
            if crashed or self._system is not None:
                self._own_log().close(crashed=crashed)
        except OSError:
            pass  # as in `sample`; the server notices the writer's silence
        self._machine_lock.release(remove=True)

    def _own_log(self) -> SystemLog:
        if self._system is None:
            self._system = SystemLog(self.directory, self._header, self._run)
        return self._system
