"""Attacks on the server's HTTP in short form: each is bounded, and the owner is answered.

The attacker is another user of the machine where the tests may become one, and in any case a
neighbour of the owner behind the same address, without the token that the server asks for there.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import zstandard

from at_length import at_length, case_at_length
from hostile_client import Outcome, Probe, n_files, resident_bytes, run_attack
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.wire.server.problems import Problem

MB = 2**20
N_DESCRIPTORS = 256
ANSWER_SECS = 20.0
"""Far above what an answer takes: it tells a server that hangs from a busy machine."""

GROWTH_BYTES = 40 * MB
MAX_HEAD_BYTES = 64 * 1024
SOONER = """
from weft.server.http.admission import protocol
protocol._HEAD_SECS = protocol._GUEST_SECS = protocol._UNREAD_BODY_SECS = 5.0
protocol._BODY_SECS = 10.0
from weft.server.http.server import health
health._READY_SECS = 60.0
"""
"""The deadlines of the server, so that no test has to wait for a minute; of one look, more."""

PEERS = ("neighbour", *([case_at_length("user")] if os.getuid() == 0 else []))


@dataclass
class Attacked:
    """A server to attack.

    Attributes:
        own_headers: header lines that make a request the owner's.
    """

    server: ServerProcess
    own_headers: str

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    def attack(
        self, name: str, *, by_owner: bool = False, **options: float
    ) -> tuple[Outcome, Probe]:
        """Attack while the owner asks; what came of it, after checking what holds for all."""
        pid = self.server.pid
        before = resident_bytes(pid)
        with Probe(self.port, pid, headers=self.own_headers, timeout_secs=ANSWER_SECS) as probe:
            outcome = run_attack(
                name,
                self.port,
                n_connections=int(options["n_connections"]),
                n_bytes=int(options.get("n_bytes", 0)),
                secs=options.get("secs", 5.0),
                headers=self.own_headers.removesuffix("\r\n") if by_owner else "",
                own_user=by_owner,
            )
            answered = probe.n_answered
            wait_until(lambda: probe.n_answered > answered, what="an answer after the attack")
        grown = probe.peak_bytes - before
        print(
            f"{name}: {outcome}; owner: {probe.n_answered} answers, {probe.n_failed} failures, "
            f"worst {probe.worst_secs * 1e3:.0f} ms; memory +{grown / MB:.1f} MB, "
            f"{probe.peak_files} descriptors"
        )
        assert probe.n_failed == 0
        assert grown < GROWTH_BYTES
        assert "Traceback" not in self.server.stderr
        return outcome, probe


def start(folder: Path, peer: str) -> Attacked:
    listen = ["--host", "0.0.0.0"] if peer == "neighbour" else []
    server = start_server(folder, *listen, n_descriptors=N_DESCRIPTORS, before=SOONER)
    token = f"Authorization: Bearer {server.token}\r\n" if peer == "neighbour" else ""
    return Attacked(server, token)


@pytest.fixture(scope="module", params=PEERS)
def attacked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attacked]:
    attacked = start(tmp_path_factory.mktemp("server"), request.param)
    with attacked.server:
        yield attacked


@pytest.fixture
def connection(attacked: Attacked) -> Iterator[socket.socket]:
    with closing(
        socket.create_connection(("127.0.0.1", attacked.port), ANSWER_SECS)
    ) as connection:
        yield connection


def answers(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    pieces: list[bytes] = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def asked(attacked: Attacked, path: str = "/healthz", *lines: str, method: str = "GET") -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", *lines]
    return ("\r\n".join(head) + f"\r\n{attacked.own_headers}\r\n").encode()


# --- unread answers ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["unread_answers", case_at_length("unread_refusals")])
def test_answers_that_are_not_read_stop_the_reading(attacked: Attacked, name: str) -> None:
    outcome, _ = attacked.attack(name, n_connections=1, n_bytes=200 * MB, secs=4)
    # What the kernel's buffers of both ends take; without a bound all is read.
    assert outcome.sent_bytes < 30 * MB


def test_requests_behind_a_stream_stop_the_reading(attacked: Attacked) -> None:
    options = {"n_connections": 4, "n_bytes": 200 * MB, "secs": 3}
    outcome, _ = attacked.attack("behind_a_stream", by_owner=True, **options)
    assert outcome.sent_bytes < 100 * MB


def test_pipelined_requests_are_answered_in_their_order(
    attacked: Attacked, connection: socket.socket
) -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"
    chunked = asked(attacked, "/nothing", "Transfer-Encoding: chunked", method="PUT") + body
    sized = asked(attacked, "/nothing", "Content-Length: 5", method="PUT") + b"hello"
    last = asked(attacked, "/readyz", "Connection: close", "X-Request-Id: last")
    n_requests = 500
    plain = b"".join(
        asked(attacked, "/healthz", f"X-Request-Id: n{i}-") for i in range(n_requests)
    )
    # The bytes come in pieces that end anywhere, in the middle of line ends, too.
    everything = chunked + sized + plain + last
    for start_of in range(0, len(everything), 997):
        connection.sendall(everything[start_of : start_of + 997])
    got = answers(connection).lower()
    assert got.count(b"http/1.1 ") == n_requests + 3
    positions = [got.index(f"x-request-id: n{i}-".encode()) for i in range(n_requests)]
    assert positions == sorted(positions)
    assert positions[-1] < got.index(b"x-request-id: last")


def test_a_request_that_comes_byte_by_byte_is_answered(
    attacked: Attacked, connection: socket.socket
) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"\r\n" + asked(attacked, "/healthz", "Connection: close"):
        connection.sendall(bytes([byte]))
    assert answers(connection).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_comes_after_its_answer_leaves_the_connection_open(
    attacked: Attacked, connection: socket.socket
) -> None:
    """A form of another site is refused by its head; its client sends the rest, and goes on."""
    lines = ("Content-Length: 5", "Origin: https://elsewhere.example")
    connection.sendall(asked(attacked, "/sign-in", *lines, method="POST"))
    refusal = connection.recv(65536)
    assert refusal.startswith(b"HTTP/1.1 403 ")
    connection.sendall(b"hello" + asked(attacked, "/healthz", "Connection: close"))
    assert b"HTTP/1.1 200 OK" in answers(connection)


def test_an_upgrade_is_ignored(attacked: Attacked, connection: socket.socket) -> None:
    connection.sendall(
        asked(attacked, "/healthz", "Connection: Upgrade", "Upgrade: websocket")
        + asked(attacked, "/readyz", "Connection: close")
    )
    assert answers(connection).count(b"HTTP/1.1 200 ") == 2


# --- heads ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["endless_header", "endless_target", "header_lines", "no_colon", "blank_lines"]
)
def test_a_head_without_an_end_is_refused(attacked: Attacked, name: str) -> None:
    outcome, _ = attacked.attack(name, n_connections=4, n_bytes=200 * MB, secs=20)
    assert outcome.n_closed == 4
    # A line without a colon is invalid, if it is looked at before the whole is too long.
    assert outcome.status in ({400, 431} if name == "no_colon" else {431})
    assert outcome.sent_bytes < 4 * 40 * MB


@pytest.mark.parametrize(("n_bytes", "status"), [(-1, 200), (0, 200), (1, 431)])
def test_a_head_may_have_64_kib(
    attacked: Attacked, connection: socket.socket, n_bytes: int, status: int
) -> None:
    head = asked(attacked, "/healthz", "Connection: close", "X-Long: ")
    filler = b"a" * (MAX_HEAD_BYTES + n_bytes - len(head))
    connection.sendall(head.replace(b"X-Long: ", b"X-Long: " + filler))
    assert answers(connection).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("n_lines", [1, 1000, 10_000])
def test_blank_lines_before_a_request_are_passed_over(
    attacked: Attacked, connection: socket.socket, n_lines: int
) -> None:
    request = asked(attacked, "/healthz", "Connection: close")
    connection.sendall(b"\r\n" * n_lines + request[:20])
    connection.sendall(request[20:])
    assert answers(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("n_lines", "status"), [(200, 200), (257, 431)])
def test_a_head_may_have_256_lines(
    attacked: Attacked, connection: socket.socket, n_lines: int, status: int
) -> None:
    lines = [f"X-{i}: a" for i in range(n_lines)]
    connection.sendall(asked(attacked, "/healthz", "Connection: close", *lines))
    got = answers(connection)
    assert got.startswith(b"HTTP/1.1 %d " % status)
    if status == 431:
        head, _, body = got.partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json" in head
        assert msgspec.json.decode(body, type=Problem).code == "limit"


# --- what never ends --------------------------------------------------------------------------


def lines_of_attacks(attacked: Attacked) -> list[str]:
    """Lines of the server's log, without requests that are slow on a busy machine."""
    return [line for line in attacked.server.lines if '"slow request"' not in line]


@pytest.mark.parametrize("name", ["half_requests", case_at_length("silent"), "half_closed"])
def test_connections_without_a_request_are_bounded_and_end(attacked: Attacked, name: str) -> None:
    n_before = len(lines_of_attacks(attacked))
    outcome, probe = attacked.attack(name, n_connections=400, secs=60)
    assert outcome.n_closed == outcome.n_connections
    assert probe.peak_files < N_DESCRIPTORS * 3 // 4
    # One line tells of them, and none if one told of others less than a minute ago.
    assert len(lines_of_attacks(attacked)) - n_before <= 1


def test_headers_that_drip_are_cut_off(attacked: Attacked) -> None:
    outcome, _ = attacked.attack("dripped_headers", n_connections=50, secs=60)
    assert (outcome.n_closed, outcome.status) == (50, 408)


def test_slow_bodies_of_strangers_are_not_waited_for(attacked: Attacked) -> None:
    outcome, _ = attacked.attack("slow_bodies", n_connections=50, secs=90)
    assert (outcome.n_closed, outcome.status) == (50, 401)


@at_length
def test_a_body_of_the_owner_has_to_progress(attacked: Attacked) -> None:
    options = {"n_connections": 20, "secs": 60}
    outcome, _ = attacked.attack("slow_bodies", by_owner=True, **options)
    assert (outcome.n_closed, outcome.status) == (20, 408)


@pytest.mark.parametrize(
    ("by_owner", "status"), [(False, 401), (True, 413)], ids=["stranger", "owner"]
)
def test_chunks_without_an_end_are_refused(
    attacked: Attacked, by_owner: bool, status: int
) -> None:
    options = {"n_connections": 1, "n_bytes": 60 * MB, "secs": 60}
    outcome, _ = attacked.attack("chunks_until_answered", by_owner=by_owner, **options)
    assert outcome.status == status


@pytest.mark.parametrize("name", ["endless_trailer", "chunk_extension"])
def test_framing_without_an_end_is_refused(attacked: Attacked, name: str) -> None:
    options = {"n_connections": 4, "n_bytes": 200 * MB, "secs": 20}
    outcome, _ = attacked.attack(name, by_owner=True, **options)
    assert (outcome.n_closed, outcome.status) == (4, 431)


# --- who is not bounded -----------------------------------------------------------------------


def test_connections_of_the_owner_are_not_bounded(attacked: Attacked) -> None:
    n_connections = 150  # more than guests of one address may have
    request = asked(attacked, "/api/v1/server")
    open_ones: list[socket.socket] = []

    def ask(connection: socket.socket) -> None:
        connection.sendall(request)
        assert connection.recv(65536, socket.MSG_PEEK).startswith(b"HTTP/1.1 200 ")
        while b'"version"' not in connection.recv(65536):
            pass

    try:
        for _ in range(n_connections):
            connection = socket.create_connection(("127.0.0.1", attacked.port), ANSWER_SECS)
            open_ones.append(connection)
            ask(connection)
        for connection in open_ones:
            ask(connection)
    finally:
        for connection in open_ones:
            connection.close()
    wait_until(lambda: n_files(attacked.server.pid) < n_connections, what="closed connections")


def test_an_upload_in_slow_pieces_is_kept(attacked: Attacked, connection: socket.socket) -> None:
    log = HandMadeLog(project="slow")
    log.keys("loss")
    log.rows([[1.0 / (i + 1)] for i in range(100)])
    body = zstandard.compress(log.data)
    path = f"{log.path}/log/{log.writer}?position=0"
    lines = (f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close")
    connection.sendall(asked(attacked, path, *lines, method="POST"))
    assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
    for i in range(0, len(body), 16):
        connection.sendall(body[i : i + 16])
    assert answers(connection).startswith(b"HTTP/1.1 200 ")
