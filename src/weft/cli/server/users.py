"""`weft server user add|key|list|remove`, on a running server or without one."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import click
import msgspec

from weft.cli.server.held_data import work_on
from weft.cli.text_table import format_table
from weft.client.transport import Transport
from weft.records.sizes import shown_size
from weft.records.times import shown_day
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.settings import default_data_directory
from weft.server.storage.directory import is_data_directory
from weft.wire.server.server import ServerInfo
from weft.wire.server.users import NewUser, User, UserList, UserRemoval

_USERS = "/api/v1/users"


class Users:
    """The users of one server, by default the user's own."""

    def __init__(self, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
        self._data = (data or default_data_directory()).absolute()
        self._metadata_url = metadata_url
        self._as_json = as_json

    def add(self, name: str, *, is_admin: bool, api_key: str | None, take_over: bool) -> int:
        """Add a user and print the key; return the exit code."""
        body = {
            "name": name, "is_admin": is_admin, "api_key": api_key, "take_over": take_over,
        }  # fmt: skip

        url = "URL"

        def ask(server: Transport) -> NewUser:
            nonlocal url
            reply = server.request("POST", _USERS, body=json.dumps(body).encode(), headers=_JSON)
            url = server.decode(server.request("GET", "/api/v1/server"), ServerInfo).url
            return server.decode(reply, NewUser)

        def direct(services: Services) -> NewUser:
            return services.users.add(
                LOCAL, name, is_admin=is_admin, api_key=api_key, take_over=take_over
            )

        is_new = not is_data_directory(self._data)
        added = work_on(self._data, self._metadata_url, ask=ask, direct=direct, create=True)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(added)))
            return 0
        click.echo(added.api_key)
        who = f"{added.name}, an administrator" if added.is_admin else added.name
        click.echo(f"weft: this is the key of {who}; it is not shown again", err=True)
        click.echo(f"weft: to use it: weft login --base-url {url}, or WEFT_API_KEY", err=True)
        if is_new:
            message = f"weft: {self._data} is new: start a server with --data {self._data}"
            click.echo(message, err=True)
        return 0

    def change_key(self, name: str, *, api_key: str | None) -> int:
        """Give a user another key and print it; return the exit code."""
        body = json.dumps({"api_key": api_key}).encode()

        def ask(server: Transport) -> NewUser:
            path = f"{_USERS}/{quote(name, safe='')}/key"
            return server.decode(server.request("PUT", path, body=body, headers=_JSON), NewUser)

        def direct(services: Services) -> NewUser:
            return services.users.change_key(LOCAL, name, api_key=api_key)

        changed = work_on(self._data, self._metadata_url, ask=ask, direct=direct)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(changed)))
            return 0
        click.echo(changed.api_key)
        click.echo(f"weft: this is the new key of {name}; it is not shown again", err=True)
        click.echo("weft: the old key, and browsers signed in with it, are refused now", err=True)
        return 0

    def list(self) -> int:
        """Print the users; return the exit code."""

        def ask(server: Transport) -> UserList:
            return server.decode(server.request("GET", _USERS), UserList)

        users = work_on(
            self._data,
            self._metadata_url,
            ask=ask,
            direct=lambda services: services.users.list(LOCAL),
        )
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(users)["users"]))
        elif users.users:
            rows = [
                [
                    user.name,
                    "administrator" if user.is_admin else "",
                    shown_day(user.created_micros),
                    _size(user),
                ]
                for user in users.users
            ]
            click.echo(format_table(["name", "role", "added", "size"], rows))
        else:
            click.echo("no users: add one with `weft server user add NAME`")
        return 0

    def remove(self, name: str, *, hand_to: str | None = None) -> int:
        """Remove a user; return the exit code."""
        query = "" if hand_to is None else f"?hand_to={quote(hand_to, safe='')}"

        def ask(server: Transport) -> UserRemoval:
            reply = server.request("DELETE", f"{_USERS}/{quote(name, safe='')}{query}")
            return server.decode(reply, UserRemoval)

        def direct(services: Services) -> UserRemoval:
            return services.users.remove(LOCAL, name, hand_to=hand_to)

        removal = work_on(self._data, self._metadata_url, ask=ask, direct=direct)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(removal)))
            return 0
        for project in removal.projects:
            click.echo(f"{name}/{project.project} is {project.moved_to} now")
        stay = "" if hand_to else f"; the projects of {name} stay"
        click.echo(f"removed {name}{stay}")
        return 0


_JSON = {"Content-Type": "application/json"}


def _size(user: User) -> str:
    """The disk space of a user's projects, and its limit."""
    size = shown_size(user.n_bytes)
    return size if user.quota_bytes is None else f"{size} of {shown_size(user.quota_bytes)}"
