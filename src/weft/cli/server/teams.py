"""`weft server team …` and `weft server access`, on a running server or without one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from weft.cli.server.held_data import HeldServer, path_part
from weft.cli.text_table import format_table
from weft.errors import UsageError
from weft.server.services.access import LOCAL, ProjectPath
from weft.wire.projects.access import AccessExplanation
from weft.wire.server.teams import Membership, TeamAddition, TeamDetails, TeamList


class Teams(HeldServer):
    """The teams of one server, by default the user's own."""

    def add(self, name: str, members: Mapping[str, Any], *, take_over: bool) -> int:
        """Add a team with members; return the exit code."""
        new = TeamAddition(name=name, members=dict(members), take_over=take_over)
        details = self.do(
            "POST", "/teams", new, TeamDetails, lambda services: services.teams.add(LOCAL, new)
        )
        return self._print_team(details)

    def list(self) -> int:
        """Print the teams; return the exit code."""
        teams = self.do(
            "GET",
            "/teams",
            None,
            TeamList,
            lambda services: TeamList(teams=services.teams.list(LOCAL), may_create=True),
        ).teams
        if self.as_json:
            click.echo(json.dumps(msgspec.to_builtins(teams)))
        elif teams:
            rows = [
                [
                    team.name,
                    str(team.n_members),
                    str(team.n_projects),
                    team.default_visibility + (", closed" if team.is_closed else ""),
                ]
                for team in teams
            ]
            click.echo(format_table(["name", "members", "projects", "new projects"], rows))
        else:
            click.echo("no teams: add one with `weft server team add NAME --admin USER`")
        return 0

    def show(self, name: str) -> int:
        """Print the members of a team; return the exit code."""
        return self._print_team(
            self.do(
                "GET",
                f"/teams/{path_part(name)}",
                None,
                TeamDetails,
                lambda services: services.teams.get(LOCAL, name),
            )
        )

    def set_role(self, name: str, user: str, role: Any) -> int:
        """Give a user a role in a team, `none` to take the user out; return the exit code."""
        path = f"/teams/{path_part(name)}/members/{path_part(user)}"
        if role == "none":
            self.do(
                "DELETE",
                path,
                None,
                None,
                lambda services: services.teams.remove_member(LOCAL, name, user),
            )
            return self.report({"team": name, "removed": user}, f"{user} left {name}")
        membership = Membership(role=role)
        return self._print_team(
            self.do(
                "PUT",
                path,
                membership,
                TeamDetails,
                lambda services: services.teams.put_member(LOCAL, name, user, membership),
            )
        )

    def remove(self, name: str) -> int:
        """Move a team to the trash; return the exit code."""
        path = f"/teams/{path_part(name)}"
        self.do("DELETE", path, None, None, lambda services: services.teams.delete(LOCAL, name))
        return self.report(
            {"removed": name},
            f"removed {name} with its projects; `weft server team restore {name}` brings it back",
        )

    def restore(self, name: str) -> int:
        """Take a team out of the trash; return the exit code."""
        return self._print_team(
            self.do(
                "POST",
                f"/teams/{path_part(name)}/undelete",
                None,
                TeamDetails,
                lambda services: services.teams.undelete(LOCAL, name),
            )
        )

    def explain(self, user: str, project: str) -> int:
        """Print what a user may do in a project, and why; return the exit code."""
        entity, slash, name = project.partition("/")
        if not slash or "/" in name:
            raise UsageError(f"name the project as ENTITY/PROJECT, not {project!r}")
        path = f"/projects/{path_part(entity)}/{path_part(name)}/access/{path_part(user)}"
        why = self.do(
            "GET",
            path,
            None,
            AccessExplanation,
            lambda services: services.access.explain(LOCAL, ProjectPath(entity, name), user),
        )
        may = f"may {', '.join(why.may)}" if why.may else "sees nothing of it"
        return self.report(
            msgspec.to_builtins(why),
            f"{user} in {project}: {why.role or 'no role'} ({why.reason}); {may}",
        )

    def _print_team(self, details: TeamDetails) -> int:
        rows = [
            [member.user, member.role, "service account" if member.is_service_account else ""]
            for member in details.members
        ]
        text = format_table([details.team.name, "role", ""], rows)
        return self.report(msgspec.to_builtins(details), text)
