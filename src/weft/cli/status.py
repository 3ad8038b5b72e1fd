"""`weft status`: prints which server runs go to, and a link that signs a browser in."""

from __future__ import annotations

from typing import Any, Final

import click

from weft.client.transport import Transport
from weft.errors import WeftError
from weft.sync.server_address import find_server
from weft.wire.server import ServerInfo

_WAIT_SECS: Final = 5.0


def print_status(base_url: str | None = None) -> int:
    """Print where runs go; the exit code is 0 if that server answers.

    Args:
        base_url: the server to ask. Defaults to the one that a run would go to.
    """
    where = find_server(base_url=base_url)
    if where is None:
        click.echo("no server: runs stay in their directories; `weft ui` shows them")
        return 1
    try:
        transport = Transport(where.url, where.key, where.policy)
        reply = transport.request("GET", "/api/v1/server", timeout_secs=_WAIT_SECS)
        server: ServerInfo = transport.decode(reply, ServerInfo)
        click.echo(f"{where.url} (weft {server.version})")
        path = "/api/v1/server/login-addresses"
        reply = transport.request("POST", path, timeout_secs=_WAIT_SECS)
        address: dict[str, Any] = transport.decode(reply, dict[str, Any])
        click.echo(f"sign-in link for one browser, works once: {address['url']}")
    except WeftError as error:
        click.echo(str(error))
        return 1
    return 0
