"""`weft sync` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from weft.errors import UsageError


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--base-url", help="Server to send to  [default: as for a run]")
@click.option("--watch", is_flag=True, help="Go on sending what comes, until Ctrl-C.")
@click.option("-p", "--project", help="Project of the runs  [default: where each was made for]")
@click.option("-e", "--entity", help="Entity of the project  [default: as for the project]")
@click.option("--id", "run_id", help="Send a single run under this id.")
@click.option("--job-type", help="Job type of the runs  [default: each run's own]")
@click.option("--replace-tags", metavar="OLD=NEW,...", help="Rename tags of the runs.")
@click.option(
    "--include-offline/--no-include-offline",
    "offline",
    default=True,
    show_default=True,
    help="Send runs that were made offline.",
)
@click.option(
    "--include-online/--no-include-online",
    "online",
    default=True,
    show_default=True,
    help="Also send other runs' data that the server lacks.",
)
@click.option(
    "--skip-synced",
    is_flag=True,
    help="Leave out runs that this machine sent to the server before, without asking it.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option(
    "--clean", is_flag=True, help="Then remove the directories of runs that are wholly there."
)
@click.option(
    "--clean-old-hours",
    type=click.FloatRange(min=0),
    default=24,
    show_default=True,
    help="With --clean: runs that changed more recently stay.",
)
@click.option("--clean-force", is_flag=True, help="With --clean: remove without a question.")
def sync(
    paths: tuple[Path, ...],
    base_url: str | None,
    project: str | None,
    entity: str | None,
    run_id: str | None,
    job_type: str | None,
    replace_tags: str | None,
    clean_old_hours: float,
    *,
    watch: bool,
    offline: bool,
    online: bool,
    skip_synced: bool,
    dry_run: bool,
    clean: bool,
    clean_force: bool,
) -> None:
    """Send the runs in PATHS, or in this folder's `weft`.

    To the server that a run would go to: runs made offline, copied from another machine, or left
    unfinished. Sending again does no harm: the server says how much it has of each run.
    """
    from weft.sync.by_hand.choice import Choice
    from weft.sync.by_hand.command import sync as send
    from weft.sync.by_hand.edits import parse_replacements
    from weft.sync.by_hand.sent_directories import Removal

    if clean and not clean_force and not sys.stdin.isatty():
        raise UsageError("--clean asks first, and there is no terminal: add --clean-force")
    choice = Choice(
        offline=offline,
        online=online,
        skip_synced=skip_synced,
        entity=entity,
        project=project,
        run_id=run_id,
        job_type=job_type,
        replace_tags=parse_replacements(replace_tags) if replace_tags else {},
    )
    removal = Removal(_ask(clean_force), clean_old_hours * 3600) if clean else None
    folders = list(paths) or [Path()]
    sys.exit(
        send(
            folders, choice, base_url=base_url, watch=watch, removal=removal, dry_run=dry_run
        )
    )  # fmt: skip


def _ask(is_agreed: bool) -> Callable[[str], bool]:
    return lambda question: is_agreed or click.confirm(question, err=True)
