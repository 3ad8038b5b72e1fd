"""`weft server init-admin`, and invitations, links and states of `weft server user`."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import click

from weft.cli.server.held_data import HeldServer
from weft.cli.text_table import format_table
from weft.client.calls import Caller
from weft.client.transport import Transport
from weft.records.ids import DEFAULT_ENTITY
from weft.records.times import shown_day
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.storage.directory import is_data_directory
from weft.wire.projects.projects import list_projects
from weft.wire.server.accounts import (
    AccountEdit,
    FirstAdmin,
    InvitationAddition,
    OneTimeLink,
    add_first_admin,
    create_password_link,
    edit_account,
    invite,
    invite_again,
    list_invitations,
)
from weft.wire.server.teams import list_teams
from weft.wire.server.users import list_users


class LocalChoice(NamedTuple):
    """Who gets which projects under `local`; `projects` None: all of them."""

    owner: str | None
    projects: list[str] | None = None
    is_new_team: bool = False


class Accounts(HeldServer):
    """The accounts of one server, by default the user's own."""

    def init_admin(
        self, name: str, *, email: str | None, password: str | None, local: LocalChoice | None
    ) -> int:
        """Make the first administrator; return the exit code. `local` None: ask in a terminal."""
        if local is None and sys.stdin.isatty() and not self.as_json:
            local = self._ask_owner(name)
        local = local or LocalChoice(None)
        new = FirstAdmin(
            name=name,
            password=password,
            email=email,
            local_to=local.owner,
            projects=local.projects,
            new_team=local.is_new_team,
        )
        added = self.do(
            lambda client: client.call(add_first_admin, new),
            lambda services: services.first_admin.make(LOCAL, new, base_url=""),
            create=True,
        )
        if self.as_json:
            return self.report(added)
        click.echo(f"{added.name} is an administrator now")
        if added.moved:
            click.echo(f"{_counted(added.moved)} of `local` now under {local.owner}")
        for project in added.refused:
            click.echo(
                f"weft: {local.owner} has a project {project} already: the one of `local` stays"
            )
        if added.link is not None:
            click.echo(f"choose a password at: {_whole(added.link)}")
        click.echo("invite others with: weft server user invite", err=True)
        return 0

    def invite(
        self, *, email: str | None, team: str | None, role: Any, days: int, is_admin: bool
    ) -> int:
        """Print a link by which a person makes an account; return the exit code."""
        new = InvitationAddition(email=email, team=team, role=role, days=days, is_admin=is_admin)
        link = self.do(
            lambda client: client.call(invite, new),
            lambda services: services.links.invite(LOCAL, new, base_url=""),
        )
        return self._print_link(link)

    def invite_again(self, invitation: int) -> int:
        """Print a new link of an invitation that was not used; return the exit code."""
        link = self.do(
            lambda client: client.call(invite_again, invitation),
            lambda services: services.links.invite_again(LOCAL, invitation, base_url=""),
        )
        return self._print_link(link)

    def list_invitations(self) -> int:
        """Print the newest invitations and what became of them; return the exit code."""
        invitations = self.do(
            lambda client: client.call(list_invitations).invitations,
            lambda services: services.links.list(LOCAL),
        )
        if not invitations:
            return self.report(
                invitations, "no invitations: make one with `weft server user invite`"
            )
        rows = [
            [
                str(invitation.id),
                invitation.email or "the person with the link",
                invitation.team or "",
                "administrator" if invitation.is_admin else invitation.role or "user",
                invitation.state,
                shown_day(invitation.expires_micros),
            ]
            for invitation in invitations
        ]
        table = format_table(["id", "for", "team", "role", "state", "until"], rows)
        return self.report(invitations, table)

    def print_password_link(self, name: str) -> int:
        """Print a link by which a user chooses a new password; return the exit code."""
        link = self.do(
            lambda client: client.call(create_password_link, name),
            lambda services: services.links.create_password_link(LOCAL, name, base_url=""),
        )
        return self._print_link(link)

    def set_disabled(self, name: str, *, is_disabled: bool) -> int:
        """Disable or enable a user; return the exit code."""
        edit = AccountEdit(is_disabled=is_disabled)
        account = self.do(
            lambda client: client.call(edit_account, name, edit),
            lambda services: services.accounts.edit(LOCAL, name, edit),
        )
        state = "disabled" if account.is_disabled else "enabled"
        return self.report(account, f"{account.name} is {state}")

    def _ask_owner(self, name: str) -> LocalChoice | None:
        """Ask who gets which projects under `local`; None for no one."""
        if not is_data_directory(self.data):
            return None

        def ask(client: Caller[Transport]) -> tuple[list[str], list[str]]:
            projects = client.call(list_projects).projects
            teams, users = client.call(list_teams).teams, client.call(list_users).users
            entities = [team.name for team in teams] + [user.name for user in users]
            return [row.project for row in projects if row.entity == DEFAULT_ENTITY], entities

        def direct(services: Services) -> tuple[list[str], list[str]]:
            rows = services.projects.list(LOCAL)
            teams, users = services.teams.list(LOCAL), services.users.list(LOCAL).users
            entities = [team.name for team in teams] + [user.name for user in users]
            return [row.project for row in rows if row.entity == DEFAULT_ENTITY], entities

        projects, entities = self.do(ask, direct)
        if not projects:
            return LocalChoice(name)
        shown = ", ".join(projects[:5]) + (", …" if len(projects) > 5 else "")
        click.echo(f"{_counted(projects)} under `local`: {shown}", err=True)
        answer = click.prompt(
            "Their new owner, you or a team (- leaves them to the administrators)",
            default=name,
            err=True,
        )
        if answer == "-":
            return None
        is_new = answer not in {name, *entities}
        if is_new and not click.confirm(
            f"Make the team {answer}, with {name} as admin?", err=True
        ):
            raise click.Abort
        text = click.prompt("Which of them, with commas between", default="all", err=True)
        chosen = None if text == "all" else split_names(text)
        return LocalChoice(answer, chosen, is_new_team=is_new)

    def _print_link(self, link: OneTimeLink) -> int:
        self.report(link, _whole(link.link))
        if self.as_json:
            return 0
        if link.is_mailed:
            click.echo("weft: it was mailed, too", err=True)
        elif link.mail_problem:
            click.echo(f"weft: it was not mailed: {link.mail_problem}", err=True)
        return 0


def split_names(text: str) -> list[str]:
    """The names in a text with commas between.

    >>> split_names("mnist, cifar,")
    ['mnist', 'cifar']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


def _whole(link: str) -> str:
    """A link; without a running server its beginning is not known."""
    return f"http://SERVER:PORT{link}" if link.startswith("/") else link


def _counted(projects: Any) -> str:
    return f"{len(projects)} project{'' if len(projects) == 1 else 's'}"
