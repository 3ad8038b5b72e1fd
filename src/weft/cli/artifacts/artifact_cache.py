"""The command `weft artifact cache`. Does disk I/O."""

from __future__ import annotations

import click

from weft.cli.reports import print_json, print_report
from weft.records.sizes import counted, parse_size, shown_size
from weft.sdk.artifacts.fetching.cache import download_cache
from weft.sdk.setup.precedence import read_settings


def show_cache(*, as_json: bool) -> int:
    """Print where the cache is and how large; the exit code is 0."""
    cache = download_cache(read_settings({}))
    entries = cache.entries()
    n_bytes = sum(entry.n_bytes for entry in entries)
    if as_json:
        report = {"folder": str(cache.folder), "n_files": len(entries), "n_bytes": n_bytes}
        return print_json({**report, "most_bytes": cache.most_bytes})
    bound = shown_size(cache.most_bytes)
    size = shown_size(n_bytes)
    click.echo(f"{cache.folder}: {counted(len(entries), 'file')}, {size} of at most {bound}")
    return 0


def clean_cache(size: str, *, as_json: bool) -> int:
    """Remove what was used longest ago until the rest fits; the exit code is 0."""
    most_bytes = parse_size(size)
    cache = download_cache(read_settings({}))
    n_freed = cache.clean(most_bytes)
    return print_report(
        {"folder": str(cache.folder), "n_freed_bytes": n_freed},
        f"{shown_size(n_freed)} removed from {cache.folder}",
        as_json=as_json,
    )
