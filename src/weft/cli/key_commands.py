"""`weft keys` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from typing import Any

import click

from weft.cli.options import BASE_URL, JSON

_OF = click.option(
    "--of", "user", metavar="ACCOUNT", help="A service account of your team  [default: you]"
)


@click.group()
def keys() -> None:
    """List, make and revoke API keys, also of service accounts."""


@keys.command("list")
@_OF
@BASE_URL
@JSON
def list_(user: str | None, base_url: str | None, *, as_json: bool) -> None:
    """List the keys: what they may do, when they end, and where they were used last."""
    from weft.cli.keys import show_keys

    sys.exit(show_keys(user, base_url, as_json=as_json))


@keys.command("add")
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["read", "log", "write", "admin"]),
    default="write",
    show_default=True,
    help="read; log: also what scripts do; write: also edit and delete; admin: all that you may.",
)
@click.option("--for", "limit", metavar="ENTITY[/PROJECT]", help="The only one it is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends  [default: never]")
@_OF
@BASE_URL
@JSON
def make_key(**options: Any) -> None:
    """Make a key called NAME, and print it.

    The key is shown only once: the server stores a hash of it. This takes a key of scope admin,
    such as the first one of a user, and makes none that may more or ends later.
    """
    from weft.cli.keys import add_key

    sys.exit(add_key(**options))


@keys.command()
@click.argument("key")
@_OF
@BASE_URL
@JSON
def revoke(key: str, user: str | None, base_url: str | None, *, as_json: bool) -> None:
    """Revoke KEY, an id, name or beginning from `weft keys list`.

    It stops working at once, and so do browsers that are signed in as its user.
    """
    from weft.cli.keys import remove_key

    sys.exit(remove_key(key, user, base_url, as_json=as_json))
