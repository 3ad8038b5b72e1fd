"""Claims what a server needs alone, its data directory and its port, and announces it.

Imports little: a script that starts at the same moment must find the announcement. A port that is
taken, or a directory that another server holds, is known before anything large is loaded.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from typing import Final, NamedTuple

from weft.cli.server.announce import Announcement, announced
from weft.errors import Unavailable
from weft.server.settings import ServerSettings
from weft.server.storage.directory import DataDirectory

BACKLOG: Final = 2048
"""The most connections that wait to be accepted."""


class Claim(NamedTuple):
    """The data directory and port of this process alone, as long as `claimed` runs.

    The socket listens already: connections wait until the server accepts them.
    """

    directory: DataDirectory
    listener: socket.socket
    url: str
    announcement: Announcement | None = None


@contextlib.contextmanager
def claimed(settings: ServerSettings, *, announce: bool = False) -> Generator[Claim]:
    """Claim a server's data directory and port while the block runs; `announce` lets clients of
    this user find it.
    """
    with contextlib.ExitStack() as stack:
        directory = DataDirectory(settings.data)
        stack.callback(directory.close)
        listener = _listen(settings)
        stack.callback(listener.close)
        url = _url(settings, listener)
        directory.announce(url)
        announcement = None
        if announce:
            announcement = stack.enter_context(announced(url, directory.token))
        yield Claim(directory, listener, url, announcement)


def _listen(settings: ServerSettings) -> socket.socket:
    host = settings.host.strip("[]")
    try:
        family, *_ = socket.getaddrinfo(host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable(
            f"can't listen on {settings.host}:{settings.port}: {reason.lower()}; "
            "choose another port with --port, or any free one with --port 0"
        ) from error


def _url(settings: ServerSettings, listener: socket.socket) -> str:
    host = settings.host.strip("[]")
    if host in {"0.0.0.0", "::"}:  # noqa: S104, RUF100 (compared, not bound)
        host = socket.gethostname()
    port: int = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
