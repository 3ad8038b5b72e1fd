"""Makes the files of several runs with the same workers. Does I/O.

Used by the sidecar for its runs, and by `weft sync` for directories of processes that ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from weft.records.record import Artifact, File
from weft.runlog.layout import FILES, upload_lock_path
from weft.runlog.lock import FileLock
from weft.runlog.spool import SPOOL
from weft.sync.files.run_files import RunFiles
from weft.sync.files.worker_pool import FileWorkers
from weft.sync.uploading.contents_ahead import ContentsAhead


class _Run(NamedTuple):
    files: RunFiles
    lock: FileLock


class FileMaker:
    """The files of all runs that this process looks after; `n_made` have been recorded."""

    def __init__(self, folders: list[str], runtime: Path) -> None:
        self._workers = FileWorkers(folders)
        self._runtime = runtime
        self._runs: dict[str, _Run] = {}

    @property
    def n_made(self) -> int:
        return sum(run.files.records.n_made for run in self._runs.values())

    @property
    def is_idle(self) -> bool:
        """Whether no file is being made or hashed."""
        return self._workers.is_idle

    def add(
        self,
        directory: Path,
        writers: Collection[str],
        record: Callable[[File | Artifact], bool],
        *,
        trusts_links: bool,
        ahead: ContentsAhead | None = None,
    ) -> RunFiles | None:
        """Look after the files of a run's directory; see `RunFiles`.

        None if another process does.
        """
        lock = FileLock(upload_lock_path(self._runtime, directory / SPOOL))
        if not lock.acquire():
            return None
        files = RunFiles(
            directory, writers, self._workers, record, trusts_links=trusts_links, ahead=ahead
        )
        self._runs[str(directory / FILES)] = _Run(files, lock)
        return files

    def remove(self, directory: Path) -> None:
        """Look no longer after the files of a directory."""
        run = self._runs.pop(str(directory / FILES), None)
        if run is not None:
            run.lock.release(remove=True)

    def look(self) -> None:
        """Take up new work, and record what is done."""
        for run in self._runs.values():
            run.files.look()
        self.poll()

    def poll(self, timeout_secs: float = 0.0) -> None:
        """Record what the workers have made since the last call, after waiting for the first of
        it.
        """
        for order, result in self._workers.poll(timeout_secs):
            run = self._runs.get(order.files)
            if run is not None:
                run.files.take(order, result)

    def filenos(self) -> frozenset[int]:
        """The descriptors that become readable when a worker answers."""
        return self._workers.filenos()

    def close(self) -> None:
        """End the workers, and look after nothing any more."""
        self._workers.close()
        for run in self._runs.values():
            run.lock.release(remove=True)
        self._runs.clear()
