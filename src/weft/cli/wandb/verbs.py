"""Verbs of W&B that are weft's, with W&B's options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from weft.cli.wandb.options import refused, unneeded
from weft.errors import UsageError

if TYPE_CHECKING:
    from weft.cli.settings.folder_settings import Mode

_PROJECT: Final = click.option("--project", "-p", help="The project.")
_ENTITY: Final = click.option("--entity", "-e", help="The project's owner.")
_QUIET: Final = "weft prints what matters anyway"
_NO_QUESTION: Final = "weft asks nothing here"


@click.command()
@click.argument("key", nargs=-1)
@refused(
    "--cloud", is_flag=True, why="weft sends nothing to W&B's cloud; --host names your server"
)
@click.option("--host", "--base-url", "host", help="Server to log in to  [default: asked for]")
@click.option("--relogin", is_flag=True, help="Ask for the key even if one is known.")
@unneeded("--anonymously", is_flag=True, hidden=True, why="weft has no anonymous accounts")
@click.option("--verify/--no-verify", default=True, help="Ask the server if it accepts the key.")
def login(key: tuple[str, ...], host: str | None, *, relogin: bool, verify: bool) -> None:
    """Save a server's address and key."""
    from weft.cli.settings.login import log_in

    if len(key) > 1:
        raise UsageError("one key at a time")
    given_key = key[0] if key else None
    sys.exit(log_in(host, given_key, relogin=relogin, verify=verify, as_json=False))


@click.command()
@click.option("--project", "-p", help="The project  [default: asked for]")
@click.option("--entity", "-e", help="Its owner  [default: the server's]")
@click.option("--reset", is_flag=True, help="Forget the choice, and the mode, of this folder.")
@click.option("--mode", "-m", type=click.Choice(["online", "offline", "disabled"]), help="Mode.")
def init(project: str | None, entity: str | None, mode: Mode | None, *, reset: bool) -> None:
    """Choose the project, and the mode, of runs in this folder."""
    from weft.cli.settings.folder_settings import init_folder, set_mode

    code = 0
    if reset or project or entity or mode is None:
        code = init_folder(project, entity, reset=reset)
    if mode is not None:
        code = set_mode(mode) or code
    sys.exit(code)


@click.command()
@unneeded("--settings/--no-settings", default=True, why="the settings are always shown")
def status() -> None:
    """Show where runs go."""
    from weft.cli.settings.status import print_status

    sys.exit(print_status())


@click.command()
@click.option("--host", help="Server to try  [default: as for a run]")
def verify(host: str | None) -> None:
    """Try a server with a small run."""
    from weft.cli.settings.verify import verify as try_server

    sys.exit(try_server(host, as_json=False))


@click.command()
@_PROJECT
@_ENTITY
@click.argument("run")
def pull(run: str, project: str | None, entity: str | None) -> None:
    """Download the files of a run, to a folder named after it."""
    from weft.cli.runs.pull import pull_files

    path = run_path(run, project, entity)
    sys.exit(pull_files(path, None, "*", None, force=False, as_json=False))


@click.command()
@click.option("--no-git", is_flag=True, help="Only fetch the files, and print the commands.")
@click.option(
    "--branch/--no-branch",
    "on_branch",
    default=True,
    help="Check out a branch weft/RUN, or the commit alone.",
)
@_PROJECT
@_ENTITY
@click.argument("run")
def restore(
    run: str, project: str | None, entity: str | None, *, no_git: bool, on_branch: bool
) -> None:
    """Get the code and config of a run, to run it again."""
    from weft.cli.runs.restore import restore_run

    path = run_path(run, project, entity)
    sys.exit(restore_run(path, None, None, use_git=not no_git, on_branch=on_branch, as_json=False))


def run_path(run: str, project: str | None, entity: str | None) -> str:
    """The path of a run that options complete.

    >>> run_path("ab12", "mnist", "lab"), run_path("lab/mnist:ab12", None, None)
    ('lab/mnist/ab12', 'lab/mnist:ab12')
    """
    if "/" in run or ":" in run:
        return run
    if entity is not None and project is None:
        from weft.sdk.setup.precedence import read_settings

        project = read_settings({}).project
    return "/".join(part for part in (entity, project, run) if part)


@click.command()
@click.option("--min-hours", default=24, help="Runs that changed more recently stay.")
@refused(
    "--include-unsynced",
    is_flag=True,
    why="what is only on this machine is never removed; delete the run's directory by hand",
)
@click.option("--force", is_flag=True, help="Remove without a question.")
def clean(min_hours: int, *, force: bool) -> None:
    """Send what the server lacks, and remove the directories of runs that are wholly there."""
    from weft.sync.by_hand.choice import Choice
    from weft.sync.by_hand.command import sync as send
    from weft.sync.by_hand.sent_directories import Removal

    if not force and not sys.stdin.isatty():
        raise UsageError("wandb clean asks first, and there is no terminal: add --force")
    removal = Removal(
        lambda question: force or click.confirm(question, err=True), min_hours * 3600
    )
    sys.exit(send([Path()], Choice(), removal=removal))


@click.command("purge-cache")
@refused(
    "--age",
    why="caches are bounded by size: `weft clean --max-size`, `weft artifact cache cleanup SIZE`",
)
@click.option("--force", is_flag=True, help="Remove without a question.")
def purge_cache(*, force: bool) -> None:
    """Remove the caches of downloaded artifacts and of `weft ui`."""
    from weft.cli.artifacts.artifact_cache import clean_cache
    from weft.cli.clean import clean as clean_caches

    if not force and not click.confirm("Remove all cached files?", err=True):
        sys.exit(1)
    sys.exit(clean_cache("0", as_json=False) or clean_caches("0", dry_run=False, as_json=False))


@click.command()
@_PROJECT
@_ENTITY
@unneeded("--controller", is_flag=True, why="the server decides which parameters the sweep tries")
@unneeded("--verbose", is_flag=True, why=_QUIET)
@click.option("--name", help="The sweep's name; replaces the file's.")
@click.option("--program", help="The program to run; replaces the file's.")
@refused("--settings", hidden=True, why="set WEFT_ variables for the agents instead")
@refused(
    "--update",
    why="runs of one search would follow two configurations: `--stop` it, and create another",
)
@click.option("--stop", "state", flag_value="stopped", help="Start no more runs of SWEEP.")
@click.option("--cancel", "state", flag_value="cancelled", help="Stop SWEEP and its runs.")
@click.option("--pause", "state", flag_value="paused", help="Pause SWEEP: its agents wait.")
@click.option("--resume", "state", flag_value="running", help="Resume SWEEP.")
@click.option("--prior_run", "-R", "prior_runs", multiple=True, help="A run to learn from.")
@click.argument("config_yaml_or_sweep_id", metavar="FILE | SWEEP")
def sweep(
    config_yaml_or_sweep_id: str,
    state: str | None,
    project: str | None,
    entity: str | None,
    **options: Any,
) -> None:
    """Create a sweep from a YAML file, or control one."""
    from weft.cli.sweeps import control_sweep, create_sweep

    named = config_yaml_or_sweep_id
    if state is not None:
        sys.exit(control_sweep(named, state, entity, project, retry=False, as_json=False))
    sys.exit(create_sweep(named, entity, project, as_json=False, **options))


@click.command()
@_PROJECT
@_ENTITY
@click.option("--count", type=click.IntRange(min=1), help="Most runs of this agent.")
@click.option(
    "--forward-signals", "-f", is_flag=True, help="Send the agent's signals to its programs."
)
@click.option(
    "--term-timeout",
    "-t",
    "term_timeout_secs",
    type=click.FloatRange(min=0),
    help="Seconds until a program that is to end is killed.",
)
@click.option(
    "--max-consecutive-failed-runs",
    type=click.IntRange(min=1),
    help="End the agent once so many runs have failed in a row.",
)
@click.argument("sweep_id", metavar="SWEEP")
def agent(**options: Any) -> None:
    """Run the program of a sweep with one parameter set after another."""
    from weft.cli.sweeps import run_agent

    sys.exit(run_agent(**options))
