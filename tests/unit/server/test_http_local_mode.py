"""Credentials and the owner of a socket. Whole requests: tests/e2e/test_server_security.py."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from weft.server.http.local_mode import Credentials, socket_owner


def test_a_login_code_works_once() -> None:
    credentials = Credentials("t" * 32)
    code = credentials.new_login_code()
    assert not credentials.use_login_code("guess")
    assert credentials.use_login_code(code)
    assert not credentials.use_login_code(code)


def test_old_unused_codes_are_forgotten() -> None:
    credentials = Credentials("t" * 32)
    codes = [credentials.new_login_code() for _ in range(40)]
    assert not credentials.use_login_code(codes[0])
    assert credentials.use_login_code(codes[-1])


def test_neither_cookie_nor_code_tells_the_token() -> None:
    credentials = Credentials("t" * 32)
    assert credentials.token not in (credentials.cookie, credentials.new_login_code())
    assert not credentials.use_login_code(credentials.token)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_owner_of_an_open_socket_is_found(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        server = listener.getsockname()[:2]
        with socket.create_connection(server) as client:
            mine = client.getsockname()[:2]
            wanted = os.getuid() if sys.platform == "linux" else None
            assert socket_owner(mine, server) == wanted
            assert socket_owner(mine, (server[0], 1)) is None
            assert socket_owner((mine[0], 1), server) is None


def test_a_closed_socket_belongs_to_nobody() -> None:
    # The kernel shows user 0 for it: a hit-and-run request must not look like root's.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = listener.getsockname()
        client = socket.create_connection(server)
        mine = client.getsockname()
        accepted, _ = listener.accept()
        with accepted:
            client.close()
            assert socket_owner(mine, server) is None
