"""`weft server quota` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weft.cli.server.user_commands import data_options, resolve_data

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
@data_options
def show_quota(entity: str, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Show what ENTITY and its projects take, and may take."""
    sys.exit(_quotas(data, metadata_url, as_json=as_json).show(entity))


@quota.command("set")
@click.argument("owner", metavar="ENTITY[/PROJECT]")
@click.option("--bytes", "n_bytes", metavar="SIZE", help="As 500GB; none: no limit of its own.")
@click.option("--runs", "n_runs", metavar="N", help="The most runs; none: no limit.")
@data_options
def set_quota(
    owner: str,
    n_bytes: str | None,
    n_runs: str | None,
    data: Path | None,
    metadata_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Set what ENTITY, or a project of it, may take. What is not given stays."""
    sys.exit(_quotas(data, metadata_url, as_json=as_json).set(owner, n_bytes, n_runs))


def _quotas(data: Path | None, metadata_url: str | None, *, as_json: bool) -> Quotas:
    from weft.cli.server.quotas import Quotas

    data, metadata_url = resolve_data(data, metadata_url)
    return Quotas(data, metadata_url, as_json=as_json)
