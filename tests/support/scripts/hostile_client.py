"""A client that attacks a server's HTTP, and a probe that asks for `/healthz` meanwhile.

`python hostile_client.py ATTACK PORT ...` runs one attack as another user of the machine where it
may (as root), and prints one JSON line: bytes sent and received, connections made, and how many of
them the server has closed. `test_server_attacks.py` runs short forms of the attacks,
`bench/attacks.py` the long ones. Only the standard library, so that it starts fast.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

NOBODY = 65534
_SEND_BYTES = 256 * 1024
_PROJECTS = "/api/v1/projects"


@dataclass
class Outcome:
    """The outcome of an attack.

    Attributes:
        n_closed: connections that the server had closed at the end.
        status: of the first answer that was read, 0 without one.
    """

    sent_bytes: int = 0
    received_bytes: int = 0
    n_connections: int = 0
    n_refused: int = 0
    n_closed: int = 0
    status: int = 0
    secs: float = 0.0


@dataclass
class Attack:
    """One client's connections.

    Args:
        n_connections: how many it opens.
        n_bytes: how much it sends on each, at most.
        secs: when it gives up.
        headers: further header lines of its requests.
    """

    port: int
    n_connections: int
    n_bytes: int
    secs: float
    headers: str = ""
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.secs
        self.sockets: list[socket.socket] = []

    def request(self, method: str, path: str, *lines: str) -> bytes:
        """The head of a request."""
        every = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *lines]
        if self.headers:
            every.append(self.headers)
        return ("\r\n".join(every) + "\r\n\r\n").encode()

    def connect(self) -> None:
        for _ in range(self.n_connections):
            if time.monotonic() > self.deadline:
                return
            try:
                opened = socket.create_connection(("127.0.0.1", self.port), timeout=2.0)
            except OSError:
                self.outcome.n_refused += 1
                continue
            opened.setblocking(False)
            self.sockets.append(opened)
            self.outcome.n_connections += 1

    def send_once(self, connection: socket.socket, data: bytes) -> None:
        try:
            self.outcome.sent_bytes += connection.send(data)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(connection)

    def flood(self, first: bytes, repeated: bytes, *, reads: bool) -> None:
        """Send as much as the server takes, on all connections, until `n_bytes` or the end."""
        piece = repeated * max(1, _SEND_BYTES // len(repeated))
        left = dict.fromkeys(self.sockets, self.n_bytes)
        waiting = dict.fromkeys(self.sockets, first or piece)
        while left and time.monotonic() < self.deadline:
            readable, writable, _ = select.select(list(left) if reads else [], list(left), [], 0.2)
            for connection in readable:
                if not self.read(connection):
                    left.pop(connection, None)
            for connection in writable:
                if connection not in left:
                    continue
                try:
                    n_bytes = connection.send(waiting[connection])
                except BlockingIOError:
                    continue
                except OSError:
                    left.pop(connection)
                    self.read(connection)
                    self.drop(connection)
                    continue
                self.outcome.sent_bytes += n_bytes
                left[connection] -= n_bytes
                waiting[connection] = waiting[connection][n_bytes:] or piece
                if left[connection] <= 0:
                    left.pop(connection)

    def read(self, connection: socket.socket) -> bool:
        """Take what has come; False once the server has closed the connection."""
        try:
            data = connection.recv(_SEND_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if data.startswith(b"HTTP/1.1 ") and not self.outcome.status:
            self.outcome.status = int(data[9:12])
        self.outcome.received_bytes += len(data)
        if not data:
            self.drop(connection)
        return bool(data)

    def drop(self, connection: socket.socket) -> None:
        if connection in self.sockets:
            self.sockets.remove(connection)
            self.outcome.n_closed += 1
            connection.close()

    def hold(self, *, until_answered: bool = False) -> None:
        """Keep the connections until the end, or until the server has closed (or answered)."""
        while self.sockets and time.monotonic() < self.deadline:
            if until_answered and self.outcome.status:
                return
            poll = select.poll()
            for connection in self.sockets:
                poll.register(connection, select.POLLIN)
            ready = {number for number, _ in poll.poll(200)}
            for connection in list(self.sockets):
                if connection.fileno() in ready:
                    self.read(connection)


def unread_answers(attack: Attack) -> None:
    """Pipelined requests whose answers are never read."""
    attack.connect()
    attack.flood(b"", attack.request("GET", "/healthz"), reads=False)
    time.sleep(max(0.0, attack.deadline - time.monotonic()))


def unread_refusals(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"", attack.request("GET", _PROJECTS), reads=False)
    time.sleep(max(0.0, attack.deadline - time.monotonic()))


def read_answers(attack: Attack) -> None:
    """Pipelined requests as fast as they are answered."""
    attack.connect()
    attack.flood(b"", attack.request("GET", "/healthz"), reads=True)


def endless_header(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ", b"a" * 4096, reads=True)
    attack.hold()


def endless_target(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"GET /", b"a" * 4096, reads=True)
    attack.hold()


def header_lines(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"a: b\r\n", reads=True)
    attack.hold()


def no_colon(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"no colon\r\n", reads=True)
    attack.hold()


def blank_lines(attack: Attack) -> None:
    attack.connect()
    attack.flood(b"", b"\r\n", reads=True)
    attack.hold()


def half_requests(attack: Attack) -> None:
    attack.connect()
    for connection in list(attack.sockets):
        attack.send_once(connection, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
    attack.hold()


def dripped_headers(attack: Attack) -> None:
    """A header line a second."""
    attack.connect()
    for connection in list(attack.sockets):
        attack.send_once(connection, b"GET / HTTP/1.1\r\nHost: localhost\r\n")
    drip(attack, b"a: b\r\n")


def silent(attack: Attack) -> None:
    attack.connect()
    attack.hold()


def half_closed(attack: Attack) -> None:
    """Connections whose sending side is closed in the middle of a request."""
    attack.connect()
    for connection in list(attack.sockets):
        attack.send_once(connection, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
        try:
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            attack.drop(connection)
    attack.hold()


def slow_bodies(attack: Attack) -> None:
    """A byte of a body a second; the length that is announced is never reached."""
    attack.connect()
    head = attack.request("POST", f"{_PROJECTS}/local/p/series", "Content-Length: 10000000")
    for connection in list(attack.sockets):
        attack.send_once(connection, head)
    drip(attack, b" ")


def drip(attack: Attack, data: bytes) -> None:
    while attack.sockets and time.monotonic() < attack.deadline:
        for connection in list(attack.sockets):
            attack.send_once(connection, data)
        until = min(attack.deadline, time.monotonic() + 1.0)
        while attack.sockets and time.monotonic() < until:
            for connection in list(attack.sockets):
                attack.read(connection)
            time.sleep(0.1)


def endless_chunks(attack: Attack) -> None:
    chunks_until_answered(attack)
    attack.hold()


def chunks_until_answered(attack: Attack) -> None:
    attack.connect()
    head = attack.request("POST", f"{_PROJECTS}/local/p/series", "Transfer-Encoding: chunked")
    attack.flood(head, b"1000\r\n" + b" " * 4096 + b"\r\n", reads=True)
    attack.hold(until_answered=True)


def endless_trailer(attack: Attack) -> None:
    attack.connect()
    head = attack.request("POST", f"{_PROJECTS}/local/p/series", "Transfer-Encoding: chunked")
    attack.flood(head + b"0\r\nX-Trailer: ", b"a" * 4096, reads=True)
    attack.hold()


def chunk_extension(attack: Attack) -> None:
    attack.connect()
    head = attack.request("POST", f"{_PROJECTS}/local/p/series", "Transfer-Encoding: chunked")
    attack.flood(head + b"1;", b"a" * 4096, reads=True)
    attack.hold()


def behind_a_stream(attack: Attack) -> None:
    """Requests behind one whose answer does not end."""
    attack.connect()
    stream = attack.request("GET", f"{_PROJECTS}/local/p/events")
    attack.flood(stream, attack.request("GET", "/healthz"), reads=False)
    attack.hold()


def unread_streams(attack: Attack) -> None:
    attack.connect()
    for connection in list(attack.sockets):
        attack.send_once(connection, attack.request("GET", f"{_PROJECTS}/local/p/events"))
    time.sleep(max(0.0, attack.deadline - time.monotonic()))


ATTACKS: dict[str, Callable[[Attack], None]] = {
    attack.__name__: attack
    for attack in (
        unread_answers,
        unread_refusals,
        read_answers,
        endless_header,
        endless_target,
        header_lines,
        no_colon,
        blank_lines,
        half_requests,
        dripped_headers,
        silent,
        half_closed,
        slow_bodies,
        endless_chunks,
        chunks_until_answered,
        endless_trailer,
        chunk_extension,
        behind_a_stream,
        unread_streams,
    )
}


class Probe:
    """Asks for `/healthz` over and over, each time by a new connection, as the owner would.

    Attributes:
        worst_secs: the longest that an answer took.
        n_failed: questions without an answer.
        peak_bytes: the most resident memory that the server had.
        peak_files: the most descriptors.
    """

    def __init__(self, port: int, pid: int, *, headers: str = "", timeout_secs: float = 20.0):
        self._request = (
            f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}"
            "Connection: close\r\n\r\n"
        ).encode()
        self._port = port
        self._pid = pid
        self._timeout_secs = timeout_secs
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.worst_secs = 0.0
        self.n_answered = 0
        self.n_failed = 0
        self.peak_bytes = 0
        self.peak_files = 0

    def _ask(self) -> None:
        while not self._is_over.is_set():
            begin = time.monotonic()
            try:
                address = ("127.0.0.1", self._port)
                with socket.create_connection(address, self._timeout_secs) as connection:
                    connection.sendall(self._request)
                    answer = connection.recv(4096)
                if b" 200 " not in answer[:16]:
                    raise OSError(f"not an answer: {answer!r}")
                self.n_answered += 1
            except OSError:
                self.n_failed += 1
            self.worst_secs = max(self.worst_secs, time.monotonic() - begin)
            self.peak_bytes = max(self.peak_bytes, resident_bytes(self._pid))
            self.peak_files = max(self.peak_files, n_files(self._pid))
            self._is_over.wait(0.01)

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(60.0)


def resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def n_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def run_attack(
    name: str,
    port: int,
    *,
    n_connections: int,
    n_bytes: int = 0,
    secs: float = 10.0,
    headers: str = "",
    own_user: bool = False,
) -> Outcome:
    """Run an attack in a process of its own, and wait for its end."""
    arguments = [name, str(port), str(n_connections), str(n_bytes), str(secs), headers]
    done = subprocess.run(
        [sys.executable, "-I", __file__, *arguments, *(["--own-user"] if own_user else [])],
        capture_output=True,
        text=True,
        timeout=secs + 60,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("port", type=int)
    parser.add_argument("n_connections", type=int)
    parser.add_argument("n_bytes", type=int)
    parser.add_argument("secs", type=float)
    parser.add_argument("headers", nargs="?", default="")
    parser.add_argument("--own-user", action="store_true")
    args = parser.parse_args()
    import encodings.idna  # noqa: F401  (another user may not be able to read it)
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if os.getuid() == 0 and not args.own_user:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    attack = Attack(args.port, args.n_connections, args.n_bytes, args.secs, args.headers)
    begin = time.monotonic()
    ATTACKS[args.attack](attack)
    attack.outcome.secs = time.monotonic() - begin
    print(json.dumps(asdict(attack.outcome)))


if __name__ == "__main__":
    main()
