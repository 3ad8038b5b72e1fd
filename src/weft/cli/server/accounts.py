"""`weft server init-admin`, and invitations, links and states of `weft server user`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import click
import msgspec

from weft.cli.server.held_data import work_on
from weft.cli.text_table import format_table
from weft.client.transport import Transport
from weft.records.ids import DEFAULT_ENTITY
from weft.records.times import shown_day
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.settings import default_data_directory
from weft.server.storage.directory import is_data_directory
from weft.wire.projects.projects import ProjectList
from weft.wire.server.accounts import (
    Account,
    AccountEdit,
    FirstAdmin,
    InvitationAddition,
    InvitationList,
    NewFirstAdmin,
    OneTimeLink,
)
from weft.wire.server.teams import TeamList
from weft.wire.server.users import UserList

_JSON = {"Content-Type": "application/json"}


class LocalChoice(NamedTuple):
    """Who gets which projects under `local`; `projects` None: all of them."""

    owner: str | None
    projects: list[str] | None = None
    is_new_team: bool = False


class Accounts:
    """The accounts of one server, by default the user's own."""

    def __init__(self, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
        self._data = (data or default_data_directory()).absolute()
        self._metadata_url = metadata_url
        self._as_json = as_json

    def init_admin(
        self, name: str, *, email: str | None, password: str | None, local: LocalChoice | None
    ) -> int:
        """Make the first administrator; return the exit code. `local` None: ask in a terminal."""
        if local is None and sys.stdin.isatty() and not self._as_json:
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

        def ask(server: Transport) -> NewFirstAdmin:
            return self._post(server, "/api/v1/server/first-admin", new, NewFirstAdmin)

        def direct(services: Services) -> NewFirstAdmin:
            return services.first_admin.make(LOCAL, new, base_url="")

        added = work_on(self._data, self._metadata_url, ask=ask, direct=direct, create=True)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(added)))
            return 0
        click.echo(f"{added.name} is an administrator now")
        if added.moved:
            click.echo(f"{_counted(added.moved)} of `local` now under {local.owner}")
        for project in added.refused:
            click.echo(
                f"weft: {local.owner} has a project {project} already: that of `local` stays"
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

        def ask(server: Transport) -> OneTimeLink:
            return self._post(server, "/api/v1/invitations", new, OneTimeLink)

        def direct(services: Services) -> OneTimeLink:
            return services.links.invite(LOCAL, new, base_url="")

        return self._print_link(work_on(self._data, self._metadata_url, ask=ask, direct=direct))

    def invite_again(self, invitation: int) -> int:
        """Print a new link of an invitation that was not used; return the exit code."""

        def direct(services: Services) -> OneTimeLink:
            return services.links.invite_again(LOCAL, invitation, base_url="")

        return self._print_new_link(f"/api/v1/invitations/{invitation}/again", direct)

    def list_invitations(self) -> int:
        """Print the newest invitations and what became of them; return the exit code."""

        def ask(server: Transport) -> InvitationList:
            return server.decode(server.request("GET", "/api/v1/invitations"), InvitationList)

        def direct(services: Services) -> InvitationList:
            return InvitationList(services.links.list(LOCAL))

        listed = work_on(self._data, self._metadata_url, ask=ask, direct=direct).invitations
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(listed)))
        elif listed:
            rows = [
                [
                    str(invitation.id),
                    invitation.email or "the person with the link",
                    invitation.team or "",
                    "administrator" if invitation.is_admin else invitation.role or "user",
                    invitation.state,
                    shown_day(invitation.expires_micros),
                ]
                for invitation in listed
            ]
            click.echo(format_table(["id", "for", "team", "role", "state", "until"], rows))
        else:
            click.echo("no invitations: make one with `weft server user invite`")
        return 0

    def print_password_link(self, name: str) -> int:
        """Print a link by which a user chooses a new password; return the exit code."""

        def direct(services: Services) -> OneTimeLink:
            return services.links.create_password_link(LOCAL, name, base_url="")

        return self._print_new_link(f"/api/v1/users/{quote(name, safe='')}/password-link", direct)

    def set_disabled(self, name: str, *, is_disabled: bool) -> int:
        """Disable or enable a user; return the exit code."""
        edit = AccountEdit(is_disabled=is_disabled)

        def ask(server: Transport) -> Account:
            path = f"/api/v1/users/{quote(name, safe='')}/account"
            body = msgspec.json.encode({"is_disabled": is_disabled})
            return server.decode(server.request("PATCH", path, body=body, headers=_JSON), Account)

        def direct(services: Services) -> Account:
            return services.accounts.edit(LOCAL, name, edit)

        account = work_on(self._data, self._metadata_url, ask=ask, direct=direct)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(account)))
        else:
            click.echo(f"{account.name} is {'disabled' if account.is_disabled else 'enabled'}")
        return 0

    def _ask_owner(self, name: str) -> LocalChoice | None:
        """Ask who gets which projects under `local`; None for no one."""
        if not is_data_directory(self._data):
            return None

        def ask(server: Transport) -> tuple[list[str], list[str]]:
            projects = server.decode(server.request("GET", "/api/v1/projects"), ProjectList)
            names = [row.project for row in projects.projects if row.entity == DEFAULT_ENTITY]
            teams = server.decode(server.request("GET", "/api/v1/teams"), TeamList)
            users = server.decode(server.request("GET", "/api/v1/users"), UserList)
            entities = [team.name for team in teams.teams] + [user.name for user in users.users]
            return names, entities

        def direct(services: Services) -> tuple[list[str], list[str]]:
            rows = services.projects.list(LOCAL)
            teams, users = services.teams.list(LOCAL), services.users.list(LOCAL).users
            entities = [team.name for team in teams] + [user.name for user in users]
            return [row.project for row in rows if row.entity == DEFAULT_ENTITY], entities

        projects, entities = work_on(self._data, self._metadata_url, ask=ask, direct=direct)
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

    def _post(self, server: Transport, path: str, body: Any, answer: type[Any]) -> Any:
        reply = server.request("POST", path, body=msgspec.json.encode(body), headers=_JSON)
        return server.decode(reply, answer)

    def _print_new_link(self, path: str, direct: Callable[[Services], OneTimeLink]) -> int:
        def ask(server: Transport) -> OneTimeLink:
            return server.decode(server.request("POST", path), OneTimeLink)

        return self._print_link(work_on(self._data, self._metadata_url, ask=ask, direct=direct))

    def _print_link(self, link: OneTimeLink) -> int:
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(link)))
            return 0
        click.echo(_whole(link.link))
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
