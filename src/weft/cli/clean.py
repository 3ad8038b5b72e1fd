"""`weft clean`: the size of the local caches, and the removal of those used longest ago.

The caches are what `weft ui` and `weft.Api(DIR)` made of run logs, and make again when needed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, NamedTuple

import click

from weft.cli.reports import print_json
from weft.records.sizes import counted, parse_size, shown_size
from weft.runlog.holder import LOCK_NAME, cache_directory
from weft.runlog.lock import FileLock

WARN_BYTES: Final = 10 * 10**9
"""Caches that are larger together deserve a look."""


class Cache(NamedTuple):
    """The cache of one directory of runs."""

    path: Path
    n_bytes: int
    used_secs: float


def clean(max_size: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Show the size of the caches, and remove the oldest until the others fit `max_size`, such as
    `5GB`; exit code 0.
    """
    most_bytes = None if max_size is None else parse_size(max_size)
    folder = cache_directory() / "ui"
    caches = list_caches(folder)
    n_bytes = sum(cache.n_bytes for cache in caches)
    removed: list[Cache] = []
    n_left_bytes = n_bytes
    for cache in caches:
        if most_bytes is None or n_left_bytes <= most_bytes:
            break
        if _remove(cache, dry_run=dry_run):
            removed.append(cache)
            n_left_bytes -= cache.n_bytes
    if as_json:
        names = [str(cache.path) for cache in removed]
        report = {"folder": str(folder), "n_caches": len(caches), "n_bytes": n_bytes}
        report |= {"removed": names, "n_freed_bytes": n_bytes - n_left_bytes, "dry_run": dry_run}
        return print_json(report)
    click.echo(f"{folder}: {counted(len(caches), 'cache')}, {shown_size(n_bytes)}")
    if removed:
        verb = "would be removed" if dry_run else "removed"
        freed = shown_size(n_bytes - n_left_bytes)
        click.echo(f"{counted(len(removed), 'cache')} {verb}, {freed}")
    if most_bytes is not None and n_left_bytes > most_bytes:
        click.echo(f"weft: {shown_size(n_left_bytes)} are in use and stay", err=True)
    elif most_bytes is None and n_bytes > WARN_BYTES:
        click.echo(
            f"weft: WARNING the caches are larger than {shown_size(WARN_BYTES)}: "
            "weft clean --max-size 5GB removes those used longest ago",
            err=True,
        )
    return 0


def list_caches(folder: Path) -> list[Cache]:
    """List the caches below `folder`, the one used longest ago first."""
    paths = [lock.parent for lock in folder.glob(f"*/{LOCK_NAME}")]
    return sorted(map(_measured, paths), key=lambda cache: cache.used_secs)


def _measured(path: Path) -> Cache:
    n_bytes = 0
    used_secs = 0.0
    for file in path.rglob("*"):
        try:
            facts = file.lstat()
        except OSError:
            continue  # a server that uses the cache has just removed it
        used_secs = max(used_secs, facts.st_mtime)
        n_bytes += facts.st_size if not file.is_dir() else 0
    return Cache(path, n_bytes, used_secs)


def _remove(cache: Cache, *, dry_run: bool) -> bool:
    """Remove a cache that no server uses; whether it could be."""
    lock = FileLock(cache.path / LOCK_NAME)
    try:
        if not lock.acquire():
            return False
        try:
            if not dry_run:
                # Renamed first: a server that starts meanwhile makes a new cache.
                doomed = cache.path.rename(cache.path.with_suffix(".removed"))
                shutil.rmtree(doomed)
        finally:
            lock.release()
    except OSError as error:
        click.echo(f"weft: {cache.path} can't be removed: {error.strerror}", err=True)
        return False
    return True
