"""Claims what a server needs alone, its data directory and its port, and announces it.

Imports little: a script that starts at the same moment must find the announcement. A port that is
taken, or a directory that another server holds, is known before anything large is loaded.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from typing import TYPE_CHECKING, Final, NamedTuple

from weft.cli.server.announce import Announcement, announced
from weft.errors import Unavailable
from weft.server.settings import ServerSettings
from weft.server.storage.directory import DataDirectory

if TYPE_CHECKING:
    from weft.server.http.admission.tls import Certificate

BACKLOG: Final = 2048
"""The most connections that wait to be accepted."""

_LOOPBACK: Final = "127.0.0.1"


class Claim(NamedTuple):
    """The data directory and port of this process alone, as long as `claimed` runs.

    The sockets listen already: connections wait until the server accepts them.

    Attributes:
        url: the address of `listener`.
        own_url: the address for programs of this machine. By TLS it is the address of `plain`,
            because no certificate names a loopback address.
        plain: a loopback socket without TLS; None if `listener` has none either.
    """

    directory: DataDirectory
    listener: socket.socket
    url: str
    own_url: str
    plain: socket.socket | None = None
    certificate: Certificate | None = None
    announcement: Announcement | None = None


@contextlib.contextmanager
def claimed(settings: ServerSettings, *, announce: bool = False) -> Generator[Claim]:
    """Claim a server's data directory and port while the block runs; `announce` lets clients of
    this user find it.
    """
    with contextlib.ExitStack() as stack:
        directory = DataDirectory(settings.data)
        stack.callback(directory.close)
        listener = _listen(settings.host, settings.port)
        stack.callback(listener.close)
        url = own_url = _url(settings.host, listener)
        plain = certificate = None
        if settings.tls_certificate is not None:
            from weft.server.http.admission.tls import Certificate

            certificate = Certificate(settings.tls_certificate, settings.tls_key)
            plain = _listen(_LOOPBACK, 0)
            stack.callback(plain.close)
            url, own_url = url.replace("http", "https", 1), _url(_LOOPBACK, plain)
        directory.announce(own_url)
        announcement = None
        if announce:
            announcement = stack.enter_context(announced(own_url, directory.token))
        yield Claim(directory, listener, url, own_url, plain, certificate, announcement)


def _listen(host: str, port: int) -> socket.socket:
    host = host.strip("[]")
    try:
        family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable(
            f"can't listen on {host}:{port}: {reason.lower()}; "
            "choose another port with --port, or any free one with --port 0"
        ) from error


def _url(host: str, listener: socket.socket) -> str:
    host = host.strip("[]")
    if host in {"0.0.0.0", "::"}:  # noqa: S104, RUF100 (compared, not bound)
        host = socket.gethostname()
    port: int = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
