"""`weft server project` with its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from weft.cli.server.user_commands import data_options, resolve_data


@click.group()
def project() -> None:
    """Move projects to other users and teams. Works while the server runs, and without it."""


@project.command("move")
@click.argument("projects", nargs=-1, required=True, metavar="ENTITY/PROJECT...")
@click.option("--to", metavar="ENTITY", required=True, help="The user or team that gets them.")
@click.option("--dry-run", is_flag=True, help="Only list what would be moved and what refused.")
@data_options
def move(
    projects: tuple[str, ...],
    to: str,
    data: Path | None,
    metadata_url: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Move projects with all that they have, all of them or none.

    Runs keep their ids, times, files and lineage. Old links lead to the new owner, and what
    scripts still send to the old paths arrives.
    """
    from weft.cli.server.projects import Projects

    own = Projects(*resolve_data(data, metadata_url), as_json=as_json)
    sys.exit(own.move(projects, to, is_dry=dry_run))
