"""The commands that decide where runs go, and their options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import Final

import click

from weft.cli.options import BASE_URL, JSON


@click.command()
@click.option("--base-url", "--host", help="Server to log in to  [default: asked for]")
@click.argument("given_key", metavar="[KEY]", required=False)
@click.option(
    "--key",
    help="Its key; - reads it from standard input  [default: KEY, one that is piped in, or asked "
    "for and not shown]",
)
@click.option("--relogin", is_flag=True, help="Ask for the key even if one is known.")
@click.option(
    "--verify/--no-verify",
    default=True,
    help="Ask the server if it accepts the key, or save it unseen.  [default: verify]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def login(
    base_url: str | None,
    key: str | None,
    given_key: str | None,
    *,
    relogin: bool,
    verify: bool,
    as_json: bool,
) -> None:
    """Save a server's address and key, once the server accepts them.

    Later runs and commands of yours go to this server. The address is saved in your settings
    file, the key in your netrc file, as `weft.login()` does it. The key of a server without
    accounts is the text of the file `token` in its data directory.
    """
    from weft.cli.settings.login import log_in

    sys.exit(log_in(base_url, key or given_key, relogin=relogin, verify=verify, as_json=as_json))


@click.command()
@click.option("--base-url", "--host", help="Server to forget  [default: as for a run]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def logout(base_url: str | None, *, as_json: bool) -> None:
    """Remove a server's saved key and address.

    Nothing changes on the server: runs that are there stay there.
    """
    from weft.cli.settings.login import log_out

    sys.exit(log_out(base_url, as_json=as_json))


@click.command()
@BASE_URL
@JSON
def status(base_url: str | None, *, as_json: bool) -> None:
    """Show where runs go, and print a sign-in link.

    Tells which server runs go to and whether it answers. The link signs one browser in, once;
    send it to anyone who needs to see the server.
    """
    from weft.cli.settings.status import print_status

    sys.exit(print_status(base_url, as_json=as_json))


@click.command()
@click.option("-p", "--project", help="The project  [default: asked for]")
@click.option("-e", "--entity", help="Its owner  [default: the server's]")
@click.option("--reset", is_flag=True, help="Forget the choice, and the mode, of this folder.")
def init(project: str | None, entity: str | None, *, reset: bool) -> None:
    """Choose the project of runs in this folder.

    The choice is saved in `weft/settings` here. What a script says in `weft.init(project=…)`, and
    WEFT_PROJECT, come before it.
    """
    from weft.cli.settings.folder_settings import init_folder

    sys.exit(init_folder(project, entity, reset=reset))


@click.command()
def online() -> None:
    """Send runs in this folder to the server."""
    from weft.cli.settings.folder_settings import set_mode

    sys.exit(set_mode("online"))


@click.command()
def offline() -> None:
    """Keep runs in this folder on this machine.

    `weft sync` sends them, `weft ui` shows them.
    """
    from weft.cli.settings.folder_settings import set_mode

    sys.exit(set_mode("offline"))


@click.command()
def enabled() -> None:
    """Record runs in this folder again."""
    from weft.cli.settings.folder_settings import set_mode

    sys.exit(set_mode("online"))


@click.command()
def disabled() -> None:
    """Record nothing of runs in this folder."""
    from weft.cli.settings.folder_settings import set_mode

    sys.exit(set_mode("disabled"))


@click.command()
@click.option("--base-url", help="Server to try  [default: as for a run]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(base_url: str | None, *, as_json: bool) -> None:
    """Try a server with a small run.

    The run is sent, read back and deleted, in a project `weft-verify`. Exit code 1: a step failed.
    """
    from weft.cli.settings.verify import verify as try_server

    sys.exit(try_server(base_url, as_json=as_json))


@click.command()
@click.option("--base-url", help="Server to look at  [default: as for a run]")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(base_url: str | None, *, as_json: bool) -> None:
    """Say what is wrong here, and what to do.

    Looks at the settings, the server and its key, this folder, locks and unsent files. Changes
    nothing. Exit code 1: something needs a remedy.
    """
    from weft.cli.settings.doctor import examine

    sys.exit(examine(base_url, as_json=as_json))


SETTING_COMMANDS: Final = (
    login, logout, status, verify, doctor, init, online, offline, enabled, disabled,
)  # fmt: skip
