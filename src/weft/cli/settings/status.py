"""`weft status`: prints which server runs go to, and a link that signs a browser in."""

from __future__ import annotations

from typing import Any, Final

import click

from weft.cli.reports import print_json
from weft.cli.settings.folder_settings import EFFECTS
from weft.client.transport import Transport
from weft.errors import WeftError
from weft.records.ids import DEFAULT_ENTITY
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import find_server
from weft.wire.server.server import ServerInfo

_WAIT_SECS: Final = 5.0


def print_status(base_url: str | None = None, *, as_json: bool = False) -> int:
    """Print where runs go, or about the server `base_url`; the exit code is 0 if it answers."""
    where = find_server(base_url=base_url)
    mode = read_settings({}).mode
    names = ["url", "version", "account", "entity", "sign_in_link", "trouble"]
    report: dict[str, Any] = {"mode": mode, **dict.fromkeys(names)}
    if where is None:
        outlook = (
            "" if mode == "disabled" else ": runs stay in their directories; `weft ui` shows them"
        )
        report["trouble"] = f"no server is known{outlook}"
    else:
        report["url"] = where.url
        try:
            transport = Transport(where.url, where.key, where.policy)
            reply = transport.request("GET", "/api/v1/server", timeout_secs=_WAIT_SECS)
            info = transport.decode(reply, ServerInfo)
            report["version"], report["account"] = info.version, info.account
            report["entity"] = info.entity
            path = "/api/v1/server/login-addresses"
            reply = transport.request("POST", path, timeout_secs=_WAIT_SECS)
            report["sign_in_link"] = transport.decode(reply, dict[str, Any])["url"]
        except WeftError as error:
            report["trouble"] = str(error)
    if as_json:
        print_json(report)
    else:
        if report["version"]:
            who = f", as {report['account']}" if report["account"] else ""
            click.echo(f"{report['url']} (weft {report['version']}){who}")
            if report["entity"] not in (None, report["account"], DEFAULT_ENTITY):
                click.echo(f"runs that name no entity belong to {report['entity']}")
        if report["sign_in_link"]:
            click.echo(f"sign-in link for one browser, works once: {report['sign_in_link']}")
        if report["trouble"]:
            click.echo(report["trouble"])
        if mode != "online":
            click.echo(f"mode {mode}: runs that start in this folder {EFFECTS[mode]}")
    return 0 if report["trouble"] is None else 1
