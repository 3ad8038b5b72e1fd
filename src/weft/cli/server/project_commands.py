"""`weft server project` with its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from weft.cli.server.user_commands import on_server

if TYPE_CHECKING:
    from weft.cli.server.projects import Projects


@click.group()
def project() -> None:
    """Move projects to other users and teams. Works while the server runs, and without it."""


@project.command("move")
@click.argument("projects", nargs=-1, required=True, metavar="ENTITY/PROJECT...")
@click.option("--to", metavar="ENTITY", required=True, help="The user or team that gets them.")
@click.option("--dry-run", is_flag=True, help="Only list what would be moved and what refused.")
@on_server("weft.cli.server.projects:Projects")
def move(own: Projects, projects: tuple[str, ...], to: str, *, dry_run: bool) -> None:
    """Move projects with all that they have, all of them or none.

    Runs keep their ids, times, files and lineage. Old links lead to the new owner, and what
    scripts still send to the old paths arrives.
    """
    sys.exit(own.move(projects, to, dry_run=dry_run))
