"""`weft server user` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.cli.server.settings_source import gather_settings

if TYPE_CHECKING:
    from weft.cli.server.accounts import Accounts
    from weft.cli.server.users import Users


def data_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of commands that work on a server's data directory."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
        click.option(
            "--metadata-url",
            envvar="WEFT_SERVER_METADATA_URL",
            show_envvar=True,
            help="The metadata database, where it is not SQLite in the data directory.",
        ),
        click.option(
            "--data",
            type=click.Path(path_type=Path, file_okay=False),
            envvar="WEFT_SERVER_DATA",
            show_envvar=True,
            help="Data directory  [default: ~/.local/share/weft]",
        ),
    ):
        command = option(command)
    return command


def on_server(home: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options, and pass it the `HeldServer` that they name.

    `home` is the module of its class and the name there. The command alone imports it: a server's
    modules take long.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @data_options
        @wraps(command)
        def work(
            data: Path | None, metadata_url: str | None, *, as_json: bool, **values: Any
        ) -> None:
            from pkgutil import resolve_name

            server = resolve_name(home)(*resolve_data(data, metadata_url), as_json=as_json)
            command(server, **values)

        return work

    return decorate


def resolve_data(data: Path | None, metadata_url: str | None) -> tuple[Path | None, str | None]:
    """The values of these options; each defaults to the option of `weft server`, then to the
    settings file.
    """
    values = gather_settings(server_options_with(data, metadata_url))
    return values.get("data"), values.get("metadata_url")


def server_options_with(data: Path | None, metadata_url: str | None) -> dict[str, Any]:
    """The options of `weft server`, with those that its command has of its own."""
    parent = click.get_current_context().parent
    while parent is not None and parent.info_name != "server":
        parent = parent.parent
    options = dict(parent.params) if parent is not None else {}
    options.update({"data": data} if data else {})
    options.update({"metadata_url": metadata_url} if metadata_url else {})
    return options


TAKE_OVER: Any = click.option(
    "--take-over",
    is_flag=True,
    help="Own the projects that are left under this name; without it, such a name is refused.",
)


@click.group()
def user() -> None:
    """Add, list, disable and remove users with accounts, and change their keys.

    A user owns the entity of their name, and sees what their teams own, and what others opened.
    Without users, only the user who runs the server and those with its token get in.
    """


@user.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May do anything on this server.")
@click.option(
    "--api-key",
    metavar="KEY",
    help="The user's key, of 40 characters or more; - reads it from standard input  "
    "[default: a new random one]",
)
@TAKE_OVER
@on_server("weft.cli.server.users:Users")
def add_user(
    users: Users, name: str, api_key: str | None, *, admin: bool, take_over: bool
) -> None:
    """Add a user, and print their key.

    The key is shown only once: the server stores a hash of it. Works while the server runs.
    """
    if api_key == "-":
        api_key = sys.stdin.readline().strip()
    sys.exit(users.add_user(name, is_admin=admin, api_key=api_key, take_over=take_over))


@user.command("key")
@click.argument("name")
@click.option(
    "--api-key",
    metavar="KEY",
    help="The new key, of 40 characters or more; - reads it from standard input  "
    "[default: a new random one]",
)
@on_server("weft.cli.server.users:Users")
def change_key(users: Users, name: str, api_key: str | None) -> None:
    """Give a user another key, and print it.

    The old key, browsers signed in with it and addresses that it signed stop working at once; the
    projects stay. The key is shown only once. Works while the server runs.
    """
    if api_key == "-":
        api_key = sys.stdin.readline().strip()
    sys.exit(users.change_key(name, api_key=api_key))


@user.command("password-link")
@click.argument("name")
@on_server("weft.cli.server.accounts:Accounts")
def password_link(accounts: Accounts, name: str) -> None:
    """Print a link by which a user chooses a new password.

    It works once, for a day, and replaces earlier ones; nothing else of the user changes before it
    is used. Works while the server runs.
    """
    sys.exit(accounts.print_password_link(name))


@user.command()
@click.option("--email", metavar="ADDRESS", help="Mail the link, too, if the server sends mail.")
@click.option("--team", metavar="TEAM", help="A team that the person joins.")
@click.option(
    "--role",
    type=click.Choice(["viewer", "member", "admin"]),
    default="member",
    show_default=True,
    help="The role in the team.",
)
@click.option("--admin", is_flag=True, help="Invite an administrator of this server.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True)
@on_server("weft.cli.server.accounts:Accounts")
def invite(
    accounts: Accounts,
    email: str | None,
    team: str | None,
    role: str,
    days: int,
    *,
    admin: bool,
) -> None:
    """Print a link by which a person makes an account, once. Works while the server runs."""
    sys.exit(accounts.invite(email=email, team=team, role=role, days=days, is_admin=admin))


@user.command("invite-again")
@click.argument("invitation", type=int, metavar="ID")
@on_server("weft.cli.server.accounts:Accounts")
def invite_again(accounts: Accounts, invitation: int) -> None:
    """Print a new link of an invitation that was not used, and mail it, too, if the server sends
    mail.

    ID is one of `weft server user invitations`. The earlier link stops working. Works while the
    server runs.
    """
    sys.exit(accounts.invite_again(invitation))


@user.command()
@on_server("weft.cli.server.accounts:Accounts")
def invitations(accounts: Accounts) -> None:
    """List the newest invitations, and what became of them. Works while the server runs."""
    sys.exit(accounts.list_invitations())


@user.command()
@click.argument("name")
@on_server("weft.cli.server.accounts:Accounts")
def disable(accounts: Accounts, name: str) -> None:
    """Refuse a user from now on; their work stays.

    Keys and browsers of the user are refused at once. Works while the server runs.
    """
    sys.exit(accounts.set_disabled(name, is_disabled=True))


@user.command()
@click.argument("name")
@on_server("weft.cli.server.accounts:Accounts")
def enable(accounts: Accounts, name: str) -> None:
    """Let a disabled user in again. Works while the server runs."""
    sys.exit(accounts.set_disabled(name, is_disabled=False))


@user.command("list")
@on_server("weft.cli.server.users:Users")
def list_(users: Users) -> None:
    """List the users."""
    sys.exit(users.list())


@user.command()
@click.argument("name")
@click.option(
    "--hand-to", metavar="ENTITY", help="The user or team that gets the projects  [default: none]"
)
@on_server("weft.cli.server.users:Users")
def remove(users: Users, name: str, hand_to: str | None) -> None:
    """Remove a user; the projects stay, or go to someone.

    The key and browsers signed in with it stop working at once. A user who is added again by the
    same name gets the projects back.
    """
    sys.exit(users.remove(name, hand_to=hand_to))


@click.command("init-admin")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="The administrator's mail address.")
@click.option(
    "--password",
    metavar="-",
    help="- reads the password from standard input  [default: ask for it in a terminal, else "
    "print a link by which it is chosen]",
)
@click.option(
    "--local-to",
    metavar="ENTITY",
    help="The user or team that gets the projects under `local`, such as NAME  [default: ask in a "
    "terminal, else none]",
)
@click.option(
    "--projects",
    metavar="A,B",
    help="The projects under `local` that --local-to gets; the others stay  [default: all]",
)
@click.option("--new-team", is_flag=True, help="Make --local-to, a team with NAME as its admin.")
@on_server("weft.cli.server.accounts:Accounts")
def init_admin(
    accounts: Accounts,
    name: str,
    email: str | None,
    password: str | None,
    local_to: str | None,
    projects: str | None,
    *,
    new_team: bool,
) -> None:
    """Make the first administrator with an account, for a server that a group uses.

    NAME signs in by password and invites others. Links that scripts printed under `local` lead to
    the projects' new owner. Works while the server runs.
    """
    from weft.cli.server.accounts import LocalChoice, split_names

    if local_to is None and (projects is not None or new_team):
        raise click.UsageError("--projects and --new-team need --local-to, the new owner")
    chosen = None if projects is None else split_names(projects)
    local = None if local_to is None else LocalChoice(local_to, chosen, is_new_team=new_team)
    if password not in {None, "-"}:
        raise click.UsageError("--password takes only -, as other users see command lines")
    if password == "-":
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    sys.exit(accounts.init_admin(name, email=email, password=password, local=local))
