"""The `weft` command and its options. Imports a command's code when it runs: `--help` is fast."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from weft.cli.artifacts.artifact_commands import artifact
from weft.cli.artifacts.registry_commands import registry
from weft.cli.imports.import_commands import import_
from weft.cli.key_commands import keys
from weft.cli.locks import lock, unlock
from weft.cli.options import BASE_URL
from weft.cli.runs.list_commands import LIST_COMMANDS
from weft.cli.server_verbs import server_verbs
from weft.cli.settings.setting_commands import SETTING_COMMANDS
from weft.cli.shares import share
from weft.cli.sweep_commands import SWEEP_COMMANDS
from weft.cli.sync_command import sync
from weft.errors import WeftError

_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99})
@click.version_option(package_name="weft", message="weft %(version)s")
def cli() -> None:
    """Experiment tracking: log from a script, look in a browser."""


@cli.command()
@click.argument("words", nargs=-1, metavar="[NAME [PART]... | [METHOD] ADDRESS]")
@click.option(
    "-f", "--field", "fields", multiple=True, metavar="NAME=VALUE", help="Of the query or the body"
)
@click.option("--input", "source", metavar="FILE", help="The body; - is standard input")
@click.option("--all", "all_pages", is_flag=True, help="All pages of a list, as one")
@BASE_URL
def api(**options: Any) -> None:
    """Send any request of the HTTP API, or list all.

    As in `weft api list_runs lab mnist -f search=adam`, or
    `weft api PATCH /projects/lab/mnist -f "description=Handwritten digits"`. Prints the answer as
    JSON, and files as they are.
    """
    from weft.cli.api_requests import call_api

    sys.exit(call_api(**options))


@cli.command()
@click.argument("arguments", nargs=-1, metavar="[PROJECT] [QUERY]")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
@click.option("--limit", type=click.IntRange(1), help="Rows at most  [default: 10000]")
@click.option(
    "--escape-formulas",
    is_flag=True,
    help="In CSV, put ' before texts that a spreadsheet would run.",
)
@BASE_URL
def sql(**options: Any) -> None:
    """Query a project in SQL.

    Its tables are runs, history, points, system, configs and summaries, as in
    `weft sql mnist "SELECT id, state, summary.loss FROM runs"`. A QUERY that is `-`, or none, is
    read from standard input.
    """
    from weft.cli.sql import run_sql

    sys.exit(run_sql(**options))


@cli.command("export")
@click.argument("project", metavar="[ENTITY/]PROJECT")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@BASE_URL
@click.option(
    "--report",
    metavar="ID",
    help="Write this report of it alone: to a FILE that ends with .html, a page with its charts "
    "that needs no server, or with .md.",
)
@click.option(
    "--view",
    metavar="NAME",
    help="Write this view of its workspace alone, or `default`: an HTML page with its charts that "
    "needs no server.",
)
@click.option(
    "--static",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write it to DIR, a new folder, as HTML pages that need no server: its views, its "
    "published reports, its runs.",
)
@click.option(
    "--runs",
    "n_runs",
    type=click.IntRange(0, 1000),
    default=20,
    show_default=True,
    help="With --static: pages of the newest N runs.",
    metavar="N",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def export_(
    project: str,
    file: Path | None,
    report: str | None,
    view: str | None,
    folder: Path | None,
    n_runs: int,
    **options: Any,
) -> None:
    """Write all of PROJECT to FILE, an open archive.

    It holds Parquet, JSON and files, and is what `weft import` takes in again, on this server or
    another; runs keep their ids.
    """
    if sum(part is not None for part in (report, view, folder)) > 1:
        raise click.UsageError("--report, --view and --static exclude each other")
    if folder is not None:
        if file is not None or options.pop("force"):
            raise click.UsageError("--static takes neither FILE nor --force: DIR is a new folder")
        from weft.cli.static.files import save_folder

        sys.exit(save_folder(project, folder, n_runs=n_runs, **options))
    if view is not None:
        from weft.cli.static.files import save_view

        sys.exit(save_view(project, view, file, **options))
    if report is not None:
        from weft.cli.imports.report_files import save_report

        sys.exit(save_report(project, report, file, **options))
    from weft.cli.imports.archive import export_project

    sys.exit(export_project(project, file, **options))


@cli.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "is_module", is_flag=True, help="SCRIPT is the name of a module.")
@click.argument("script")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(script: str, arguments: tuple[str, ...], *, is_module: bool) -> None:
    """Run a script written for W&B, unchanged.

    In SCRIPT, and in processes that it starts, `import wandb` gives weft.
    """
    from weft.cli.run_script import run_script

    run_script(script, arguments, is_module=is_module)


@cli.command()
@click.argument("name", required=False)
def docs(name: str | None) -> None:
    """Print the document NAME, or list all documents.

    They are the guides and references that each server shows at /docs.
    """
    from weft.cli.docs import print_document

    sys.exit(print_document(name))


@cli.command()
@click.option("--max-size", metavar="SIZE", help="Remove caches beyond this size, such as 5GB.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def clean(max_size: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Show the size of the local caches, and bound it.

    They hold what `weft ui` and `weft.Api(DIR)` made of run logs, and are made again when needed;
    views and edits made in `weft ui` are lost with them. Those used longest ago go first, and
    those in use stay. Run logs are never removed.
    """
    from weft.cli.clean import clean as clean_caches

    sys.exit(clean_caches(max_size, dry_run=dry_run, as_json=as_json))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes weft's commands in SHELL.

    For bash, add `eval "$(weft completion bash)"` to ~/.bashrc.
    """
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(cli, {}, "weft", "_WEFT_COMPLETE").source())


for _command in (
    *server_verbs(),
    sync,
    import_,
    artifact,
    registry,
    keys,
    share,
    lock,
    unlock,
    *SWEEP_COMMANDS,
    *SETTING_COMMANDS,
    *LIST_COMMANDS,
):
    cli.add_command(_command)


def main(command: click.Command = cli, name: str | None = None) -> None:
    """Run a command; print an error that weft raises on purpose as one line, without a trace."""
    _prepare_streams()
    try:
        command(prog_name=name)
    except WeftError as error:
        click.echo(f"weft: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        # The buffered output must not fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"weft: the output can't be written: {error.strerror}", err=True)
        sys.exit(2)


def _prepare_streams() -> None:
    """Have streams that take any text: also where one is closed, or knows few characters."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(OSError):  # its descriptor has become another file
                stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
