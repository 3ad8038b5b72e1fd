"""Backups: a consistent copy of all of a server's data, made while it runs.

    DEST/
      2026-11-20T15-12-00.123456Z/     one complete backup; any can be removed independently
        manifest.json                  the list of files, with checksums; written last
        metadata.db                    or, for PostgreSQL, metadata.dump.zst
        metrics/<project>.db
        blobs/ab/ab12…ef               hard links to the previous backup's or the server's blobs,
        token                          if on the same file system; else copies

Order: first all metric files are frozen, then metadata, each in a read transaction; then they are
copied. Metadata may be ahead of a metric file, never behind, just as after a kill
(`docs/decisions/0003`): the server tells a client whose log extends beyond the restored position,
and the client sends the rest again; each record takes effect once. Blobs are immutable, their
metadata is committed only after their content is stored, and none is removed during a backup.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError, Conflict, NotFound, Unavailable
from weft.runlog.holder import TOKEN_NAME
from weft.runlog.lock import FileLock
from weft.server.services.live_runs.clocks import wall_micros
from weft.server.services.stores.metric_stores import embedded_engine, store_name
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.services.upkeep.reports import BackupReport
from weft.server.storage.contract import FrozenStore
from weft.server.storage.metadata import Transaction, copy_metadata
from weft.server.storage.private import sync_folder

FORMAT: Final = "weft backup"
VERSION: Final = 1
MANIFEST_NAME: Final = "manifest.json"

_PARTIAL: Final = ".partial-"
_LOCK_NAME: Final = ".lock"
_TRIES: Final = 20
_PIECE_BYTES: Final = 1 << 20


class FileSum(msgspec.Struct, frozen=True):
    """Size and SHA-256 of a file of a backup."""

    n_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a backup.

    Attributes:
        frozen_micros: the time at which the first of its files was frozen.
        blobs: the size in bytes of each blob that metadata names, by SHA-256.
    """

    format: str
    version: int
    weft: str
    frozen_micros: int
    created_micros: int
    files: Mapping[str, FileSum]
    blobs: Mapping[str, int]


def check_destination(data_dir: Path, destination: Path) -> None:
    """Refuse a destination that is relative, a file, or in the data directory."""
    if not destination.is_absolute():
        raise ConfigError(
            f"the destination of a backup must be an absolute path, not {destination}"
        )
    if destination.exists() and not destination.is_dir():
        raise ConfigError(f"the destination of a backup is a file: {destination}")
    real, data = Path(os.path.realpath(destination)), Path(os.path.realpath(data_dir))
    if real == data or data in real.parents:
        raise ConfigError(f"a backup can't be inside the data directory: {destination}")


def make_backup(
    stores: Stores, data_dir: Path, destination: Path, *, version: str, progress: Progress
) -> BackupReport:
    """Make a backup in a new folder of `destination`; Conflict while another runs."""
    check_destination(data_dir, destination)
    begin = time.monotonic()
    try:
        destination.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(destination / _LOCK_NAME)
        if not lock.acquire():
            raise Conflict(f"another backup is being made in {destination}")
        try:
            for stale in destination.glob(f"{_PARTIAL}*"):
                shutil.rmtree(stale)
            return _Backup(stores, data_dir, destination, version, progress).make(begin)
        finally:
            lock.release(remove=True)
    except OSError as error:
        raise Unavailable(f"the backup can't be written: {error}") from error


def backups_in(destination: Path) -> list[Path]:
    """All complete backups in a folder, oldest first."""
    return sorted(path.parent for path in destination.glob(f"[!.]*/{MANIFEST_NAME}"))


class _Backup:
    def __init__(
        self, stores: Stores, data_dir: Path, destination: Path, version: str, progress: Progress
    ) -> None:
        self._stores = stores
        self._data_dir = data_dir
        self._destination = destination
        self._version = version
        self._progress = progress
        self._sums: dict[str, FileSum] = {}
        self._blobs: dict[str, int] = {}
        self._missing: list[str] = []
        self._n_written = 0

    def make(self, begin: float) -> BackupReport:
        earlier = backups_in(self._destination)
        moment = datetime.now(UTC)
        name = moment.strftime("%Y-%m-%dT%H-%M-%S.%fZ")
        folder = self._destination / f"{_PARTIAL}{name}"
        folder.mkdir(mode=0o700)
        try:
            frozen_micros = wall_micros()
            n_projects = self._copy(folder, earlier[-1] if earlier else None)
            manifest = Manifest(
                format=FORMAT,
                version=VERSION,
                weft=self._version,
                frozen_micros=frozen_micros,
                created_micros=wall_micros(),
                files=self._sums,
                blobs=self._blobs,
            )
            _write(folder / MANIFEST_NAME, msgspec.json.encode(manifest))
            sync_folder(folder)
            target = self._destination / name
            folder.rename(target)
            sync_folder(self._destination)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        n_bytes = sum(file.n_bytes for file in self._sums.values()) + sum(self._blobs.values())
        return BackupReport(
            path=str(target),
            n_projects=n_projects,
            n_blobs=len(self._blobs),
            n_bytes=n_bytes,
            n_bytes_written=self._n_written,
            missing=self._missing,
            secs=time.monotonic() - begin,
        )

    def _copy(self, folder: Path, earlier: Path | None) -> int:
        with self._stores.blobs.hold_everywhere(), ExitStack() as stack:
            files, tx = stack.enter_context(_frozen(self._stores))
            phase = Phase(self._progress, "metadata")
            self._sum(folder, copy_metadata(tx, folder, phase.advance))
            phase.end()
            metrics = folder / "metrics"
            engine = embedded_engine(metrics)
            total = sum(frozen.n_bytes() for frozen in files.values())
            phase = Phase(self._progress, "metrics", total)
            for project_id, frozen in files.items():
                name = store_name(project_id)
                frozen.copy_to(engine, name, phase.advance)
                # The metric file's log may be truncated from now on.
                frozen.close()
                self._sum(folder, metrics / f"{name}.db")
            phase.end()
            sync_folder(metrics)
            self._copy_blobs(tx, folder / "blobs", earlier)
        token = self._data_dir / TOKEN_NAME
        if token.exists():
            _write(folder / TOKEN_NAME, token.read_bytes())
            self._sum(folder, folder / TOKEN_NAME)
        return len(files)

    def _copy_blobs(self, tx: Transaction, folder: Path, earlier: Path | None) -> None:
        contents = list(self._stores.metadata.contents.all_blobs(tx))
        phase = Phase(self._progress, "files", sum(n_bytes for _, n_bytes in contents))
        folder.mkdir(mode=0o700)
        folders: set[Path] = set()
        for sha256, n_bytes in contents:
            path = folder / sha256[:2] / sha256
            if path.parent not in folders:
                path.parent.mkdir(mode=0o700)
                folders.add(path.parent)
            before = None if earlier is None else earlier / "blobs" / sha256[:2] / sha256
            if before is None or not _link(before, path, n_bytes):
                try:
                    self._n_written += self._stores.blobs.store.copy_to(sha256, path)
                except NotFound:
                    self._missing.append(sha256)
                    continue
            self._blobs[sha256] = n_bytes
            phase.advance(n_bytes)
        for parent in folders:
            sync_folder(parent)
        sync_folder(folder)
        phase.end()

    def _sum(self, folder: Path, path: Path) -> None:
        file_sum = sum_of(path)
        self._sums[path.relative_to(folder).as_posix()] = file_sum
        self._n_written += file_sum.n_bytes


@contextmanager
def _frozen(stores: Stores) -> Generator[tuple[dict[int, FrozenStore], Transaction]]:
    """Freeze all metric files, then metadata, a few milliseconds apart.

    Retries if a run moves from one metric file to another meanwhile, as it might be in neither.
    """
    for _ in range(_TRIES):
        with stores.metadata.read() as tx:
            before = stores.metadata.moves.so_far(tx)
        with ExitStack() as stack:
            files: dict[int, FrozenStore] = {}
            for project_id in stores.metrics.stored_ids():
                try:
                    frozen = stores.metrics.freeze(project_id)
                except FileNotFoundError:
                    # Just deleted, or so new that nothing in it has been acknowledged yet.
                    continue
                stack.callback(frozen.close)
                files[project_id] = frozen
            tx = stack.enter_context(stores.metadata.snapshot())
            if stores.metadata.moves.so_far(tx) == before:
                yield files, tx
                return
    raise Unavailable("runs keep being moved between projects: try again later")


def sum_of(path: Path, phase: Phase | None = None) -> FileSum:
    """Size and SHA-256 of a file."""
    digest = hashlib.sha256()
    n_bytes = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            n_bytes += len(piece)
            if phase is not None:
                phase.advance(len(piece))
    return FileSum(n_bytes, digest.hexdigest())


def _link(source: Path, target: Path, n_bytes: int) -> bool:
    try:
        if source.stat().st_size != n_bytes:
            return False
        os.link(source, target)
    except OSError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
