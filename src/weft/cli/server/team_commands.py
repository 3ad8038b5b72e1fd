"""`weft server team` and `weft server access` with their options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.cli.server.user_commands import TAKE_OVER, data_options, resolve_data

if TYPE_CHECKING:
    from weft.cli.server.teams import Teams

_NAMES: Any = {"multiple": True, "metavar": "USER"}


@click.group()
def team() -> None:
    """Add, list and remove teams, and change the roles of their members.

    A team owns projects together: viewers read, members also log and change runs, admins also
    decide who is in the team. The commands work while the server runs, and without it.
    """


@team.command("add")
@click.argument("name")
@click.option("--admin", "admins", help="An admin of the team.", **_NAMES)
@click.option("--member", "members", help="A member of the team.", **_NAMES)
@click.option("--viewer", "viewers", help="A viewer of the team.", **_NAMES)
@TAKE_OVER
@data_options
def add_team(
    name: str,
    admins: tuple[str, ...],
    members: tuple[str, ...],
    viewers: tuple[str, ...],
    data: Path | None,
    metadata_url: str | None,
    *,
    take_over: bool,
    as_json: bool,
) -> None:
    """Add a team; each option may be given several times."""
    roles = {
        **dict.fromkeys(viewers, "viewer"),
        **dict.fromkeys(members, "member"),
        **dict.fromkeys(admins, "admin"),
    }
    sys.exit(_teams(data, metadata_url, as_json=as_json).add(name, roles, take_over=take_over))


@team.command("list")
@data_options
def list_teams(data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """List the teams."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).list())


@team.command("show")
@click.argument("name")
@data_options
def show_team(name: str, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """List the members of a team."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).show(name))


@team.command("role")
@click.argument("name")
@click.argument("user")
@click.argument("role", type=click.Choice(["viewer", "member", "admin", "none"]))
@data_options
def set_role(
    name: str,
    user: str,
    role: str,
    data: Path | None,
    metadata_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Give USER a role in a team; `none` takes them out."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).set_role(name, user, role))


@team.command("remove")
@click.argument("name")
@data_options
def remove_team(name: str, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Move a team with its projects to the trash."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).remove(name))


@team.command("restore")
@click.argument("name")
@data_options
def restore_team(name: str, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Take a team out of the trash, with its members and projects."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).restore(name))


@click.command("access")
@click.argument("user")
@click.argument("project", metavar="ENTITY/PROJECT")
@data_options
def access(
    user: str, project: str, data: Path | None, metadata_url: str | None, *, as_json: bool
) -> None:
    """Explain what USER may do in a project, and why."""
    sys.exit(_teams(data, metadata_url, as_json=as_json).explain(user, project))


def _teams(data: Path | None, metadata_url: str | None, *, as_json: bool) -> Teams:
    from weft.cli.server.teams import Teams

    return Teams(*resolve_data(data, metadata_url), as_json=as_json)
