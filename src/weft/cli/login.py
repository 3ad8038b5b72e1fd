"""`weft login`: asks for a server's address and key, checks them and saves them."""

from __future__ import annotations

import json
import sys

import click

from weft.errors import UsageError
from weft.sdk.login import log_in_to
from weft.sync.server_address import find_server


def log_in(base_url: str | None, key: str | None, *, as_json: bool) -> int:
    """Log in to a server; the exit code is 0.

    Args:
        base_url: the server's address. If None, the user is asked for it.
        key: the server's key. Defaults to the one in the settings. Without it, the user is asked
            if the server needs a key.
        as_json: print a report for programs to stdout.

    Raises:
        Forbidden: the server refuses the key.
        Unavailable: the server does not answer; nothing was saved.
        UsageError: the address or the key is missing, and there is no terminal to ask for it.
    """
    url = base_url or _ask_address()
    done = log_in_to(url, key)
    if as_json:
        key_file = None if done.key_file is None else str(done.key_file)
        click.echo(json.dumps({"url": done.url, "key_file": key_file}))
    return 0


def _ask_address() -> str:
    address = find_server()
    if not sys.stdin.isatty():
        raise UsageError("no server is named: weft login --base-url http://host:port")
    known = None if address is None else address.url
    return str(click.prompt("weft: address of the server", default=known, err=True))
