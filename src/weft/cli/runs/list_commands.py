"""The commands that show and fetch what is on a server, and their options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from weft.cli.options import BASE_URL, JSON


@click.command()
@click.argument("entity", required=False)
@click.option("--sizes", is_flag=True, help="Show the disk space of each; the largest first.")
@BASE_URL
@JSON
def projects(entity: str | None, base_url: str | None, *, sizes: bool, as_json: bool) -> None:
    """List the projects, of ENTITY or of all.

    The most recently active one comes first. With --sizes: the bytes of rows and console lines, of
    files of runs and of artifacts; a content that is stored once counts once for its project.
    """
    from weft.cli.runs.lists import list_projects

    sys.exit(list_projects(entity, base_url, with_sizes=sizes, as_json=as_json))


@click.command()
@click.argument("project", required=False, metavar="[[ENTITY/]PROJECT]")
@click.argument("filter_text", required=False, metavar="[FILTER]")
@click.option(
    "--columns",
    default="id,name,state,created,runtime",
    show_default=True,
    help="Columns of runs, config.… and summary.…, separated by commas.",
)
@click.option(
    "--sort",
    default="-created",
    show_default=True,
    help="Columns, separated by commas; - puts the largest value first.",
)
@click.option("--search", default="", help="Only runs with this text in a name, tag or note.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@BASE_URL
@JSON
def runs(**options: Any) -> None:
    """List the runs of a project.

    As in `weft runs mnist "config.lr > 0.01" --sort -summary.acc`; `weft docs filters` explains
    filters. JSON has all fields of each run, whatever the columns.
    """
    from weft.cli.runs.lists import list_runs

    sys.exit(list_runs(**options))


@click.command()
@click.argument("run", metavar="[ENTITY/]PROJECT/RUN")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--pattern", default="*", show_default=True, help="Only files that match this glob.")
@click.option("--force", is_flag=True, help="Overwrite files; without it they are kept.")
@BASE_URL
@JSON
def pull(**options: Any) -> None:
    """Download the files of a run.

    They go to FOLDER, by default one named after the run.
    """
    from weft.cli.runs.pull import pull_files

    sys.exit(pull_files(**options))


@click.command()
@click.argument("path", metavar="[ENTITY/]PROJECT/RUN")
@click.option("-f", "--follow", is_flag=True, help="Print new lines until the run ends.")
@click.option(
    "--grep", "pattern", default="", metavar="REGEX", help="Only lines in which this matches."
)
@click.option(
    "--stream", type=click.Choice(["stdout", "stderr"]), help="Only lines of this stream."
)
@click.option("--rank", type=click.IntRange(0), help="Only lines of this rank.")
@click.option("--tail", type=click.IntRange(1), metavar="N", help="Only the last N lines.")
@BASE_URL
@JSON
def logs(**options: Any) -> None:
    """Print the console output of a run's scripts.

    Lines of all processes and of both streams come in order of time; lines of several ranks begin
    with the rank. With --follow, a line that still changes, as a progress bar does, is printed
    once it stands still.
    """
    from weft.cli.runs.logs import print_logs

    sys.exit(print_logs(**options))


@click.command()
@click.argument("run", metavar="[ENTITY/]PROJECT/RUN")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--no-git", is_flag=True, help="Only fetch the files, and print the commands.")
@BASE_URL
@JSON
def restore(
    run: str, folder: Path | None, base_url: str | None, *, no_git: bool, as_json: bool
) -> None:
    """Get the code and config of a run, to run it again.

    Its patch, config, packages and code go to FOLDER, by default one named after the run. In a git
    work tree without changes, a new branch `weft/RUN` is checked out at the commit of the run, and
    the patch is applied. Exit code 1: that was not possible, and the commands are printed.
    """
    from weft.cli.runs.restore import restore_run

    sys.exit(restore_run(run, folder, base_url, use_git=not no_git, as_json=as_json))


LIST_COMMANDS: Final = (projects, runs, pull, restore, logs)
