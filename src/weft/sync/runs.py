"""The sidecar's view of one run of the trainer. Does I/O in the run's directory.

Finds the logs of forked children, writes the sidecar's own log of the run, has its files made, and
calls fsync on the main log.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weft.errors import CorruptLog
from weft.records.record import Artifact, File
from weft.runlog.header import is_of_this_boot
from weft.runlog.layout import FILES, logs_of, sidecar_lock_path
from weft.runlog.lock import FileLock, is_locked
from weft.runlog.platform import machine_id
from weft.runlog.spool import SPOOL
from weft.sync.files.unannounced import has_files_to_announce
from weft.sync.sampling.source import Figures
from weft.sync.sidecar_log import SidecarLog
from weft.sync.status import FilesStatus
from weft.sync.uploading.contents_ahead import ContentsAhead
from weft.sync.uploading.tail import is_closed, read_begun_head, read_head

if TYPE_CHECKING:
    from weft.sync.files.file_maker import FileMaker
    from weft.sync.files.run_files import RunFiles


class WatchedRun:
    """A run whose main log the trainer writes.

    It is `closed` by `close`, and not uploaded by the sidecar if `offline`; then it has no
    `ahead`, the chunks of artifacts' files as they are cut. Links among the run's files are
    followed only if this user made its directory on this machine.
    """

    def __init__(self, main: Path, runtime: Path, *, trusts_links: bool = True) -> None:
        self.main = main
        self.closed = False
        self._trusts_links = trusts_links
        self._header, self._run, _ = read_head(main)
        self.offline = self._header.mode == "offline"
        self._writers = {self._header.writer_id}
        self._listed = {main}
        self._own: SidecarLog | None = None
        self._files: RunFiles | None = None
        self.ahead = None if self.offline else ContentsAhead(self.directory / FILES)
        self._synced_size = 0
        self._runtime = runtime
        name = f"{self._run.entity}/{self._run.project}/{self._header.run_id}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:24]
        self._machine_lock = FileLock(runtime / f"{digest}.machine.lock")

    @property
    def directory(self) -> Path:
        return self.main.parent

    @property
    def is_of_this_machine(self) -> bool:
        """Whether the run was on this machine."""
        return self._header.machine_id == machine_id()

    @property
    def has_sidecar(self) -> bool:
        """Whether a sidecar of the run's process is at work, maybe after the process's end."""
        header = self._header
        name = sidecar_lock_path(self._runtime, header.pid, header.pid_start).name
        return any(is_locked(path) for path in self._runtime.glob(f"*{name}"))

    @property
    def is_of_this_boot(self) -> bool:
        """Whether the run began since this system started."""
        return is_of_this_boot(self._header)

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
        logs: list[Path] = []
        for log in logs_of(self.directory):
            if log in self._listed:
                continue
            try:
                head = read_begun_head(log)
            except (CorruptLog, OSError):
                self._listed.add(log)
                logs.append(log)  # the upload thread opens it again, or counts it as damaged
                continue
            if head is None:
                continue  # it is still being created; its upload begins with its first record
            self._listed.add(log)
            header = head[0]
            if header.parent_writer in self._writers:
                self._writers.add(header.writer_id)
                logs.append(log)
        return logs

    @property
    def has_spool(self) -> bool:
        """Whether the script has ever stored files."""
        return (self.directory / SPOOL).is_dir()

    @property
    def files_status(self) -> FilesStatus | None:
        """The progress of the run's files. None if it has none yet."""
        files = self._files
        if files is None:
            return None
        records = files.records
        return FilesStatus(
            self._header.run_id,
            files.n_waiting,
            records.n_made,
            records.n_failures,
            records.failures,
        )

    def look_after_files(self, maker: Callable[[], FileMaker]) -> None:
        """Have new files made, if there are any."""
        if self._files is None and self.has_spool:
            self._add_files(maker())
        if self._files is not None:
            self._files.look()

    def end_files(self, maker: Callable[[], FileMaker]) -> bool:
        """Have all files made, because the run has ended; whether they are recorded."""
        if self._files is None and (self.has_spool or has_files_to_announce(self.directory)):
            self._add_files(maker())
        if self._files is None:
            return True
        self._files.end()
        return self._files.is_done

    def _add_files(self, maker: FileMaker) -> None:
        self._files = maker.add(
            self.directory,
            self._writers,
            self._record_file,
            ahead=self.ahead,
            trusts_links=self._trusts_links,
        )

    def _record_file(self, record: File | Artifact) -> bool:
        try:
            return self._own_log().append_file(record)
        except OSError:
            return False

    def announce_environment(self) -> list[Path]:
        """Move the files of the environment to the run's files, and record them.

        If the run has ended, its logs are closed: then they are recorded in another one, which is
        returned.
        """
        from weft.sync.capture.staging import take_gathered

        run = self
        if self.closed:
            run = WatchedRun(self.main, self._runtime, trusts_links=self._trusts_links)
            run.new_logs()
        run._record_paths(take_gathered(self.directory, trusts_links=self._trusts_links))
        if run is self:
            return []
        run.close(crashed=False)
        logs = run.new_logs()
        self._listed.update(logs)  # as a child's log, a script or its sidecar would wait for it
        return logs

    def _record_paths(self, paths: list[str]) -> None:
        from weft.sync.files.worker import hash_existing

        for path in paths:
            files = self.directory / FILES
            entry = hash_existing(path, files, trusts_links=self._trusts_links)
            if entry.error is None:
                self._record_file(File(entry.path, entry.n_bytes, entry.sha256))

    def holds_machine(self) -> bool:
        """Whether this sidecar samples the machine for this run, and no other on this host."""
        try:
            # Held until this run closes; then another sidecar takes over at its next sample.
            return self._machine_lock.acquire()
        except OSError:
            return False

    def sample(self, figures: Figures) -> None:
        """Record one sample of system metrics."""
        try:
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
            if crashed or self._own is not None:
                self._own_log().close(crashed=crashed)
        except OSError:
            pass  # as in `sample`; the server notices the writer's silence
        self._machine_lock.release(remove=True)

    def _own_log(self) -> SidecarLog:
        if self._own is None:
            self._own = SidecarLog(self.directory, self._header, self._run)
        return self._own
