"""Stores the media of rows as spool files of the run. Does I/O.

Receives a batch from `weft.sdk.rows.history`, under the lock of the log, and returns once the
payloads survive a kill; the sidecar makes files of them (`weft.sync.files`).

Most runs have no files, so what these need is imported with the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from weft.runlog.layout import FILES
from weft.sdk.guard import Guard

if TYPE_CHECKING:
    from weft.runlog.spool import Job
    from weft.sdk.media.batch import MediaBatch, MediaFile
    from weft.sdk.media.media import Payload

_SPOOLED_BYTES: Final = 1 << 20
"""Given files up to this size go through the spool: one file for all that a row has."""

MAX_NAMED_LOST: Final = 5
"""The most files that could not be stored that the end of the run names."""


class MediaSpool:
    """`MediaStore` of one process.

    `lost` are the paths of the first files that could not be stored.
    """

    def __init__(self, directory: Path, guard: Guard) -> None:
        self._directory = directory
        self._guard = guard
        self.n_written = 0
        self.n_lost = 0
        self.lost: list[str] = []

    def open_batch(self) -> MediaBatch:
        from weft.sdk.media.batch import MediaBatch

        return MediaBatch(str(self._directory), self._guard.warn_value)

    def store(self, batch: MediaBatch, step: float | str, path: Path | None) -> None:
        files = batch.complete(step)
        if path is None or not files:
            return
        try:
            self._store_files(files, path)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            batch.fail(reason)
            self.n_lost += len(files)
            room = MAX_NAMED_LOST - len(self.lost)
            self.lost += [file.path for file in files[:room]]
            n_others = len(files) - 1
            others = f" and {n_others} other{'s' * (n_others > 1)}" if n_others else ""
            self._guard.warn("media", f"{files[0].path}{others} can't be stored: {reason}")

    def _store_files(self, files: Sequence[MediaFile], log: Path) -> None:
        from weft.runlog.spool import Job

        copied = [file for file in files if _is_large(file.payload.source)]
        if copied:
            self._copy(copied, log)
            files = [file for file in files if file not in copied]
        if files:
            jobs = [Job(file.path, file.payload.encoder, file.payload.options) for file in files]
            self.write_jobs(log, jobs, [_buffers_of(file.payload) for file in files])

    def _copy(self, files: Sequence[MediaFile], log: Path) -> None:
        """Copy given files to their paths, where they are only hashed.

        The spool would be a second copy. They are no links, because a script may write its next
        picture over the last one.
        """
        from weft.runlog.links import copy_file
        from weft.runlog.spool import SAVED, Job

        targets = [self._directory / FILES / file.path for file in files]
        sources = [file.payload.source or Path() for file in files]
        try:
            for source, target in zip(sources, targets, strict=True):
                copy_file(source, target)
            options = [{"source": str(source), "policy": "now"} for source in sources]
            jobs = [
                Job(file.path, SAVED, option) for file, option in zip(files, options, strict=True)
            ]
            self.write_jobs(log, jobs, [()] * len(jobs))
        except BaseException:
            for target in targets:
                target.unlink(missing_ok=True)
            raise

    def write_jobs(
        self, log: Path, jobs: Sequence[Job], payloads: Sequence[Sequence[Any]]
    ) -> None:
        """Write the next spool file of a log.

        The caller holds the log's lock. OSError if the disk is full.
        """
        from weft.runlog.spool import spool_path, write_spool

        writer_id = log.name.split(".")[-2]
        number, self.n_written = self.n_written, self.n_written + 1
        write_spool(spool_path(self._directory, writer_id, number), jobs, payloads)


def _is_large(source: Path | None) -> bool:
    return source is not None and source.stat().st_size > _SPOOLED_BYTES


def _buffers_of(payload: Payload) -> Sequence[Any]:
    if payload.source is None:
        return payload.buffers
    import mmap

    with payload.source.open("rb") as file:
        if not file.seek(0, 2):
            return ()
        return (mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ),)
