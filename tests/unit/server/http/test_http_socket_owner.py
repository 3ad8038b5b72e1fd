"""Who owns a socket: by both ways of asking."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from weft.server.http.admission import socket_owner as module
from weft.server.http.admission.socket_owner import socket_owner


@pytest.fixture(params=["kernel", "proc"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "proc":

        def refuses(*_: object) -> int | None:
            raise OSError("no sock_diag here")

        monkeypatch.setattr(module, "_ask_kernel", refuses)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_owner_of_an_open_socket_is_found(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        server = listener.getsockname()[:2]
        with socket.create_connection(server) as client:
            address = client.getsockname()[:2]
            owner = os.getuid() if sys.platform == "linux" else None
            assert socket_owner(address, server) == owner
            assert socket_owner(address, (server[0], 1)) is None
            assert socket_owner((address[0], 1), server) is None


def test_a_closed_socket_belongs_to_nobody() -> None:
    # The kernel shows user 0 for it: a hit-and-run request must not look like root's.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = listener.getsockname()
        client = socket.create_connection(server)
        address = client.getsockname()
        accepted, _ = listener.accept()
        with accepted:
            client.close()
            assert socket_owner(address, server) is None
