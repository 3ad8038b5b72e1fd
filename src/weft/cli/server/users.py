"""`weft server user add|key|list|remove`, on a running server or without one."""

from __future__ import annotations

import click

from weft.cli.server.held_data import HeldServer
from weft.cli.text_table import format_table
from weft.client.calls import Caller
from weft.client.transport import Transport
from weft.records.sizes import shown_size
from weft.records.times import shown_day
from weft.server.services.access import LOCAL
from weft.server.storage.directory import is_data_directory
from weft.wire.server.server import get_server
from weft.wire.server.users import (
    KeyChange,
    NewUser,
    User,
    UserAddition,
    add_user,
    change_user_key,
    list_users,
    remove_user,
)


class Users(HeldServer):
    """The users of one server, by default the user's own."""

    def add_user(self, name: str, *, is_admin: bool, api_key: str | None, take_over: bool) -> int:
        """Add a user and print the key; return the exit code."""
        new = UserAddition(name=name, is_admin=is_admin, api_key=api_key, take_over=take_over)

        def ask(client: Caller[Transport]) -> tuple[NewUser, str]:
            return client.call(add_user, new), client.call(get_server).url

        is_new = not is_data_directory(self.data)
        added, url = self.do(
            ask,
            lambda services: (
                services.users.add_user(
                    LOCAL, name, is_admin=is_admin, api_key=api_key, take_over=take_over
                ),
                "URL",
            ),
            create=True,
        )
        self.report(added, added.api_key)
        if self.as_json:
            return 0
        who = f"{added.name}, an administrator" if added.is_admin else added.name
        click.echo(f"weft: this is the key of {who}; it is not shown again", err=True)
        click.echo(f"weft: to use it: weft login --base-url {url}, or WEFT_API_KEY", err=True)
        if is_new:
            message = f"weft: {self.data} is new: start a server with --data {self.data}"
            click.echo(message, err=True)
        return 0

    def change_key(self, name: str, *, api_key: str | None) -> int:
        """Give a user another key and print it; return the exit code."""
        changed = self.do(
            lambda client: client.call(change_user_key, name, KeyChange(api_key=api_key)),
            lambda services: services.users.change_key(LOCAL, name, api_key=api_key),
        )
        self.report(changed, changed.api_key)
        if not self.as_json:
            click.echo(f"weft: this is the new key of {name}; it is not shown again", err=True)
            click.echo(
                "weft: the old key, and browsers signed in with it, are refused now", err=True
            )
        return 0

    def list(self) -> int:
        """Print the users; return the exit code."""
        users = self.do(
            lambda client: client.call(list_users),
            lambda services: services.users.list(LOCAL),
        ).users
        if not users:
            return self.report(users, "no users: add one with `weft server user add NAME`")
        rows = [
            [
                user.name,
                "administrator" if user.is_admin else "",
                shown_day(user.created_micros),
                _size(user),
            ]
            for user in users
        ]
        return self.report(users, format_table(["name", "role", "added", "size"], rows))

    def remove(self, name: str, *, hand_to: str | None = None) -> int:
        """Remove a user; return the exit code."""
        removal = self.do(
            lambda client: client.call(remove_user, name, hand_to=hand_to),
            lambda services: services.users.remove(LOCAL, name, hand_to=hand_to),
        )
        moved = [
            f"{name}/{project.project} is {project.moved_to} now" for project in removal.projects
        ]
        stay = "" if hand_to else f"; the projects of {name} stay"
        return self.report(removal, *moved, f"removed {name}{stay}")


def _size(user: User) -> str:
    """The disk space of a user's projects, and its limit."""
    size = shown_size(user.n_bytes)
    return size if user.quota_bytes is None else f"{size} of {shown_size(user.quota_bytes)}"
