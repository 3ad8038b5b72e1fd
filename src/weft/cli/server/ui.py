"""`weft ui`: shows the runs in a directory, live, through a disposable store."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import click

from weft.cli.progress import ProgressLine
from weft.cli.server.claim import claimed
from weft.cli.server.serve import run_server
from weft.errors import Conflict, Unavailable
from weft.records.sizes import counted, shown_progress
from weft.runlog.holder import holder_of, view_store_of
from weft.server.http.admission.socket_owner import can_know_users
from weft.server.intake.directories.follow import Follower
from weft.server.intake.directories.listing import list_logs
from weft.server.intake.directories.originals import DirectoryOriginals
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.settings import DEFAULT_PORT, ServerSettings
from weft.sync.unrecorded_files import QUIET_SECS, make_unrecorded_files

_PORTS_TRIED: Final = 100
_PROGRESS_SECS: Final = 0.2


def run_ui(
    directory: Path, *, port: int | None, browser: bool, while_stdin_open: bool = False
) -> int:
    """Serve the runs in `directory` until Ctrl-C, or until standard input ends.

    The port is by default the first free one from 8080.
    """
    root = Path(os.path.realpath(directory))
    following: list[Follower] = []
    settings = ServerSettings(
        data=view_store_of(root),
        port=_free_port() if port is None else port,
        trash_days=None,  # never delete what may be a user's only copy
    )

    def follow(services: Services) -> AbstractContextManager[object]:
        follower = Follower(root, services.ingest, services.following)
        following.append(follower)
        services.stores.originals = DirectoryOriginals(follower)
        services.following.logs = follower
        return follower

    if while_stdin_open:
        threading.Thread(target=_end_with_stdin, name="weft-stdin", daemon=True).start()

    def ready(url: str, services: Services) -> None:
        click.echo(f"weft: showing the runs in {root}", err=True)
        for follower in following:
            threading.Thread(
                target=_read_and_mend, args=[root, follower], name="weft-mend", daemon=True
            ).start()
        if browser:
            suffix = "" if can_know_users() else f"/?token={services.login_codes.create(LOCAL)}"
            webbrowser.open(url + suffix)

    try:
        with claimed(settings) as claim:
            return run_server(settings, claim, on_ready=ready, alongside=follow)
    except Conflict:
        holder = holder_of(settings.data)
        if holder is None or not holder.url:
            raise
        click.echo(f"weft: already serving {holder.url}", err=True)
        if browser:
            webbrowser.open(holder.url)
        return 0


def _read_and_mend(root: Path, follower: Follower) -> None:
    _tell_progress(follower)
    _make_unmade_media(root)


def _make_unmade_media(root: Path) -> None:
    """Make the media that killed processes left unmade, so that they are shown."""

    def tell(fault: str) -> None:
        click.echo(f"weft: {fault}", err=True)

    try:
        logs = [Path(log) for log in list_logs(root).logs]
        make_unrecorded_files(logs, tell, quiet_secs=QUIET_SECS)
    except OSError as error:
        tell(f"files that killed scripts left can't be made: {error}")


def _tell_progress(follower: Follower) -> None:
    """Show the progress of the first read of the directory, then its end."""
    line = ProgressLine(shown=True)
    began_secs = time.monotonic()
    try:
        while not follower.catch_up(_PROGRESS_SECS):
            n_read, n_runs = follower.count_runs()
            line.write(shown_progress(n_read, n_runs, time.monotonic() - began_secs))
    except Unavailable:
        return  # the server's log and the page say why
    finally:
        line.close()
    secs = time.monotonic() - began_secs
    n_read, _ = follower.count_runs()
    if n_read:
        click.echo(f"weft: {counted(n_read, 'run')} read in {secs:.1f} s", err=True)


def _end_with_stdin() -> None:
    # The process that started this one holds the other end of a pipe, which closes when it dies.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    while True:  # a signal that arrives while the server starts is lost
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1.0)


def _free_port() -> int:
    for port in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        with socket.socket() as probe:
            # Like the server itself, allow a port with connections in TIME_WAIT.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0
