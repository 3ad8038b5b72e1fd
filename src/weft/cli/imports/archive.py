"""`weft export` and `weft import`: a whole project as one file, via a running server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from weft.cli.progress import ProgressLine
from weft.cli.reports import print_json, print_report
from weft.client.file_part import FilePart
from weft.client.progress import await_result
from weft.client.transport import Transport
from weft.errors import ConfigError, CorruptLog, Unavailable
from weft.libraries.optional import has_server
from weft.records.ids import DEFAULT_ENTITY, check_name
from weft.records.sizes import counted, listed, shown_size
from weft.sync.addresses.server_address import require_server
from weft.wire.projects import archives as endpoints

_LINES: Final = {"Accept": "application/jsonl", "Content-Type": "application/zip"}


def export_project(
    project: str, file: Path | None, *, base_url: str | None, force: bool, as_json: bool
) -> int:
    """Write an archive of a project to a file, by default `PROJECT.weft.zip` in the current
    folder; return the exit code. CorruptLog if the server sent an archive that no server would
    import.
    """
    entity, name = parse_project(project)
    target = target_of(file, f"{name}.weft.zip", force=force)
    path = endpoints.export_project.call(entity, name).path
    return save_answer(
        path, target, f"{entity}/{name}", base_url=base_url, as_json=as_json, check=_check
    )


def save_answer(
    path: str,
    target: Path,
    exported: str,
    *,
    base_url: str | None,
    as_json: bool,
    check: Callable[[Path, ProgressLine], None] | None = None,
) -> int:
    """Write the answer of a server to a file and report it; return the exit code.

    Args:
        path: the address of the answer.
        target: the file.
        exported: the name of its content, for the report.
        base_url: the address of the server. None for the one of the settings.
        as_json: whether the report is JSON.
        check: called with the whole file before it appears.
    """
    transport = transport_of(base_url)
    progress = ProgressLine(shown=not as_json)
    try:
        n_bytes = _download(transport, path, target, progress, check)
    finally:
        progress.close()
        transport.close()
    return print_report(
        {"path": str(target.absolute()), "n_bytes": n_bytes},
        f"exported {exported} to {target} ({shown_size(n_bytes)})",
        as_json=as_json,
    )


def target_of(file: Path | None, name: str, *, force: bool) -> Path:
    """Where a file goes: to the current folder or to `file`, which may be a folder.

    ConfigError if a file is there and `force` is not given.
    """
    target = file or Path(name)
    if target.is_dir():
        target = target / name
    if target.exists() and not force:
        raise ConfigError(f"there is a file {target} already; --force replaces it")
    return target


def _download(
    transport: Transport,
    path: str,
    target: Path,
    progress: ProgressLine,
    check: Callable[[Path, ProgressLine], None] | None,
) -> int:
    """Write an answer to a file, which appears when it is whole and checked; return its size."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    n_bytes = 0
    try:
        with draft.open("xb") as out:
            for piece in transport.stream("GET", path):
                out.write(piece)
                n_bytes += len(piece)
                progress("archive" if check else "file", n_bytes, None)
            out.flush()
            os.fsync(out.fileno())
        if check is not None:
            check(draft, progress)
        draft.replace(target)
    except OSError as error:
        raise Unavailable(f"{target} can't be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return n_bytes


def _check(draft: Path, progress: ProgressLine) -> None:
    """Check the file before the user relies on it: the project may be deleted next."""
    if not has_server():
        click.echo("weft: the archive was not checked, which takes weft[server]", err=True)
        return
    from weft.server.services.archive import check_archive

    try:
        check_archive(draft, progress)
    except CorruptLog as error:
        raise CorruptLog(
            f"nothing was exported: the server sent an archive that no server imports: {error}; "
            "run `weft server check` on the server"
        ) from None
    except ConfigError as error:  # the server is newer than this weft
        click.echo(f"weft: the archive was not checked: {error}", err=True)


def import_archive(
    file: Path, project: str | None, *, base_url: str | None, skip_existing: bool, as_json: bool
) -> int:
    """Import an archive to `project`, or by default to its original project."""
    call = endpoints.import_archive.call(skip_existing=skip_existing)
    if project is not None:
        target = parse_project(project)
        call = endpoints.import_project.call(*target, skip_existing=skip_existing)
    transport = transport_of(base_url)
    progress = ProgressLine(shown=not as_json)
    try:
        with file.open("rb") as opened:
            body = FilePart.whole(opened)
            pieces = transport.stream("POST", call.path, body=body, headers=_LINES)
            report: dict[str, Any] = await_result(transport, pieces, progress)
    except OSError as error:
        raise Unavailable(f"{file} can't be read: {error}") from error
    finally:
        progress.close()
        transport.close()
    if as_json:
        print_json(report)
    else:
        skipped = f", {report['n_skipped']:,} left out" if report["n_skipped"] else ""
        parts = [
            f"{counted(report['n_runs'], 'run')} with {counted(report['n_points'], 'point')}",
            *(
                counted(report[name], noun)
                for name, noun in (
                    ("n_versions", "artifact version"),
                    ("n_sweeps", "sweep"),
                    ("n_reports", "report"),
                )
                if report[name]
            ),
        ]
        to = f"{report['entity']}/{report['project']}"
        click.echo(f"imported {listed(parts)} to {to}{skipped}")
    return 0


def parse_project(text: str) -> tuple[str, str]:
    """Split `[ENTITY/]PROJECT` into entity and name.

    >>> parse_project("mnist"), parse_project("team/mnist")
    (('local', 'mnist'), ('team', 'mnist'))
    """
    entity, _, project = text.rpartition("/")
    return (
        check_name("entity", entity or str(DEFAULT_ENTITY)),
        check_name("project", project),
    )


def transport_of(base_url: str | None) -> Transport:
    server = require_server(base_url)
    return Transport(server.url, server.key, server.policy)
