"""`weft import wandb` and `wandb-server`: runs of W&B become run directories, and are sent."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from weft.cli.connect import connect
from weft.cli.imports.archive import parse_project
from weft.cli.imports.wandb_artifacts import ServerTarget
from weft.cli.progress import ProgressLine
from weft.cli.reports import print_json
from weft.client.api_client import ApiClient
from weft.errors import ConfigError, CorruptLog, Gone, NotFound, WeftError
from weft.records.ids import DEFAULT_ENTITY, check_name, new_writer_id
from weft.records.sizes import counted, shown_size
from weft.sync.addresses.server_address import require_server
from weft.sync.by_hand.command import OK, SOME_UNSENT
from weft.sync.by_hand.command import sync as send
from weft.sync.messages import say
from weft.wandb_import import ImportedRun, convert_log, find_logs
from weft.wandb_import.copied_artifacts import CopiedArtifacts
from weft.wire.runs.runs import list_writers

_FAILED: Final = 2
_FILES_PER_PAGE: Final = 1_000


def import_wandb(
    paths: Sequence[Path],
    project: str | None,
    *,
    folder: Path | None,
    base_url: str | None,
    as_json: bool,
) -> int:
    """Import the runs below paths into `[ENTITY/]PROJECT` or the project of each; return the exit
    code. Without `folder`, run directories are sent, then removed.
    """
    entity, name = _target(project)
    logs = find_logs(paths)

    def convert(base: Path, progress: ProgressLine) -> Generator[Callable[[], ImportedRun]]:
        for nth, log in enumerate(logs):
            shown = _counter(progress, f"reading {nth + 1} of {len(logs)}, rows")
            yield partial(convert_log, log, base, project=name, entity=entity, progress=shown)

    return _import(convert, logs[0].resolve().parent.parent, folder, base_url, as_json=as_json)


def import_wandb_server(
    url: str,
    path: str,
    project: str | None,
    *,
    api_key: str | None,
    run_ids: Sequence[str],
    folder: Path | None,
    base_url: str | None,
    as_json: bool,
) -> int:
    """Copy the runs, or those with some ids, of a project from a W&B server; return the exit code.

    `path` is `ENTITY/PROJECT` there, `project` `[ENTITY/]PROJECT` here. Without `folder`, run
    directories are sent, then removed.
    """
    from weft.wandb_import.artifacts import ArtifactCopier
    from weft.wandb_import.copying import copy_run
    from weft.wandb_import.wandb_server import WandbServer

    there, _, name_there = path.partition("/")
    if not there or not name_there or "/" in name_there:
        raise ConfigError(f"give a project as ENTITY/PROJECT, not {path!r}")
    entity, name = _target(project)
    name = name or check_name("project", name_there)
    server = WandbServer(url, there, name_there, api_key)
    names = entity or str(DEFAULT_ENTITY), name
    nodes: list[dict[str, Any]] = []

    def writers_of(run_id: str) -> list[tuple[str, str | None]]:
        if folder is not None:
            return []
        return _writers_of(base_url, *names, run_id)

    def copy(base: Path, progress: ProgressLine) -> Generator[Callable[[], ImportedRun]]:
        for nth, node in enumerate(map(server.run, run_ids) if run_ids else server.runs()):
            nodes.append(node)
            shown = _counter(progress, f"reading run {nth + 1}, rows")
            yield partial(
                copy_run,
                server,
                node,
                base,
                project=name,
                entity=entity,
                progress=shown,
                known_writers=writers_of,
            )

    def add_artifacts(base: Path, progress: ProgressLine) -> CopiedArtifacts:
        with contextlib.ExitStack() as stack:
            target = None
            if folder is None:
                client = stack.enter_context(contextlib.closing(connect(require_server(base_url))))
                target = ServerTarget(client, base_url, *names)
            copier = ArtifactCopier(server, base, target, project=name, entity=entity, names=names)
            return copier.copy(nodes, _counter(progress, "copying artifacts, versions"))

    try:
        return _import(copy, None, folder, base_url, as_json=as_json, then=add_artifacts)
    finally:
        server.close()


def _writers_of(
    base_url: str | None, entity: str, project: str, run_id: str
) -> list[tuple[str, str | None]]:
    """The writers of a run at its new server, with their parents; none if it is not there."""
    client = connect(require_server(base_url))
    try:
        stored = client.call(list_writers, entity, project, run_id).writers
        is_whole = _has_all_files(client, entity, project, run_id)
    except (NotFound, Gone):
        return []
    finally:
        client.close()
    writers = [(writer.writer, writer.parent) for writer in stored]
    if not is_whole and writers:
        # An earlier import was interrupted: its newest log must not count as complete.
        main = next((writer.writer for writer in stored if writer.parent is None), None)
        writers.append((str(new_writer_id()), main))
    return writers


def _has_all_files(client: ApiClient, entity: str, project: str, run_id: str) -> bool:
    cursor: str | None = None
    while True:
        page = client.files(entity, project, run_id, limit=_FILES_PER_PAGE, cursor=cursor)
        if any(file.state == "awaited" for file in page.items):
            return False
        cursor = page.cursor
        if cursor is None:
            return True


def _target(project: str | None) -> tuple[str | None, str | None]:
    """Entity and name; without an entity, the server's default one."""
    if project is None:
        return None, None
    entity, name = parse_project(project)
    return (entity if "/" in project else None), name


def _counter(progress: ProgressLine, label: str) -> Callable[[int], None]:
    return lambda n_rows: progress(label, n_rows, None)


def _import(
    make: Callable[[Path, ProgressLine], Iterable[Callable[[], ImportedRun]]],
    near: Path | None,
    folder: Path | None,
    base_url: str | None,
    *,
    as_json: bool,
    then: Callable[[Path, ProgressLine], CopiedArtifacts] = lambda _, __: CopiedArtifacts(),
) -> int:
    """Make run directories and send them; return the exit code.

    `make` gives what makes each run's, below a folder, `near` if possible. `then` copies the
    artifacts of the runs, which have been sent.
    """
    if folder is None:
        require_server(base_url)
    runs: list[ImportedRun] = []
    faults: list[str] = []
    with _work_folder(folder, near) as base:
        progress = ProgressLine(shown=not as_json)
        try:
            for convert in make(base, progress):
                try:
                    runs.append(convert())
                except (CorruptLog, ConfigError) as error:
                    faults.append(str(error))
                except OSError as error:
                    faults.append(f"{error.filename or 'a file'}: {error.strerror or error}")
        finally:
            progress.close()
        code = OK
        if runs and folder is None:
            code = send([base], base_url=base_url)
        artifacts = CopiedArtifacts()
        if runs and code == OK:
            try:
                artifacts = then(base, progress)
                faults += artifacts.faults
            except WeftError as error:
                faults.append(f"not all artifacts are copied: {error}")
            finally:
                progress.close()
        code = _FAILED if not runs else max(code, SOME_UNSENT if faults else OK)
    _report(runs, artifacts, faults, folder, as_json=as_json)
    return code


@contextmanager
def _work_folder(folder: Path | None, near: Path | None) -> Generator[Path]:
    """The folder to write run directories to: a given one, or one that is removed afterwards.

    It is next to the runs if possible, so that files can be linked instead of copied.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    directory = str(near) if near is not None and os.access(near, os.W_OK) else None
    temporary = tempfile.mkdtemp(prefix=".weft-import-", dir=directory)
    try:
        yield Path(temporary)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(temporary)


def _report(
    runs: Sequence[ImportedRun],
    artifacts: CopiedArtifacts,
    faults: Sequence[str],
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    for fault in faults:
        say(fault)
    if as_json:
        report = {
            "runs": [msgspec.to_builtins(run) for run in runs],
            "artifacts": msgspec.to_builtins(artifacts),
            "faults": list(faults),
        }
        print_json(report)
        return
    for name, left_out in (
        *((run.run, run.left_out) for run in runs),
        ("artifacts", artifacts.left_out),
    ):
        if left_out:
            reasons = "; ".join(f"{reason} ({n:,})" for reason, n in left_out.items())
            click.echo(f"{name}: not imported: {reasons}")
    if not runs:
        return
    n_rows = sum(run.n_rows for run in runs)
    n_files = sum(run.n_files for run in runs)
    size = shown_size(sum(run.n_file_bytes for run in runs))
    verb = "imported" if folder is None else "converted"
    n_runs = len({(run.project, run.run) for run in runs})
    click.echo(
        f"{verb} {counted(n_runs, 'run')} with {counted(n_rows, 'row')} and "
        f"{counted(n_files, 'file')} ({size})"
    )
    if artifacts.n_versions:
        click.echo(
            f"{verb} {counted(artifacts.n_versions, 'artifact version')} with "
            f"{counted(artifacts.n_files, 'file')} ({shown_size(artifacts.n_bytes)})"
        )
    if folder is not None:
        click.echo(f"send them with: weft sync {folder}")
