"""`weft import wandb`: runs of W&B's client become run directories, and are sent."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import msgspec

from weft.cli.archive import parse_project
from weft.cli.progress import ProgressLine
from weft.errors import ConfigError, CorruptLog
from weft.records.sizes import counted, shown_size
from weft.sync.command import OK, SOME_UNSENT
from weft.sync.command import sync as send
from weft.sync.messages import say
from weft.sync.server_address import require_server
from weft.wandb_import import ImportedRun, convert_log, find_logs

_FAILED: Final = 2


def import_wandb(
    paths: Sequence[Path],
    project: str | None,
    *,
    folder: Path | None,
    base_url: str | None,
    as_json: bool,
) -> int:
    """Import the runs below paths; return the exit code.

    Args:
        project: `[ENTITY/]PROJECT`. Defaults to the project of each run.
        folder: where run directories are written and left. None: they are sent, then removed.

    Raises:
        ConfigError: a path has no `.wandb` file, or a name is invalid.
        NoServer: no server is known.
    """
    entity, name = (None, None) if project is None else parse_project(project)
    if project is not None and "/" not in project:
        entity = None
    logs = find_logs(paths)
    if folder is None:
        require_server(base_url)
    runs: list[ImportedRun] = []
    faults: list[str] = []
    with _work_folder(folder, logs[0]) as base:
        progress = ProgressLine(shown=not as_json)
        try:
            for nth, log in enumerate(logs):
                label = f"reading {nth + 1} of {len(logs)}, rows"
                try:
                    runs.append(
                        convert_log(
                            log,
                            base,
                            project=name,
                            entity=entity,
                            progress=lambda n_rows, label=label: progress(label, n_rows, None),
                        )
                    )
                except (CorruptLog, ConfigError) as error:
                    faults.append(str(error))
                except OSError as error:
                    faults.append(f"{log} can't be read: {error.strerror or error}")
        finally:
            progress.close()
        code = _FAILED if not runs else SOME_UNSENT if faults else OK
        if runs and folder is None:
            code = max(code, send([base], base_url=base_url))
    _report(runs, faults, folder, as_json=as_json)
    return code


@contextmanager
def _work_folder(folder: Path | None, log: Path) -> Generator[Path]:
    """The folder to write run directories to: a given one, or one that is removed afterwards.

    It is next to the first run if possible, so that files can be linked instead of copied.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    near = log.resolve().parent.parent
    place = str(near) if os.access(near, os.W_OK) else None
    made = tempfile.mkdtemp(prefix=".weft-import-", dir=place)
    try:
        yield Path(made)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(made)


def _report(
    runs: Sequence[ImportedRun], faults: Sequence[str], folder: Path | None, *, as_json: bool
) -> None:
    for fault in faults:
        say(fault)
    if as_json:
        found = {"runs": [msgspec.to_builtins(run) for run in runs], "faults": list(faults)}
        click.echo(json.dumps(found))
        return
    for run in runs:
        if run.left_out:
            said = "; ".join(f"{what} ({n:,})" for what, n in run.left_out.items())
            click.echo(f"{run.run}: not imported: {said}")
    if not runs:
        return
    n_rows = sum(run.n_rows for run in runs)
    n_files = sum(run.n_files for run in runs)
    size = shown_size(sum(run.n_file_bytes for run in runs))
    done = "imported" if folder is None else "converted"
    n_runs = len({(run.project, run.run) for run in runs})
    click.echo(
        f"{done} {counted(n_runs, 'run')} with {counted(n_rows, 'row')} and "
        f"{counted(n_files, 'file')} ({size})"
    )
    if folder is not None:
        click.echo(f"send them with: weft sync {folder}")
