"""`weft server team …` and `weft server access`, on a running server or without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weft.cli.server.held_data import HeldServer
from weft.cli.text_table import format_table
from weft.errors import UsageError
from weft.server.services.access import LOCAL, ProjectPath
from weft.wire.projects.access import explain_access
from weft.wire.server.teams import (
    Membership,
    TeamAddition,
    TeamDetails,
    add_team,
    delete_team,
    get_team,
    list_teams,
    put_team_member,
    remove_team_member,
    undelete_team,
)


class Teams(HeldServer):
    """The teams of one server, by default the user's own."""

    def add_team(self, name: str, members: Mapping[str, Any], *, take_over: bool) -> int:
        """Add a team with members; return the exit code."""
        new = TeamAddition(name=name, members=dict(members), take_over=take_over)
        details = self.do(
            lambda client: client.call(add_team, new),
            lambda services: services.teams.add_team(LOCAL, new),
        )
        return self._print_team(details)

    def list(self) -> int:
        """Print the teams; return the exit code."""
        teams = self.do(
            lambda client: client.call(list_teams).teams,
            lambda services: services.teams.list(LOCAL),
        )
        if not teams:
            return self.report(
                teams, "no teams: add one with `weft server team add NAME --admin USER`"
            )
        rows = [
            [
                team.name,
                str(team.n_members),
                str(team.n_projects),
                team.default_visibility + (", closed" if team.is_closed else ""),
            ]
            for team in teams
        ]
        table = format_table(["name", "members", "projects", "new projects"], rows)
        return self.report(teams, table)

    def show(self, name: str) -> int:
        """Print the members of a team; return the exit code."""
        details = self.do(
            lambda client: client.call(get_team, name),
            lambda services: services.teams.get(LOCAL, name),
        )
        return self._print_team(details)

    def set_role(self, name: str, user: str, role: Any) -> int:
        """Give a user a role in a team, `none` to take the user out; return the exit code."""
        if role == "none":
            self.do(
                lambda client: client.call(remove_team_member, name, user),
                lambda services: services.teams.remove_member(LOCAL, name, user),
            )
            return self.report({"team": name, "removed": user}, f"{user} left {name}")
        membership = Membership(role=role)
        details = self.do(
            lambda client: client.call(put_team_member, name, user, membership),
            lambda services: services.teams.put_member(LOCAL, name, user, membership),
        )
        return self._print_team(details)

    def remove(self, name: str) -> int:
        """Move a team to the trash; return the exit code."""
        self.do(
            lambda client: client.call(delete_team, name),
            lambda services: services.teams.delete(LOCAL, name),
        )
        return self.report(
            {"removed": name},
            f"removed {name} with its projects; `weft server team restore {name}` brings it back",
        )

    def restore(self, name: str) -> int:
        """Take a team out of the trash; return the exit code."""
        details = self.do(
            lambda client: client.call(undelete_team, name),
            lambda services: services.teams.undelete(LOCAL, name),
        )
        return self._print_team(details)

    def explain(self, user: str, project: str) -> int:
        """Print what a user may do in a project, and why; return the exit code."""
        entity, slash, name = project.partition("/")
        if not slash or "/" in name:
            raise UsageError(f"name the project as ENTITY/PROJECT, not {project!r}")
        why = self.do(
            lambda client: client.call(explain_access, entity, name, user),
            lambda services: services.access.explain(LOCAL, ProjectPath(entity, name), user),
        )
        may = f"may {', '.join(why.may)}" if why.may else "sees nothing of it"
        return self.report(
            why, f"{user} in {project}: {why.role or 'no role'} ({why.reason}); {may}"
        )

    def _print_team(self, details: TeamDetails) -> int:
        rows = [
            [member.user, member.role, "service account" if member.is_service_account else ""]
            for member in details.members
        ]
        return self.report(details, format_table([details.team.name, "role", ""], rows))
