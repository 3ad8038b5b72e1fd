"""`weft ui`: show the runs in a directory, live, through a store that can be thrown away."""

from __future__ import annotations

import hashlib
import os
import socket
import webbrowser
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import click

from weft.cli.serve import run_server
from weft.errors import Conflict
from weft.server.http.edit_log import LoggedRunService
from weft.server.http.follow import Follower
from weft.server.http.local_mode import Credentials
from weft.server.http.socket_owner import can_know_users
from weft.server.http.trash import Trash, TrashingProjectService
from weft.server.services.open import Services
from weft.server.settings import DEFAULT_PORT, ServerSettings, default_cache_directory
from weft.server.storage.directory import holder_of

_PORTS_TRIED: Final = 100


def run_ui(directory: Path, *, port: int | None, browser: bool) -> int:
    """Serve the runs in `directory` until Ctrl-C.

    Args:
        port: None = the next free one from 8080.
        browser: open the page.
    """
    root = Path(os.path.realpath(directory))
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
    settings = ServerSettings(
        data=default_cache_directory() / "ui" / digest,
        port=_free_port() if port is None else port,
    )

    def follow(services: Services) -> AbstractContextManager[object]:
        follower = Follower(root, services.ingest)
        trash = Trash(follower)
        services.runs = LoggedRunService(services.stores, follower, trash)
        services.projects = TrashingProjectService(services.stores, trash)
        return follower

    def ready(url: str, credentials: Credentials) -> None:
        click.echo(f"weft: showing the runs in {root}", err=True)
        if browser:
            suffix = "" if can_know_users() else f"/?token={credentials.new_login_code()}"
            webbrowser.open(url + suffix)

    try:
        return run_server(settings, on_ready=ready, beside=follow)
    except Conflict:
        holder = holder_of(settings.data)
        if holder is None or not holder.url:
            raise
        click.echo(f"weft: already serving {holder.url}", err=True)
        if browser:
            webbrowser.open(holder.url)
        return 0


def _free_port() -> int:
    for port in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        with socket.socket() as probe:
            # A listener's address can be bound beside TIME_WAIT ones, as the server itself does.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0
