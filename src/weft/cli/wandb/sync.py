"""`wandb sync` and `wandb beta sync`: runs of weft, and those that W&B's client left here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from weft.cli.wandb.options import refused, unneeded
from weft.errors import UsageError
from weft.sync.messages import say

if TYPE_CHECKING:
    from weft.sync.by_hand.choice import Choice

Command = TypeVar("Command", bound=Callable[..., Any])

_REMOVED: Final = "W&B's own command has it no longer"


def _options(function: Command) -> Command:
    """The options that both commands have."""
    for option in (
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True)),
        unneeded("-n", "parallelism", default=5, why="weft chooses the number of connections"),
        unneeded("-v", "--verbose", is_flag=True, why="weft prints what matters anyway"),
        unneeded("--yes", is_flag=True, why="weft asks nothing here"),
        click.option("--dry-run", is_flag=True, help="Only say what would be sent."),
        click.option("--replace-tags", help="Rename tags: old1=new1,old2=new2."),
        click.option("--job-type", help="Job type of the runs."),
        click.option("--id", "run_id", help="Send a single run under this id."),
        click.option("-p", "--project", help="Project of the runs."),
        click.option("-e", "--entity", help="Entity of the project."),
    ):
        function = option(function)
    return function


@click.command()
@_options
@click.option(
    "--include-online/--no-include-online",
    "--no-skip-online/--skip-online",
    "online",
    default=True,
    help="Also send other runs' data that the server lacks.",
)
@click.option(
    "--include-synced/--no-include-synced",
    "--no-skip-synced/--skip-synced",
    "synced",
    default=True,
    help="Ask the server about runs that this machine has sent before.",
)
@click.option(
    "--include-offline/--no-include-offline",
    "offline",
    default=True,
    hidden=True,
    help="Send runs that were made offline.",
)
@unneeded("--sync-all", is_flag=True, hidden=True, why="all runs are sent by default")
@unneeded("--mark-synced/--no-mark-synced", hidden=True, why="the server knows what it has")
@unneeded("--legacy", is_flag=True, hidden=True, why="weft has one way of sending")
@refused("--clean", is_flag=True, hidden=True, why="`wandb clean` does it")
@refused("--clean-old-hours", hidden=True, why="`wandb clean --min-hours` does it")
@refused("--clean-force", is_flag=True, hidden=True, why="`wandb clean --force` does it")
@refused("--include-globs", hidden=True, why=f"{_REMOVED}; name the directories")
@refused("--exclude-globs", hidden=True, why=f"{_REMOVED}; name the directories")
@refused(
    "--skip-console", is_flag=True, hidden=True, why=f"{_REMOVED}; record with WEFT_CONSOLE=off"
)
@refused("--sync-tensorboard", is_flag=True, hidden=True, why=f"{_REMOVED}")
def sync(
    paths: tuple[Path, ...],
    *,
    dry_run: bool,
    online: bool,
    synced: bool,
    offline: bool,
    **edits: str | None,
) -> None:
    """Send the runs in PATHS, or in this folder.

    Runs that W&B's own client left in PATHS are imported.
    """
    choice = _choice(offline=offline, online=online, skip_synced=not synced, **edits)
    sys.exit(_send(paths, choice, watch=False, dry_run=dry_run))


@click.command("sync")
@_options
@click.option("--live", is_flag=True, help="Go on sending what comes, until Ctrl-C.")
@click.option("--skip-synced/--no-skip-synced", default=True, help="Leave out runs sent before.")
@click.option("--skip-online/--no-skip-online", default=False, help="Leave out online runs.")
def beta_sync(
    paths: tuple[Path, ...],
    *,
    dry_run: bool,
    live: bool,
    skip_synced: bool,
    skip_online: bool,
    **edits: str | None,
) -> None:
    """Send the runs in PATHS, or in this folder."""
    choice = _choice(online=not skip_online, skip_synced=skip_synced, **edits)
    sys.exit(_send(paths, choice, watch=live, dry_run=dry_run))


def _choice(*, replace_tags: str | None, **options: Any) -> Choice:
    from weft.sync.by_hand.choice import Choice
    from weft.sync.by_hand.edits import parse_replacements

    renamed = parse_replacements(replace_tags) if replace_tags else {}
    return Choice(**options, replace_tags=renamed)


def _send(paths: Sequence[Path], choice: Choice, *, watch: bool, dry_run: bool) -> int:
    """Send weft's runs below the paths, and import those of W&B; the exit code."""
    from weft.cli.imports.wandb_import import import_wandb
    from weft.sync.by_hand.command import sync as send

    official = [path for path in paths if _is_official(path)]
    ours = [path for path in paths if path not in official]
    if not paths:
        ours = [Path()]
        if _is_official(Path("wandb")):
            say("W&B's client left runs in ./wandb: `wandb sync wandb` imports them")
    code = 0
    if official:
        if dry_run:
            say(f"would be imported: {', '.join(map(str, official))}")
        elif choice.run_id is not None:
            raise UsageError("--id is for weft's runs: those of W&B are imported under their ids")
        else:
            target = None
            if choice.project is not None:
                target = "/".join(filter(None, (choice.entity, choice.project)))
            code = import_wandb(official, target, folder=None, base_url=None, as_json=False)
    if ours:
        code = send(ours, choice, watch=watch, dry_run=dry_run) or code
    return code


def _is_official(path: Path) -> bool:
    """Whether a path is a log of W&B's client, a run directory of it or a folder of these."""
    if path.is_file():
        return path.suffix == ".wandb"
    return any(path.glob("*.wandb")) or any(path.glob("*run-*/*.wandb"))
