"""`weft status`: which server runs go to, and an address that opens it in a browser."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import click

from weft.sync.where import Where, find_server


def print_status() -> int:
    """Print where runs go; the exit code is 0 if that server answers."""
    where = find_server()
    if where is None:
        click.echo("no server: runs stay in their directories; `weft ui` shows them")
        return 1
    try:
        server = _ask(where, "GET", "/api/v1/server")
    except (OSError, ValueError) as error:
        click.echo(f"{where.url} does not answer: {error}")
        return 1
    click.echo(f"{where.url} (weft {server.get('version')})")
    if where.local:
        address = _ask(where, "POST", "/api/v1/server/login-addresses")
        click.echo(f"open once in a browser that is not let in: {address['url']}")
    return 0


def _ask(where: Where, method: str, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {where.key}"} if where.key else {}
    request = urllib.request.Request(where.url + path, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        document: dict[str, Any] = json.load(answer)
        return document
