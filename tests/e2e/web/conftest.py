"""Servers of one file after another listen on one port, so that pages find the app compiled."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from server_process import listening_on


@pytest.fixture(scope="session")
def page_port() -> Iterator[int]:
    """A port of this worker's own. Bound, not listening: a server can listen there, and no other
    process is given it meanwhile."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(scope="module", autouse=True)
def servers_on_page_port(page_port: int) -> Iterator[None]:
    """A browser keeps scripts, and what it compiled of them, by their address with its port."""
    with listening_on(page_port):
        yield
