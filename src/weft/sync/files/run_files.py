"""The files of one run directory: what has to be made and hashed, and their records. Does I/O.

Steps 2 and 3 of the way of a file (`docs/decisions/0025-way-of-a-file.md`). Receives spool files,
gives orders to the workers (`worker_pool`), and records what comes back in the log of the sidecar.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Final, cast

import msgspec

from weft.errors import CorruptLog
from weft.records.record import Artifact, File
from weft.runlog.layout import FILES
from weft.runlog.spool import MANIFEST, SAVED, SPOOL, Job, SpoolFile, spool_names
from weft.sync.files.saved import LIVE_SECS, SavedFile, Version, renew_link, version_of
from weft.sync.files.unannounced import (
    MOST_FILES,
    fault_of_path,
    files_to_announce,
    is_spool_media,
    recorded_files,
)
from weft.sync.files.worker import FileResult, Order, hash_existing
from weft.sync.files.worker_pool import SHARED_BYTES, FileWorkers
from weft.sync.files.worker_process import FileWorker
from weft.sync.uploading.contents_ahead import ContentsAhead

HASHED_HERE_BYTES: Final = 1 << 20
"""Smaller files are hashed in this process: a millisecond, where the worker's start takes 100."""

LATER_SECS: Final = 30.0
"""The wait of a spool file for a passing fault, such as a full disk."""

MOST_TAKEN: Final = 512
"""The most spool files that the worker has at once. A script may write them faster than they are
made, and each look at the folder reads the names of all."""

_PER_FILE_BYTES: Final = 32 << 10
"""To make a file takes as long as to encode this many bytes of pixels, besides its own."""

_FRESH_NANOS: Final = 100_000_000
"""A folder's time of change is coarse: within this time it may change and keep it."""

_MOST_FAILURES: Final = 20

_MOST_READS: Final = 3
"""The most times that a file is hashed again at the end of its run because it changes."""


class RunFiles:
    """The files of one run, from the spool to their records.

    `writers`, which grows, are those whose spool files are taken. `record` returns whether the
    disk has taken a record. `trusts_links`: see `saved`. `ahead` takes the chunks of artifacts'
    files as they are cut. `failures` are the first of those that could not be recorded, or not
    all, as sentences for the user: one that is stored later is no longer among them.
    """

    def __init__(
        self,
        directory: Path,
        writers: Collection[str],
        worker: FileWorker | FileWorkers,
        record: Callable[[File | Artifact], bool],
        *,
        trusts_links: bool,
        ahead: ContentsAhead | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.n_made = 0
        self._directory = directory
        self._files = directory / FILES
        self._spool = str(directory / SPOOL)
        self._writers = writers
        self._worker = worker
        self._record = record
        self._trusts_links = trusts_links
        self._ahead = ahead
        self._clock = clock
        self._spool_version = 0
        self._making: dict[str, int] = {}
        """The number of unfinished jobs, by the names of spool files that the worker has."""
        self._postponed: dict[str, float] = {}
        self._blocked: set[str] = set()
        """Spool files that can't be worked off now, so that they stay."""
        self._saved: dict[str, SavedFile] = {}
        self._saved_spools: set[str] = set()
        self._saved_now: set[str] = set()
        """Files of policy `now`: a large one is a link, and its later content is not recorded."""
        self._hashing: dict[str, Version] = {}
        self._hashes: dict[str, str] = {}
        self._versions: dict[str, Version] = {}
        """The recorded versions of files other than media."""
        self._artifacts: dict[str, Artifact] = {}
        """The artifact to record once its manifest is recorded, by the manifest's path."""
        self._errors: dict[str, str] = {}
        """The messages about files that are not stored, by the path of the file or spool file."""
        self._lasting: list[str] = []
        self._n_lasting = 0
        """The first messages that stay true, and their number."""
        self._n_reads: Counter[str] = Counter()
        """The number of times that files were hashed since their run has ended."""
        self._is_over = False
        self._is_ending = False
        """Whether the run is over and all of its spool is taken up."""
        self._is_log_stuck = False

    @property
    def n_failures(self) -> int:
        """The number of files that are not stored, or not yet."""
        return self._n_lasting + len(self._errors)

    @property
    def failures(self) -> list[str]:
        """Sentences about the first of them."""
        return list(islice(chain(self._lasting, self._errors.values()), _MOST_FAILURES))

    @property
    def n_waiting(self) -> int:
        """The number of files that are being made or hashed."""
        return sum(self._making.values()) + len(self._hashing)

    @property
    def is_done(self) -> bool:
        """Whether the run has ended and all of its files are recorded."""
        return self._is_ending and not self.n_waiting

    def look(self) -> None:
        """Take up new spool files, and saved files that are due."""
        now = self._clock()
        for name in [name for name, due in self._postponed.items() if now >= due]:
            del self._postponed[name]
            self._spool_version = 0
        self._take_up_spool()
        if not self._is_ending:
            for path, saved in self._saved.items():
                if saved.policy == "live" and now >= saved.due_secs and path not in self._hashing:
                    self._refresh(path, saved)
        self._release_spool()

    def end(self) -> None:
        """Take up the rest, because the run has ended.

        Call it again until `is_done`: not all may be taken up at once.
        """
        if not self._is_over:
            self._is_over = True
            self._postponed.clear()
            self._spool_version = 0
        if self._is_ending or not self._take_up_spool():
            self._release_spool()
            return
        self._is_ending = True
        for path, saved in self._saved.items():
            if saved.policy != "now" and path not in self._hashing:
                self._refresh(path, saved)
        self._announce_others()
        self._release_spool()

    def take(self, order: Order, result: FileResult) -> None:
        """Record the worker's result of an order, or pass on chunks of a file."""
        if result.chunks:
            if self._ahead is not None:
                self._ahead.add(result.path, result.start, result.chunks)
            return
        if not order.spool:
            self._note_hashed(result)
            return
        name = os.path.basename(order.spool)  # noqa: PTH119
        if result.is_passing:
            if result.path in self._artifacts and self._ahead is not None:
                self._ahead.end()
            if name not in self._blocked:
                subject = result.path or f"the content of spool file {name}"
                self._errors[result.path or self._spool_path(name)] = (
                    f"{subject} can't be made now ({result.error}); it is tried again later"
                )
            self._blocked.add(name)
        elif result.path:
            if is_spool_media(result.path):
                self._note(result)
            else:  # it looks like a file of the user, and may have been found as one
                self._note_new(result)
        elif result.error is not None:
            self._tell(result.error)
        self._making[name] = max(0, self._making.get(name, 1) - 1)
        if result.is_last:
            del self._making[name]
            self._end_spool(name)

    def _take_up_spool(self) -> bool:
        """Take up new spool files, as many as the worker needs now; whether none is left."""
        if len(self._making) > MOST_TAKEN // 2:
            return False
        try:
            version = os.stat(self._spool).st_mtime_ns  # noqa: PTH116
        except OSError:
            return True
        if version == self._spool_version:
            return True
        is_settled = time.time_ns() - version > _FRESH_NANOS
        self._spool_version = version if is_settled else 0
        for name in spool_names(self._directory):
            is_known = (
                name in self._making or name in self._saved_spools or name in self._postponed
            )
            if is_known or name.rpartition("-")[0] not in self._writers:
                continue
            if len(self._making) >= MOST_TAKEN:
                self._spool_version = 0
                return False
            self._take_up(name)
        return True

    def _take_up(self, name: str) -> None:
        path = self._spool_path(name)
        try:
            with SpoolFile(path) as spool:
                jobs, n_bytes = spool.jobs, spool.n_bytes
        except (CorruptLog, OSError) as error:
            self._tell(str(error))
            if isinstance(error, CorruptLog):
                self._remove(name)
            return
        if jobs and jobs[0].encoder == SAVED:
            self._saved_spools.add(name)
            for job in jobs:
                self._take_up_saved(job, name)
            return
        self._making[name] = len(jobs)
        work = n_bytes + len(jobs) * _PER_FILE_BYTES
        for job in jobs:
            if job.encoder == MANIFEST:
                self._note_artifact(job)
                work += SHARED_BYTES  # one after the other: the first that is logged is v0
        try:
            self._worker.add(self._order(spool=path), work)
        except OSError as error:
            del self._making[name]
            self._postponed[name] = self._clock() + LATER_SECS
            self._errors[path] = f"files can't be made, because no process can be started: {error}"

    def _note_artifact(self, job: Job) -> None:
        name, type_, aliases = (job.options.get(option) for option in ("name", "type", "aliases"))
        if isinstance(name, str) and isinstance(type_, str) and isinstance(aliases, list):
            named = [str(alias) for alias in cast("list[object]", aliases)]
            distributed_id = str(job.options.get("distributed_id", ""))
            action = "part" if job.options.get("is_part") else "log"
            self._artifacts[job.path] = Artifact(
                action, name, type_, job.path, named, distributed_id=distributed_id
            )

    def _take_up_saved(self, job: Job, spool: str) -> None:
        policy = job.options.get("policy")
        before = self._saved.get(job.path)
        saved = SavedFile(
            Path(str(job.options.get("source", ""))),
            policy if policy in ("live", "end") else "now",
            spool,
            _saved_version(job),
            self._versions.get(job.path),
        )
        if before is not None and "live" in (before.policy, saved.policy):
            saved.policy = "live"  # as in W&B, no later call lowers it
        self._saved[job.path] = saved
        if saved.policy == "now":
            self._saved_now.add(job.path)
            self._check_unchanged(job)
        else:
            self._saved_now.discard(job.path)
        if saved.policy != "end":
            self._refresh(job.path, saved)

    def _check_unchanged(self, job: Job) -> None:
        """Tell if a file of policy `now` has changed since the call; its content is lost."""
        then = _saved_version(job)
        try:
            version = version_of(self._files / job.path)
        except OSError:
            return
        if then is not None and then != (version.n_bytes, version.changed_nanos):
            self._tell(
                f"{job.path} was changed after save() and before it was read: "
                "it is stored as changed"
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
                self._fail(
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
            self._tell(
                f"{len(paths) - MOST_FILES:,} of {len(paths):,} files in {self._files} are not "
                "recorded: save() them, or log them as an artifact"
            )
        recorded = recorded_files(self._directory)
        for path in paths[:MOST_FILES]:
            fault = fault_of_path(path)
            if fault is not None:
                self._tell(f"{fault}: rename it to have it recorded")
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
        if version.n_bytes > HASHED_HERE_BYTES:
            with suppress(OSError):
                self._worker.add(self._order(paths=[path]))
                return
        result = hash_existing(
            path,
            self._files,
            trusts_links=self._trusts_links,
            linked_version=self._linked_version(path),
        )
        self._note_hashed(result)

    def _order(self, spool: str = "", paths: Sequence[str] = ()) -> Order:
        return Order(
            str(self._files),
            spool,
            list(paths),
            trusts_links=self._trusts_links,
            linked_version=self._linked_version(paths[0]) if paths else None,
        )

    def _linked_version(self, path: str) -> tuple[int, int] | None:
        """Return the size and time of change of the file that a saved file may be a link to."""
        saved = self._saved.get(path)
        return None if saved is None else saved.saved_version

    def _note_hashed(self, result: FileResult) -> None:
        version = self._hashing.pop(result.path, None)
        if version is not None:
            self._versions[result.path] = version
            if self._is_ending and self._hash_again(result.path, version):
                return
        if result.error is not None and result.path in self._hashes:
            return  # an earlier content is recorded: it stays
        self._note_new(result)

    def _note_new(self, result: FileResult) -> None:
        """Record a file unless this content of it is recorded."""
        if result.error is not None or self._hashes.get(result.path) != result.sha256:
            self._hashes[result.path] = result.sha256
            self._note(result)

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

    def _note(self, result: FileResult) -> None:
        if result.error is not None:
            self._fail(result.path, result.error)
            return
        self._errors.pop(result.path, None)  # of an earlier content, or an earlier try
        self._is_log_stuck = not self._record(File(result.path, result.n_bytes, result.sha256))
        self.n_made += 1
        self._record_artifact(result.path)

    def _record_artifact(self, path: str) -> None:
        """Record the artifact whose manifest a file is, if it is one."""
        artifact = self._artifacts.pop(path, None)
        if artifact is not None:
            if self._ahead is not None:
                self._ahead.end()
            self._is_log_stuck = not self._record(artifact)

    def _fail(self, path: str, reason: str) -> None:
        artifact = self._artifacts.get(path)
        subject = path if artifact is None else f"artifact {artifact.name}"
        sentence = f"{subject} can't be stored: {reason}"
        if self._errors.get(path) == sentence:
            return
        self._errors[path] = sentence
        self._is_log_stuck = not self._record(File(path, 0, "", error=reason))
        self._record_artifact(path)

    def _end_spool(self, name: str) -> None:
        if name in self._blocked or self._is_log_stuck:
            self._blocked.discard(name)
            self._postponed[name] = self._clock() + LATER_SECS
        else:
            self._errors.pop(self._spool_path(name), None)
            self._remove(name)

    def _release_spool(self) -> None:
        """Remove spool files whose saved files are recorded and not looked at any more."""
        open_ones = {
            saved.spool
            for path, saved in self._saved.items()
            if path in self._hashing or (saved.policy != "now" and not self._is_ending)
        }
        if self._is_log_stuck:
            return
        for name in self._saved_spools - open_ones:
            self._remove(name)
        self._saved_spools &= open_ones
        self._saved = {p: saved for p, saved in self._saved.items() if saved.spool in open_ones}

    def _tell(self, sentence: str) -> None:
        self._n_lasting += 1
        if len(self._lasting) < _MOST_FAILURES:
            self._lasting.append(sentence)

    def _spool_path(self, name: str) -> str:
        return f"{self._spool}{os.sep}{name}"

    def _remove(self, name: str) -> None:
        try:
            os.unlink(self._spool_path(name))  # noqa: PTH108
        except OSError:
            pass  # the directory was made read-only: the files are recorded again later


def _saved_version(job: Job) -> tuple[int, int] | None:
    """The size and time of change (ns) of a saved file at the call of `save`, if it has them."""
    try:
        return msgspec.convert(job.options.get("version"), tuple[int, int])
    except msgspec.ValidationError:
        return None
