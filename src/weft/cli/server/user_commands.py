"""`weft server user` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.cli.server.settings_source import gather_settings

if TYPE_CHECKING:
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


@click.group()
def user() -> None:
    """Add, list and remove users with accounts, and change their keys.

    A user sees and changes the projects of the entity that has the user's name, and no others.
    Without users, only the user who runs the server and those with its token get in.
    """


@user.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="May do anything on this server.")
@click.option(
    "--api-key",
    metavar="KEY",
    help="The user's key, of 40 characters or more; - reads it from standard input  "
    "[default: a new random one]",
)
@data_options
def add(
    name: str,
    data: Path | None,
    metadata_url: str | None,
    api_key: str | None,
    *,
    admin: bool,
    as_json: bool,
) -> None:
    """Add a user, and print their key.

    The key is shown only once: the server stores a hash of it. Works while the server runs.
    """
    if api_key == "-":
        api_key = sys.stdin.readline().strip()
    users = _users(data, metadata_url, as_json=as_json)
    sys.exit(users.add(name, is_admin=admin, api_key=api_key))


@user.command("key")
@click.argument("name")
@click.option(
    "--api-key",
    metavar="KEY",
    help="The new key, of 40 characters or more; - reads it from standard input  "
    "[default: a new random one]",
)
@data_options
def change_key(
    name: str, data: Path | None, metadata_url: str | None, api_key: str | None, *, as_json: bool
) -> None:
    """Give a user another key, and print it.

    The old key, browsers signed in with it and addresses that it signed stop working at once; the
    projects stay. The key is shown only once. Works while the server runs.
    """
    if api_key == "-":
        api_key = sys.stdin.readline().strip()
    users = _users(data, metadata_url, as_json=as_json)
    sys.exit(users.change_key(name, api_key=api_key))


@user.command("list")
@data_options
def list_(data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """List the users."""
    sys.exit(_users(data, metadata_url, as_json=as_json).list())


@user.command()
@click.argument("name")
@data_options
def remove(name: str, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Remove a user; the projects stay.

    The key and browsers signed in with it stop working at once. A user who is added again by the
    same name gets the projects back.
    """
    sys.exit(_users(data, metadata_url, as_json=as_json).remove(name))


def _users(data: Path | None, metadata_url: str | None, *, as_json: bool) -> Users:
    from weft.cli.server.users import Users

    return Users(*resolve_data(data, metadata_url), as_json=as_json)
