"""Settings of connections: certificates that no one vouches for, and the longest wait."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from certificates import untrusted_context
from weft.client.policy import Policy
from weft.client.transport import Transport
from weft.errors import Unavailable, WrongServer
from weft.sync.addresses.server_address import find_server, read_policy


class _Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def secure_url() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Hello)
    server.socket = untrusted_context().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def get(url: str, policy: Policy | None = None) -> bytes:
    transport = Transport(url, None, policy)
    try:
        return transport.request("GET", "/").body
    finally:
        transport.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_url: str) -> None:
    with pytest.raises(WrongServer, match="is not trusted"):
        get(secure_url)


def test_it_is_taken_where_that_is_asked_for(secure_url: str) -> None:
    assert get(secure_url, Policy(insecure=True)) == b"{}"


def test_a_silent_server_is_given_up_after_the_longest_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unavailable, match="no answer in time"):
            get(url, Policy(timeout_secs=0.05))


@pytest.mark.parametrize(
    ("environment", "policy"),
    [
        ({}, Policy(False, 30.0)),
        ({"WANDB_HTTP_TIMEOUT": "7"}, Policy(False, 7.0)),
        ({"WANDB_HTTP_TIMEOUT": "7", "WEFT_HTTP_TIMEOUT": "8"}, Policy(False, 8.0)),
        ({"WANDB_INSECURE_DISABLE_SSL": "true"}, Policy(True, 30.0)),
        ({"WANDB_INSECURE_DISABLE_SSL": "1", "WEFT_INSECURE_DISABLE_SSL": "0"}, Policy()),
        ({"WEFT_HTTP_TIMEOUT": "soon", "WEFT_INSECURE_DISABLE_SSL": "?"}, Policy()),
    ],
)
def test_the_environment_says_how(environment: dict[str, str], policy: Policy) -> None:
    assert read_policy(environment) == policy
    server = find_server({**environment, "WEFT_BASE_URL": "http://a"})
    assert server is not None
    assert server.policy == policy
