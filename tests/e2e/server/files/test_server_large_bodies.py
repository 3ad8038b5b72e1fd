"""Bodies that threads take from the socket, and files that the system sends to it.

They are whole, cut, slow or refused, and another request follows on the same connection.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from run_log_bytes import HandMadeLog
from server_process import ServerProcess, wait_until
from weft.records.record import File

DATA = os.urandom(3_000_000)
AWAITED = os.urandom(2_000_000)


class Content(NamedTuple):
    """A content that is awaited.

    Attributes:
        address: where it is sent, up to the position.
        file: where it is read afterwards.
    """

    address: str
    file: str


@pytest.fixture
def log(client: httpx.Client, project: str) -> HandMadeLog:
    """A run in a project of the test's own."""
    log = HandMadeLog(project=project)
    log.upload(client)
    return log


@pytest.fixture
def connection(server: ServerProcess) -> Iterator[socket.socket]:
    port = urlsplit(server.url).port
    with socket.create_connection(("127.0.0.1", port), timeout=60) as open_connection:
        yield open_connection


def head(method: str, path: str, *lines: str, n_bytes: int | None = None) -> bytes:
    length = [] if n_bytes is None else [f"Content-Length: {n_bytes}"]
    return "\r\n".join(
        [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *length, *lines, "", ""]
    ).encode()


def answer_of(connection: socket.socket) -> tuple[int, bytes]:
    """The next answer, and nothing of the one after it."""
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, got
        got += byte
    first, *lines = got.decode().split("\r\n")
    lengths = [int(line[15:]) for line in lines if line.lower().startswith("content-length:")]
    (n_bytes,) = lengths
    body = bytearray()
    while len(body) < n_bytes:
        piece = connection.recv(n_bytes - len(body))
        assert piece, f"{len(body)} of {n_bytes} bytes have come"
        body += piece
    return int(first.split()[1]), bytes(body)


def is_stored(client: httpx.Client, path: str, data: bytes = DATA) -> bool:
    return client.get(path).raise_for_status().content == data


def n_sockets(server: ServerProcess) -> int:
    """The number of open sockets of the server, including lost connections."""
    return sum(name.startswith("socket:") for name in open_names(server))


def open_names(server: ServerProcess) -> list[str]:
    """The names of all that the server has open."""
    names: list[str] = []
    for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            names.append(str(descriptor.readlink()))
    return names


def test_a_body_and_the_next_request_come_in_one_stream(
    client: httpx.Client, connection: socket.socket, log: HandMadeLog
) -> None:
    path = f"{log.path}/files/large.bin"
    put = head("PUT", path, n_bytes=len(DATA)) + DATA
    for _ in range(3):
        connection.sendall(put + head("GET", "/healthz") + put)
        assert [answer_of(connection)[0] for _ in range(3)] == [200, 200, 200]
    assert is_stored(client, path)


@pytest.mark.parametrize("n_at_once", [1, 17, 70_000, 300_000])
def test_a_body_that_comes_slowly_is_whole(
    client: httpx.Client, connection: socket.socket, log: HandMadeLog, n_at_once: int
) -> None:
    path = f"{log.path}/files/large.bin"
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(head("PUT", path, n_bytes=len(DATA)))
    sent = 0
    for _ in range(8):
        connection.sendall(DATA[sent : sent + n_at_once])
        sent += n_at_once
        time.sleep(0.06)  # longer than the server waits for more
    connection.sendall(DATA[sent:])
    assert answer_of(connection)[0] == 200
    assert is_stored(client, path)


def test_a_client_that_waits_for_the_servers_word_is_told_to_go_on(
    client: httpx.Client, connection: socket.socket, log: HandMadeLog
) -> None:
    path = f"{log.path}/files/large.bin"
    connection.sendall(head("PUT", path, "Expect: 100-continue", n_bytes=len(DATA)))
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.recv(len(go_on), socket.MSG_WAITALL) == go_on
    connection.sendall(DATA)
    assert answer_of(connection)[0] == 200
    assert is_stored(client, path)


def test_a_body_of_unknown_length_is_whole(client: httpx.Client, log: HandMadeLog) -> None:
    path = f"{log.path}/files/large.bin"
    pieces = (DATA[at : at + 70_000] for at in range(0, len(DATA), 70_000))
    client.put(path, content=pieces).raise_for_status()
    assert is_stored(client, path)


@pytest.fixture
def content(client: httpx.Client, project: str) -> Content:
    """`AWAITED`, announced as the file of a run in a project of the test's own."""
    log = HandMadeLog(project=project)
    log.add(File("large.bin", len(AWAITED), sha256(AWAITED).hexdigest(), 1))
    log.upload(client).raise_for_status()
    address = f"/api/v1/projects/local/{project}/contents/{sha256(AWAITED).hexdigest()}"
    return Content(f"{address}?position=", f"{log.path}/files/large.bin")


def test_a_body_that_is_refused_in_its_middle_leaves_the_connection(
    client: httpx.Client, connection: socket.socket, content: Content
) -> None:
    too_long = AWAITED + DATA
    connection.sendall(head("PUT", f"{content.address}0", n_bytes=len(too_long)) + too_long)
    status, problem = answer_of(connection)
    assert (status, b"more than the announced" in problem) == (400, True), problem
    connection.sendall(head("PUT", f"{content.address}0", n_bytes=len(AWAITED)) + AWAITED)
    assert answer_of(connection) == (200, b'{"position":2000000}')
    assert is_stored(client, content.file, AWAITED)


@pytest.mark.parametrize("is_reset", [False, True])
def test_a_body_that_is_cut_goes_on_where_it_was(
    server: ServerProcess, client: httpx.Client, content: Content, *, is_reset: bool
) -> None:
    n_before = n_sockets(server)
    port = urlsplit(server.url).port
    with socket.create_connection(("127.0.0.1", port), timeout=60) as cut:
        if is_reset:
            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cut.sendall(head("PUT", f"{content.address}0", n_bytes=len(AWAITED)) + AWAITED[:600_000])
        wait_until(lambda: n_drafted(server) > 0, what="some of the body to be written")
    wait_until(lambda: n_sockets(server) <= n_before, what="the connection to be closed")
    position = n_drafted(server)
    assert 0 < position <= 600_000
    rest = client.put(f"{content.address}{position}", content=AWAITED[position:])
    assert rest.raise_for_status().json() == {"position": len(AWAITED)}
    assert is_stored(client, content.file, AWAITED)


def n_drafted(server: ServerProcess) -> int:
    drafts = Path(server.data, "blobs", "drafts")
    return sum(draft.stat().st_size for draft in drafts.iterdir())


@pytest.fixture
def stored(client: httpx.Client, log: HandMadeLog) -> str:
    """The path of a stored file whose name makes it JSON: such answers can be compressed."""
    path = f"{log.path}/files/large.json"
    client.put(path, content=DATA).raise_for_status()
    return path


def test_a_large_file_is_sent_whole_and_in_ranges_over_one_connection(
    client: httpx.Client, connection: socket.socket, stored: str
) -> None:
    range_line = "Range: bytes=1000-2900000"
    requests = [head("GET", stored), head("GET", stored, range_line), head("GET", "/healthz")]
    for _ in range(2):
        connection.sendall(b"".join(requests))  # all at once, so that the later ones wait
        answers = [answer_of(connection) for _ in requests]
        assert [status for status, _ in answers] == [200, 206, 200]
        assert [body for _, body in answers[:2]] == [DATA, DATA[1000:2_900_001]]
    for request, (status, body) in zip(
        requests[:2], [(200, DATA), (206, DATA[1000:2_900_001])], strict=True
    ):
        connection.sendall(request)  # alone
        assert answer_of(connection) == (status, body)
    for accepted in ("gzip", "zstd", "identity"):
        answer = client.get(stored, headers={"Accept-Encoding": accepted})
        assert (answer.content, len(answer.headers.get_list("content-length"))) == (DATA, 1)
    whole = client.head(stored)
    assert (whole.headers["content-length"], whole.content) == (str(len(DATA)), b"")


def test_a_client_that_reads_slowly_gets_all_of_a_file(server: ServerProcess, stored: str) -> None:
    port = urlsplit(server.url).port
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(60)
        slow.connect(("127.0.0.1", port))
        slow.sendall(head("GET", stored) + head("GET", "/healthz"))
        time.sleep(0.1)  # longer than a thread of the server waits for it
        assert answer_of(slow) == (200, DATA)
        assert answer_of(slow)[0] == 200


@pytest.mark.parametrize("is_reset", [False, True])
def test_a_client_that_leaves_in_the_middle_of_a_file_leaves_nothing_open(
    server: ServerProcess, client: httpx.Client, stored: str, *, is_reset: bool
) -> None:
    n_before, n_lines = n_sockets(server), len(server.lines)
    port = urlsplit(server.url).port
    with socket.socket() as cut:
        cut.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        if is_reset:
            cut.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cut.connect(("127.0.0.1", port))
        cut.sendall(head("GET", stored))
        cut.recv(1)
        assert n_open_blobs(server) == 1
    wait_until(lambda: n_open_blobs(server) == 0, what="the file to be closed")
    wait_until(lambda: n_sockets(server) <= n_before, what="the connection to be closed")
    assert is_stored(client, stored)
    assert "Traceback" not in "".join(server.lines[n_lines:])


def n_open_blobs(server: ServerProcess) -> int:
    """The number of blobs that the server has open as files."""
    return sum(len(Path(name).name) == 64 for name in open_names(server))
