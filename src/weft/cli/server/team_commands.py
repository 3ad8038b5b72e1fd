"""`weft server team` and `weft server access` with their options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from weft.cli.server.user_commands import TAKE_OVER, on_server

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
@on_server("weft.cli.server.teams:Teams")
def add_team(
    teams: Teams,
    name: str,
    admins: tuple[str, ...],
    members: tuple[str, ...],
    viewers: tuple[str, ...],
    *,
    take_over: bool,
) -> None:
    """Add a team; each option may be given several times."""
    roles = {
        **dict.fromkeys(viewers, "viewer"),
        **dict.fromkeys(members, "member"),
        **dict.fromkeys(admins, "admin"),
    }
    sys.exit(teams.add_team(name, roles, take_over=take_over))


@team.command("list")
@on_server("weft.cli.server.teams:Teams")
def list_teams(teams: Teams) -> None:
    """List the teams."""
    sys.exit(teams.list())


@team.command("show")
@click.argument("name")
@on_server("weft.cli.server.teams:Teams")
def show_team(teams: Teams, name: str) -> None:
    """List the members of a team."""
    sys.exit(teams.show(name))


@team.command("role")
@click.argument("name")
@click.argument("user")
@click.argument("role", type=click.Choice(["viewer", "member", "admin", "none"]))
@on_server("weft.cli.server.teams:Teams")
def set_role(teams: Teams, name: str, user: str, role: str) -> None:
    """Give USER a role in a team; `none` takes them out."""
    sys.exit(teams.set_role(name, user, role))


@team.command("remove")
@click.argument("name")
@on_server("weft.cli.server.teams:Teams")
def remove_team(teams: Teams, name: str) -> None:
    """Move a team with its projects to the trash."""
    sys.exit(teams.remove(name))


@team.command("restore")
@click.argument("name")
@on_server("weft.cli.server.teams:Teams")
def restore_team(teams: Teams, name: str) -> None:
    """Take a team out of the trash, with its members and projects."""
    sys.exit(teams.restore(name))


@click.command("access")
@click.argument("user")
@click.argument("project", metavar="ENTITY/PROJECT")
@on_server("weft.cli.server.teams:Teams")
def access(teams: Teams, user: str, project: str) -> None:
    """Explain what USER may do in a project, and why."""
    sys.exit(teams.explain(user, project))
