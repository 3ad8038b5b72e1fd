"""The files of a run that are at their path already: when each is hashed. Does I/O.

They were given to `save()`, or appear in the run's `files` without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from weft.runlog.layout import FILES
from weft.runlog.spool import Job
from weft.sync.files.file_records import FileRecords
from weft.sync.files.saved import (
    LIVE_SECS,
    SavedFile,
    Version,
    read_saved,
    renew_link,
    version_of,
)
from weft.sync.files.unannounced import (
    MOST_FILES,
    fault_of_path,
    files_to_announce,
    recorded_files,
)
from weft.sync.files.worker import FileResult, Order, hash_existing
from weft.sync.files.worker_pool import FileWorkers
from weft.sync.files.worker_process import FileWorker

HASHED_HERE_BYTES: Final = 1 << 20
"""Smaller files are hashed in this process: a millisecond, where the worker's start takes 100."""

_MOST_READS: Final = 3
"""The most times that a file is hashed again at the end of its run because it changes."""


class ExistingFiles:
    """The saved files of a run, and those that appear; see `RunFiles` for the arguments."""

    def __init__(
        self,
        directory: Path,
        worker: FileWorker | FileWorkers,
        records: FileRecords,
        clock: Callable[[], float],
        *,
        trusts_links: bool,
    ) -> None:
        self.is_ending = False
        """Whether the run is over and all of its spool is taken up."""
        self._directory = directory
        self._files = directory / FILES
        self._worker = worker
        self._records = records
        self._clock = clock
        self._trusts_links = trusts_links
        self._saved: dict[str, SavedFile] = {}
        self._saved_now: set[str] = set()
        """Files of policy `now`: a large one is a link, and its later content is not recorded."""
        self._hashing: dict[str, Version] = {}
        self._versions: dict[str, Version] = {}
        """The recorded versions."""
        self._hashes: dict[str, str] = {}
        """The recorded hashes, also of files made from the spool that are not media."""
        self._n_reads: Counter[str] = Counter()
        """The number of times that files were hashed since their run has ended."""

    @property
    def n_hashing(self) -> int:
        return len(self._hashing)

    def save(self, job: Job, spool: str) -> None:
        """Take up a saved file from its job in a spool file."""
        before = self._saved.get(job.path)
        saved = read_saved(job, spool, self._versions.get(job.path))
        if before is not None and "live" in (before.policy, saved.policy):
            saved.policy = "live"  # as in W&B, no later call lowers it
        self._saved[job.path] = saved
        if saved.policy == "now":
            self._saved_now.add(job.path)
            self._check_unchanged(job.path, saved)
        else:
            self._saved_now.discard(job.path)
        if saved.policy != "end":
            self._refresh(job.path, saved)

    def refresh_due(self) -> None:
        """Hash the files of policy `live` that have changed."""
        if self.is_ending:
            return
        now = self._clock()
        for path, saved in self._saved.items():
            if saved.policy == "live" and now >= saved.due_secs and path not in self._hashing:
                self._refresh(path, saved)

    def end(self) -> None:
        """Hash all that are not recorded, because the run has ended and no more is saved."""
        self.is_ending = True
        for path, saved in self._saved.items():
            if saved.policy != "now" and path not in self._hashing:
                self._refresh(path, saved)
        self._announce_others()

    def record(self, result: FileResult) -> None:
        """Record the hash of a file, or hash it again if it has changed since."""
        version = self._hashing.pop(result.path, None)
        if version is not None:
            self._versions[result.path] = version
            if self.is_ending and self._hash_again(result.path, version):
                return
        if result.error is not None and result.path in self._hashes:
            return  # an earlier content is recorded: it stays
        self.record_if_changed(result)

    def record_if_changed(self, result: FileResult) -> None:
        """Record a file unless this content of it is recorded."""
        if result.error is not None or self._hashes.get(result.path) != result.sha256:
            self._hashes[result.path] = result.sha256
            self._records.record_file(result)

    def forget_recorded(self) -> set[str]:
        """Forget saved files that are recorded and not looked at any more.

        Return the names of the spool files with others.
        """
        unfinished = {
            saved.spool
            for path, saved in self._saved.items()
            if path in self._hashing or (saved.policy != "now" and not self.is_ending)
        }
        self._saved = {p: saved for p, saved in self._saved.items() if saved.spool in unfinished}
        return unfinished

    def _check_unchanged(self, path: str, saved: SavedFile) -> None:
        """Tell if a file of policy `now` has changed since the call; its content is lost."""
        then = saved.saved_version
        try:
            version = version_of(self._files / path)
        except OSError:
            return
        if then is not None and then != (version.n_bytes, version.changed_nanos):
            self._records.add_failure(
                f"{path} was changed after save() and before it was read: it is stored as changed"
            )

    def _refresh(self, path: str, saved: SavedFile) -> None:
        """Hash a saved file unless it is as it was."""
        saved.due_secs = self._clock() + LIVE_SECS
        target = self._files / path
        try:
            if self._trusts_links and saved.policy != "now":
                renew_link(saved, target)
            version = version_of(target)
        except OSError as error:
            if saved.version is None:
                self._records.record_failure(
                    path,
                    "it was deleted before it could be read"
                    if isinstance(error, FileNotFoundError)
                    else (error.strerror or str(error)).lower(),
                )
            return
        if version == saved.version:
            return
        saved.version = version
        self._hash(path, version)

    def _announce_others(self) -> None:
        """Hash the files that were not saved, unless a log has them already."""
        saved = self._saved_now.intersection(self._versions).union(self._saved)
        paths = [path for path in files_to_announce(self._directory) if path not in saved]
        if not paths:
            return
        paths.sort()
        if len(paths) > MOST_FILES:
            self._records.add_failure(
                f"{len(paths) - MOST_FILES:,} of {len(paths):,} files in {self._files} are not "
                "recorded: save() them, or log them as an artifact"
            )
        recorded = recorded_files(self._directory)
        for path in paths[:MOST_FILES]:
            fault = fault_of_path(path)
            if fault is not None:
                self._records.add_failure(f"{fault}: rename it to have it recorded")
                continue
            before = recorded.get(path)
            try:
                version = version_of(self._files / path)
                is_still = before is not None and before.is_still(self._files / path)
            except OSError:
                continue  # deleted a moment ago
            if is_still or self._versions.get(path) == version:
                continue
            if before is not None:
                self._hashes.setdefault(path, before.file.sha256)
            self._hash(path, version)

    def _hash(self, path: str, version: Version) -> None:
        self._hashing[path] = version
        saved = self._saved.get(path)
        linked = None if saved is None else saved.saved_version
        links = self._trusts_links
        if version.n_bytes > HASHED_HERE_BYTES:
            with suppress(OSError):
                self._worker.add(
                    Order(str(self._files), "", [path], trusts_links=links, linked_version=linked)
                )
                return
        self.record(hash_existing(path, self._files, trusts_links=links, linked_version=linked))

    def _hash_again(self, path: str, hashed: Version) -> bool:
        """Hash a file again if it has changed since; return whether it has."""
        saved = self._saved.get(path)
        target = self._files / path
        if saved is not None and saved.policy == "now":
            return False
        self._n_reads[path] += 1
        if self._n_reads[path] > _MOST_READS:
            return False
        try:
            if saved is not None and self._trusts_links:
                renew_link(saved, target)
            version = version_of(target)
        except OSError:
            return False
        if version == hashed:
            return False
        self._hash(path, version)
        return True
