"""`weft status`: which server runs go to, and an address that opens it in a browser."""

from __future__ import annotations

from typing import Any, Final

import click

from weft.client.endpoints import ServerInfo
from weft.client.transport import Transport
from weft.errors import WeftError
from weft.sync.where import find_server

_WAIT_SECS: Final = 5.0


def print_status() -> int:
    """Print where runs go; the exit code is 0 if that server answers."""
    where = find_server()
    if where is None:
        click.echo("no server: runs stay in their directories; `weft ui` shows them")
        return 1
    try:
        transport = Transport(where.url, where.key, where.policy)
        reply = transport.request("GET", "/api/v1/server", timeout_secs=_WAIT_SECS)
        server: ServerInfo = transport.decode(reply, ServerInfo)
        click.echo(f"{where.url} (weft {server.version})")
        if where.local:
            path = "/api/v1/server/login-addresses"
            reply = transport.request("POST", path, timeout_secs=_WAIT_SECS)
            address: dict[str, Any] = transport.decode(reply, dict[str, Any])
            click.echo(f"open once in a browser that is not let in: {address['url']}")
    except WeftError as error:
        click.echo(str(error))
        return 1
    return 0
