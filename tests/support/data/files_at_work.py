"""A run's directory whose files are made by a real file worker, for tests without a sidecar."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psutil

from weft.records.files.artifacts import ARTIFACTS_FOLDER, MANIFEST_SUFFIX, Manifest, ManifestEntry
from weft.records.record import File
from weft.runlog.spool import MANIFEST, SAVED, Job, spool_path, write_spool
from weft.sync.files.encoders.manifest import DraftManifest
from weft.sync.files.run_files import RunFiles
from weft.sync.files.worker_process import FileWorker
from weft.sync.spawn import package_folders

WRITER = "w"


class FilesAtWork:
    """The files of a run, the records that were made of them, and a clock that a test moves.

    Attributes:
        takes: whether the log takes records.
    """

    def __init__(self, directory: Path, worker: FileWorker, *, trusts_links: bool = True) -> None:
        self.directory = directory
        self.records: list[File] = []
        self.now_secs = 0.0
        self.takes = True
        (directory / "files").mkdir(parents=True, exist_ok=True)
        self._worker = worker
        self._number = len(list(directory.glob("spool/*")))
        self.files = RunFiles(
            directory,
            {WRITER},
            worker,
            self._record,
            trusts_links=trusts_links,
            clock=lambda: self.now_secs,
        )

    def _record(self, file: File) -> bool:
        self.records.append(file)
        return self.takes

    def spool(self, *jobs: tuple[str, bytes]) -> Path:
        """Spool contents that are files as they are; returns the spool file."""
        path = self._next()
        write_spool(path, [Job(name, "bytes") for name, _ in jobs], [[data] for _, data in jobs])
        return path

    def save(
        self, source: Path, path: str, policy: str, version: tuple[int, int] | None = None
    ) -> Path:
        """Spool a saved file; its link lies in `files` already."""
        spool = self._next()
        options = {"source": str(source), "policy": policy, "version": version}
        write_spool(spool, [Job(path, SAVED, options)], [()])
        return spool

    def log_artifact(self, token: str, entry: ManifestEntry, changed_nanos: int = 0) -> None:
        """Spool the manifest of an artifact of one file, which is in `files/artifacts/TOKEN`."""
        draft = msgspec.msgpack.encode(DraftManifest(Manifest([entry]), [changed_nanos]))
        job = Job(f"{ARTIFACTS_FOLDER}{token}{MANIFEST_SUFFIX}", MANIFEST, n_bytes=len(draft))
        write_spool(self._next(), [job], [[draft]])

    def work(self) -> None:
        """Look, and wait until nothing is waiting."""
        self.files.look()
        self.wait()
        self.files.look()

    def end(self) -> None:
        """End the run, and wait until its files are recorded."""
        while not self.files.is_done:
            self.files.end()
            self.wait()
        self.files.end()

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while self.files.n_waiting:
            assert time.monotonic() < deadline, "the worker answers"
            for order, file in self._worker.poll(1.0):
                self.files.take(order, file)

    @property
    def spooled(self) -> list[str]:
        """The names of the spool files that are left."""
        return sorted(path.name for path in self.directory.glob("spool/*"))

    def _next(self) -> Path:
        self._number += 1
        return spool_path(self.directory, WRITER, self._number)


@contextmanager
def files_at_work(directory: Path, *, trusts_links: bool = True) -> Generator[FilesAtWork]:
    worker = FileWorker(package_folders(), 10)
    try:
        yield FilesAtWork(directory, worker, trusts_links=trusts_links)
    finally:
        worker.close()


def file_workers(of: psutil.Process | None = None) -> list[psutil.Process]:
    """The file workers that a process has started and that still run.

    Args:
        of: a sidecar. If None, this process.
    """
    children: list[psutil.Process] = []
    for child in (of or psutil.Process()).children():
        with suppress(psutil.Error):
            # A process has no command line for a moment when its program begins, and as a zombie.
            while not (line := child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.001)
            if "weft-files" in line:
                children.append(child)
    return children
