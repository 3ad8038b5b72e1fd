"""Frees unused data: old trash, blobs without a file, parts without a chunk, lost metric files.

Normal operation leaves none of this, because deletions free their space at once. Kills, full disks
and restored backups do. It is safe on a running server: each item is checked again under its own
lock before it is removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from weft.errors import Gone
from weft.server.services.artifacts.expiring import expire_versions
from weft.server.services.removal.trash import expire
from weft.server.services.stores.stores import Stores
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.services.upkeep.reports import Freed, GcReport
from weft.server.storage.blobs.contract import BlobInfo

_BLOBS_AT_ONCE: Final = 1000
_MOST_RUNS: Final = 1_000_000


def collect_garbage(stores: Stores, *, dry_run: bool, progress: Progress) -> GcReport:
    """Free unused data, or with `dry_run` only report what would be freed."""
    trash = _old_trash(stores, dry_run=dry_run, progress=progress)
    files = _lost_files(stores, dry_run=dry_run, progress=progress)
    parts = _lost_parts(stores, dry_run=dry_run, progress=progress)
    blobs = _lost_blobs(stores, dry_run=dry_run, progress=progress)
    n_draft_bytes = stores.blobs.store.sweep(dry_run=dry_run)
    drafts = Freed(1 if n_draft_bytes else 0, n_draft_bytes)
    kinds = (trash, files, parts, blobs, drafts)
    return GcReport(
        dry_run=dry_run,
        n_bytes=sum(kind.n_bytes for kind in kinds),
        trash=trash,
        blobs=blobs,
        drafts=drafts,
        parts=parts,
        files=files,
    )


def _old_trash(stores: Stores, *, dry_run: bool, progress: Progress) -> Freed:
    if stores.trash_micros is None:
        return Freed()
    end = stores.now() - stores.trash_micros
    phase = Phase(progress, "trash")
    n, n_bytes = 0, 0
    trash = stores.metadata.trash
    with stores.metadata.read() as tx:
        for project in trash.projects_before(tx, end):
            n += max(project.n_runs, 1)
            n_bytes += stores.metrics.file_bytes(project.row_id)
        for project_id in trash.projects_with_runs(tx):
            due = trash.runs_before(tx, project_id, end, _MOST_RUNS)
            sizes = stores.metadata.files.bytes_of_runs(tx, project_id) if due else {}
            n += len(due)
            n_bytes += sum(sizes.get(run.row_id, 0) for run in due)
            if due:
                with stores.metrics.use(project_id) as store:
                    by_run = store.usage().by_run
                n_bytes += sum(by_run.get(run.run, 0) for run in due)
    while not dry_run and (expire(stores) | expire_versions(stores)):
        phase.advance()
    phase.end()
    return Freed(n, n_bytes)


def _lost_files(stores: Stores, *, dry_run: bool, progress: Progress) -> Freed:
    # List files first: a project is committed before its file is made, so a file that existed
    # before the projects were read, and belongs to none of them, belongs to a deleted one.
    ids = stores.metrics.stored_ids()
    with stores.metadata.read() as tx:
        existing = stores.metadata.projects.row_ids(tx)
    lost = [project_id for project_id in ids if project_id not in existing]
    phase = Phase(progress, "files of deleted projects", len(lost))
    n_bytes = 0
    for project_id in lost:
        n_bytes += stores.metrics.file_bytes(project_id)
        if not dry_run:
            stores.metrics.remove(project_id)
        phase.advance()
    phase.end()
    return Freed(len(lost), n_bytes)


def _lost_parts(stores: Stores, *, dry_run: bool, progress: Progress) -> Freed:
    with stores.metadata.read() as tx:
        existing = stores.metadata.projects.row_ids(tx)
    ids = [project_id for project_id in stores.metrics.stored_ids() if project_id in existing]
    phase = Phase(progress, "metric files", len(ids))
    n, n_bytes = 0, 0
    for project_id in ids:
        try:
            with stores.metrics.use(project_id) as store:
                unowned = stores.metrics.unowned(project_id)
                n += unowned.n_pieces
                n_bytes += unowned.n_bytes
                if unowned.n_pieces and not dry_run:
                    stores.metrics.reclaim(project_id)
                if not dry_run:
                    store.compact(until_idle=True)
        except Gone:
            pass
        phase.advance()
    phase.end()
    return Freed(n, n_bytes)


def _lost_blobs(stores: Stores, *, dry_run: bool, progress: Progress) -> Freed:
    phase = Phase(progress, "files")
    n, n_bytes = 0, 0
    for lost in unused_blobs(stores, phase):
        freed = lost.n_bytes if dry_run else stores.blobs.collect([lost.sha256])
        n += 1 if freed or not lost.n_bytes else 0
        n_bytes += freed
    phase.end()
    return Freed(n, n_bytes)


def unused_blobs(stores: Stores, phase: Phase) -> Iterator[BlobInfo]:
    """Blobs that no file uses at the time of the check; `ReferencedBlobs.collect` checks again."""
    blobs = stores.blobs.store.list()
    while batch := list(islice(blobs, _BLOBS_AT_ONCE)):
        with stores.metadata.read() as tx:
            used = stores.metadata.contents.wanted(tx, [info.sha256 for info in batch])
        yield from (info for info in batch if info.sha256 not in used)
        phase.advance(len(batch))
