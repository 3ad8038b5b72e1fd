"""`weft server quota` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from weft.cli.server.user_commands import on_server

if TYPE_CHECKING:
    from weft.cli.server.quotas import Quotas


@click.group()
def quota() -> None:
    """Show and set what users, teams and projects may take.

    What runs log beyond a quota waits on the client, and is sent when there is room. The commands
    work while the server runs, and without it.
    """


@quota.command("show")
@click.argument("entity")
@on_server("weft.cli.server.quotas:Quotas")
def show_quota(quotas: Quotas, entity: str) -> None:
    """Show what ENTITY and its projects take, and may take."""
    sys.exit(quotas.show(entity))


@quota.command("set")
@click.argument("owner", metavar="ENTITY[/PROJECT]")
@click.option("--bytes", "n_bytes", metavar="SIZE", help="As 500GB; none: no limit of its own.")
@click.option("--runs", "n_runs", metavar="N", help="The most runs; none: no limit.")
@on_server("weft.cli.server.quotas:Quotas")
def set_quota(quotas: Quotas, owner: str, n_bytes: str | None, n_runs: str | None) -> None:
    """Set what ENTITY, or a project of it, may take. What is not given stays."""
    sys.exit(quotas.set(owner, n_bytes, n_runs))
