"""`weft pull`: downloads the files of a run."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import click

from weft.cli.connect import find_run
from weft.cli.progress import ProgressLine
from weft.cli.reports import print_json
from weft.records.sizes import counted, shown_size
from weft.sdk.reading.stored.files import StoredFile
from weft.sdk.reading.stored.run import StoredRun


def pull_files(
    run: str,
    folder: Path | None,
    pattern: str,
    base_url: str | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Download the files of a run whose path matches a glob; the exit code is 0.

    Without `force`, files that are there already are kept. The folder is by default a new one
    named after the run.
    """
    stored_run = find_run(run, base_url)
    target = folder or Path(stored_run.id)
    files = download_files(stored_run, target, [pattern], force=force, is_shown=not as_json)
    if as_json:
        names = [file.name for file in files]
        print_json({"folder": str(target), "files": names})
    else:
        n_bytes = sum(file.size for file in files)
        click.echo(f"{counted(len(files), 'file')} ({shown_size(n_bytes)}) in {target}")
    return 0


def download_files(
    run: StoredRun, folder: Path, patterns: Sequence[str], *, force: bool, is_shown: bool
) -> list[StoredFile]:
    """Download the files of a run that match one of the globs, and return them.

    `force` overwrites; `is_shown` shows the present file.
    """
    progress = ProgressLine(shown=is_shown)
    downloaded: list[StoredFile] = []
    for file in run.files(per_page=1000):
        if any(fnmatch(file.name, pattern) for pattern in patterns):
            progress.write(file.name)
            file.download(folder, replace=force, exist_ok=True).close()
            downloaded.append(file)
    progress.close()
    return downloaded
