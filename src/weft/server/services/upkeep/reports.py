"""What upkeep reports at its end. Pure data."""

from __future__ import annotations

import msgspec


class Freed(msgspec.Struct, frozen=True):
    """Things of one kind that nothing needed, and their bytes."""

    n: int = 0
    n_bytes: int = 0


class GcReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `gc` freed, or would free.

    Attributes:
        runs, projects: in the trash for longer than its time, removed with all they held.
        blobs: contents that no file has.
        drafts: what broken uploads left.
        parts: pieces of metric files that no chunk has.
        files: metric files of projects that are no more.
    """

    dry_run: bool
    n_bytes: int
    trash: Freed
    blobs: Freed
    drafts: Freed
    parts: Freed
    files: Freed


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something damaged, and what it belongs to, as far as that is known."""

    where: str
    detail: str
    project: str | None = None
    run: str | None = None
    writer: str | None = None
    metric: str | None = None
    file: str | None = None


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `check` found.

    Attributes:
        n_problems: all of them; `problems` lists the first 10,000.
        n_bytes: looked at.
        n_unused_bytes: of what `gc` would free; no problem.
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
        path: where it lies.
        n_bytes: of all that is in it.
        n_bytes_written: what it cost on the disk beside what was linked.
        missing: blobs that the server should have and has not.
    """

    path: str
    n_projects: int
    n_blobs: int
    n_bytes: int
    n_bytes_written: int
    missing: list[str]
    secs: float


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was restored.

    Attributes:
        path: the data directory it is in now.
        backup: where it came from.
        created_micros: when the backup was made.
    """

    path: str
    backup: str
    created_micros: int
    n_projects: int
    n_blobs: int
    n_bytes: int
    secs: float
