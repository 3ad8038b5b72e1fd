"""The files of one run directory: what has to be made and hashed, and their records. Does I/O.

Steps 2 and 3 of the way of a file (`docs/decisions/0025-way-of-a-file.md`). Receives spool files
(`spool_queue`), gives orders to the workers (`worker_pool`), and has what comes back recorded in
the sidecar's log (`file_records`). `existing_files` decides which files are only hashed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.records.record import Artifact, File
from weft.runlog.layout import FILES
from weft.runlog.spool import MANIFEST, SAVED, SpoolFile
from weft.sync.files.existing_files import ExistingFiles
from weft.sync.files.file_records import FileRecords
from weft.sync.files.spool_queue import SpoolQueue
from weft.sync.files.unannounced import is_spool_media
from weft.sync.files.worker import FileResult, Order
from weft.sync.files.worker_pool import SHARED_BYTES, FileWorkers
from weft.sync.files.worker_process import FileWorker
from weft.sync.uploading.contents_ahead import ContentsAhead

_PER_FILE_BYTES: Final = 32 << 10
"""To make a file takes as long as to encode this many bytes of pixels, besides its own."""


class RunFiles:
    """The files of one run, from the spool to their `records`.

    `writers`, which grows, are those whose spool files are taken. `record` returns whether the
    disk has taken a record. `trusts_links`: see `saved`. `ahead` takes the chunks of artifacts'
    files as they are cut.
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
        self.records = FileRecords(record, ahead)
        self._files = directory / FILES
        self._worker = worker
        self._trusts_links = trusts_links
        self._ahead = ahead
        self._spool = SpoolQueue(directory, writers, clock)
        self._existing = ExistingFiles(
            directory, worker, self.records, clock, trusts_links=trusts_links
        )
        self._is_over = False

    @property
    def n_waiting(self) -> int:
        """The number of files that are being made or hashed."""
        return self._spool.n_jobs + self._existing.n_hashing

    @property
    def is_done(self) -> bool:
        """Whether the run has ended and all of its files are recorded."""
        return self._existing.is_ending and not self.n_waiting

    def look(self) -> None:
        """Take up new spool files, and saved files that are due."""
        self._spool.retry_due()
        self._spool.take_up(self._take_up)
        self._existing.refresh_due()
        self._release_saved()

    def end(self) -> None:
        """Take up the rest, because the run has ended.

        Call it again until `is_done`: not all may be taken up at once.
        """
        if not self._is_over:
            self._is_over = True
            self._spool.retry_all()
        if not self._existing.is_ending and self._spool.take_up(self._take_up):
            self._existing.end()
        self._release_saved()

    def take(self, order: Order, result: FileResult) -> None:
        """Record the worker's result of an order, or pass on chunks of a file."""
        if result.chunks:
            if self._ahead is not None:
                self._ahead.add(result.path, result.start, result.chunks)
            return
        if not order.spool:
            self._existing.record(result)
            return
        name = os.path.basename(order.spool)  # noqa: PTH119
        if result.is_passing:
            self.records.await_manifest(result.path)
            if self._spool.block(name):
                subject = result.path or f"the content of spool file {name}"
                self.records.add_passing_failure(
                    result.path or self._spool.path_of(name),
                    f"{subject} can't be made now ({result.error}); it is tried again later",
                )
        elif result.path:
            if is_spool_media(result.path):
                self.records.record_file(result)
            else:  # it looks like a file of the user, and may have been found as one
                self._existing.record_if_changed(result)
        elif result.error is not None:
            self.records.add_failure(result.error)
        self._spool.end_job(name)
        if result.is_last and self._spool.end(name, is_recorded=not self.records.is_log_stuck):
            self.records.forget_failure(self._spool.path_of(name))

    def _take_up(self, name: str) -> None:
        path = self._spool.path_of(name)
        try:
            with SpoolFile(path) as spool:
                jobs, n_bytes = spool.jobs, spool.n_bytes
        except (CorruptLog, OSError) as error:
            self.records.add_failure(str(error))
            if isinstance(error, CorruptLog):
                self._spool.remove(name)
            return
        if jobs and jobs[0].encoder == SAVED:
            self._spool.keep_saved(name)
            for job in jobs:
                self._existing.save(job, name)
            return
        self._spool.begin(name, len(jobs))
        work = n_bytes + len(jobs) * _PER_FILE_BYTES
        for job in jobs:
            if job.encoder == MANIFEST:
                self.records.expect_artifact(job)
                work += SHARED_BYTES  # one after the other: the first that is logged is v0
        try:
            order = Order(str(self._files), path, trusts_links=self._trusts_links)
            self._worker.add(order, work)
        except OSError as error:
            self._spool.postpone(name)
            self.records.add_passing_failure(
                path, f"files can't be made, because no process can be started: {error}"
            )

    def _release_saved(self) -> None:
        if not self.records.is_log_stuck:
            self._spool.release_saved(self._existing.forget_recorded())
