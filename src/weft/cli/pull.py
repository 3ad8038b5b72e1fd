"""`weft pull`: downloads the files of a run."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import click

from weft.cli.connect import known_server
from weft.cli.progress import ProgressLine, counted
from weft.records.sizes import shown_size
from weft.sdk.reading.api import Api


def pull_files(
    run: str,
    folder: Path | None,
    pattern: str,
    base_url: str | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Download the files of a run into a folder; the exit code is 0.

    Args:
        run: `project/run` or `entity/project/run`.
        folder: where they go. Defaults to a new folder named after the run.
        pattern: only files whose path matches this glob.
        force: overwrite files that are there already; without it they are kept as they are.

    Raises:
        NotFound: there is no such run.
    """
    server = known_server(base_url)
    found = Api(server.url, api_key=server.key).run(run)
    target = folder or Path(found.id)
    progress = ProgressLine(shown=not as_json)
    names: list[str] = []
    n_bytes = 0
    for file in found.files(per_page=1000):
        if not fnmatch(file.name, pattern):
            continue
        progress.write(file.name)
        file.download(target, replace=force, exist_ok=True).close()
        names.append(file.name)
        n_bytes += file.size
    progress.close()
    if as_json:
        click.echo(json.dumps({"folder": str(target), "files": names}, ensure_ascii=False))
    else:
        click.echo(f"{counted(len(names), 'file')} ({shown_size(n_bytes)}) in {target}")
    return 0
