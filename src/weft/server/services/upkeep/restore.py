"""Restores a backup to a new data directory that no server uses yet; checks every file.

The directory is built next to its final path and moved there by one rename, so that a kill leaves
either nothing or all of it. Clients then send missing data again: see `backup`.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError, Conflict, CorruptLog, NotFound, Unavailable
from weft.server.services.stores.metric_location import forget_location
from weft.server.services.stores.metric_stores import embedded_engine, store_name
from weft.server.services.upkeep.backup import (
    FORMAT,
    MANIFEST_NAME,
    VERSION,
    Manifest,
    backups_in,
    sum_of,
)
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.services.upkeep.reports import RestoreReport
from weft.server.storage.metadata import (
    DATABASE_NAME,
    DUMP_NAME,
    MetadataStore,
    dump_metadata,
    load_metadata,
)
from weft.server.storage.private import sync_folder

_SUFFIX: Final = ".restoring"


def restore_backup(
    source: Path, data_dir: Path, metadata_url: str | None, progress: Progress
) -> RestoreReport:
    """Restore a backup, or the newest in a folder of backups, into an empty folder and database.

    CorruptLog if the backup is damaged; nothing was restored. ConfigError if a later version of
    weft made it.
    """
    begin = time.monotonic()
    backup = _find_backup(source)
    manifest = _read_manifest(backup)
    _check_empty(data_dir)
    draft = data_dir.with_name(f".{data_dir.name}{_SUFFIX}")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        try:
            n_bytes = _copy(backup, manifest, draft, progress)
            _install(draft, data_dir, metadata_url, manifest, progress)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise Unavailable(f"the backup can't be restored: {error}") from error
    return RestoreReport(
        path=str(data_dir),
        backup=str(backup),
        created_micros=manifest.created_micros,
        n_projects=sum(name.startswith("metrics/") for name in manifest.files),
        n_blobs=len(manifest.blobs),
        n_bytes=n_bytes,
        secs=time.monotonic() - begin,
    )


def _find_backup(source: Path) -> Path:
    if (source / MANIFEST_NAME).is_file():
        return source
    backups = backups_in(source)
    if not backups:
        raise NotFound(f"no backup in {source}")
    return backups[-1]


def _read_manifest(backup: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((backup / MANIFEST_NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise CorruptLog(f"the backup's manifest can't be read: {error}") from None
    if manifest.format != FORMAT:
        raise CorruptLog(f"{backup} is not a server's backup")
    if manifest.version > VERSION:
        raise ConfigError(
            f"weft {manifest.weft} made this backup; restore it with that or a later"
        )
    for name in [*manifest.files, *manifest.blobs]:
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise CorruptLog(f"the backup's manifest names a file elsewhere: {name!r}")
    return manifest


def _check_empty(data_dir: Path) -> None:
    try:
        entries = sorted(data_dir.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unavailable(f"data directory can't be used: {error}") from error
    if entries:
        raise Conflict(
            f"{data_dir} is not empty (it has {entries[0].name}): move it away, or restore to "
            "another folder with --data"
        )


def _copy(backup: Path, manifest: Manifest, draft: Path, progress: Progress) -> int:
    n_bytes = sum(file.n_bytes for file in manifest.files.values())
    phase = Phase(progress, "databases", 2 * n_bytes)
    for name, expected in manifest.files.items():
        target = draft / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            shutil.copyfile(backup / name, target)
        except FileNotFoundError:
            raise CorruptLog(f"the backup is damaged: {name} is missing") from None
        target.chmod(0o600)
        phase.advance(expected.n_bytes)
        if sum_of(target, phase) != expected:
            raise CorruptLog(f"the backup is damaged: {name} is not what was written")
        _sync(target)
    phase.end()
    phase = Phase(progress, "files", sum(manifest.blobs.values()))
    (draft / "blobs" / "drafts").mkdir(mode=0o700, parents=True)
    for sha256, size in manifest.blobs.items():
        source = backup / "blobs" / sha256[:2] / sha256
        target = draft / "blobs" / sha256[:2] / sha256
        target.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            file_sum = sum_of(source, phase)
            if (file_sum.n_bytes, file_sum.sha256) != (size, sha256):
                raise CorruptLog(f"the backup is damaged: file {sha256} is not what was written")
            _link_or_copy(source, target)
        except FileNotFoundError:
            raise CorruptLog(f"the backup is damaged: file {sha256} is missing") from None
        n_bytes += size
    phase.end()
    return n_bytes


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
        _sync(target)


def _install(
    draft: Path, data_dir: Path, metadata_url: str | None, manifest: Manifest, progress: Progress
) -> None:
    phase = Phase(progress, "metadata")
    dump = draft / DUMP_NAME
    if metadata_url is not None and DATABASE_NAME in manifest.files:
        # Convert from SQLite to PostgreSQL, or to SQLite elsewhere.
        copied = MetadataStore(f"sqlite:///{draft / DATABASE_NAME}")
        with copied.snapshot() as tx:
            dump_metadata(tx, dump, phase.advance)
        copied.close()
        (draft / DATABASE_NAME).unlink()
    store = MetadataStore(metadata_url or f"sqlite:///{draft / DATABASE_NAME}")
    try:
        if dump.exists():
            load_metadata(store, dump, phase.advance)
            dump.unlink()
        forget_location(store)
        _resume_deletions(store, draft / "metrics", manifest.frozen_micros)
    finally:
        store.close()
    phase.end()
    for folder in [*draft.rglob("*/"), draft]:
        sync_folder(folder)
    if data_dir.exists():
        data_dir.rmdir()
    draft.rename(data_dir)
    sync_folder(data_dir.parent)


def _resume_deletions(store: MetadataStore, metrics: Path, frozen_micros: int) -> None:
    """Mark deletions that only metadata recorded, so that the server repeats them at its start."""
    engine = embedded_engine(metrics)
    names = set(engine.names())
    with store.write() as tx:
        for project_id in sorted(store.projects.row_ids(tx)):
            name = store_name(project_id)
            if name not in names:
                continue
            try:
                frozen = engine.freeze(name)
            except FileNotFoundError:
                raise CorruptLog(f"invalid metric file in the backup: {name}.db") from None
            try:
                runs = set(frozen.run_names())
            finally:
                frozen.close()
            leftover = runs - store.tombstones.expected_runs(tx, project_id)
            store.tombstones.resume(tx, project_id, leftover, frozen_micros)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
