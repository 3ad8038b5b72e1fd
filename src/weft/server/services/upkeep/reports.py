"""The final reports of maintenance tasks. Pure data."""

from __future__ import annotations

import msgspec


class Freed(msgspec.Struct, frozen=True):
    """Number of unused items of one kind that were freed, and their bytes."""

    n: int = 0
    n_bytes: int = 0


class GcReport(msgspec.Struct, frozen=True, kw_only=True):
    """The data that `gc` freed, or would free.

    Attributes:
        trash: runs and projects in the trash for longer than its retention time, with all their
            data.
        blobs: contents that no file uses.
        drafts: leftovers of interrupted uploads.
        parts: pieces of metric files that no chunk uses.
        files: metric files of deleted projects.
    """

    dry_run: bool
    n_bytes: int
    trash: Freed
    blobs: Freed
    drafts: Freed
    parts: Freed
    files: Freed


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Damaged data and what it belongs to, as far as known."""

    where: str
    detail: str
    project: str | None = None
    run: str | None = None
    writer: str | None = None
    metric: str | None = None
    file: str | None = None


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The results of `check`.

    Attributes:
        n_problems: number of problems; `problems` lists the first 10,000.
        n_bytes: number of bytes checked.
        n_unused_bytes: number of bytes that `gc` would free; not a problem.
    """

    n_problems: int
    problems: list[Problem]
    n_projects: int
    n_runs: int
    n_blobs: int
    n_bytes: int
    n_unused_bytes: int
    secs: float


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was made.

    Attributes:
        n_bytes_written: number of bytes copied, not hard-linked.
        missing: SHA-256 of blobs that the server should have but hasn't.
    """

    path: str
    n_projects: int
    n_blobs: int
    n_bytes: int
    n_bytes_written: int
    missing: list[str]
    secs: float


class FilesMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Contents of files that were moved to another store.

    Attributes:
        to: the bucket or folder in which they are now.
        left: the bucket that still has copies of them, or None.
        n_blobs, n_bytes: the contents copied, without those that were there already.
        damaged: SHA-256 of contents that could not be copied, because they are damaged.
    """

    to: str
    left: str | None
    n_blobs: int
    n_bytes: int
    damaged: list[str]
    secs: float


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was restored."""

    path: str
    backup: str
    created_micros: int
    n_projects: int
    n_blobs: int
    n_bytes: int
    secs: float


class MigrationReport(msgspec.Struct, frozen=True, kw_only=True):
    """A server's data that were moved, or with `dry_run` would be.

    Attributes:
        to: the data directory of the new server.
        n_runs: runs in metric stores, those in the trash included.
        n_rows: rows of the metadata database.
        n_blobs, n_bytes: contents of files.
        n_points: values that this start wrote, without those of interrupted ones before it.
        is_complete: whether all of it is at the new place, and checked.
        read_only_secs: how long writers had to wait until then.
    """

    to: str
    dry_run: bool
    n_projects: int
    n_runs: int
    n_rows: int
    n_blobs: int
    n_bytes: int
    n_points: int
    is_complete: bool
    read_only_secs: float
    secs: float
