"""A relay before a server that answers 503, cuts bodies in the middle, or is slow, for tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_BUSY: Final = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 75\r\n"
    b"Connection: close\r\n\r\n"
    b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
)


class FaultyRelay:
    """Passes connections on to a server on this machine, after `start_faults` some with a fault.

    Args:
        is_busy: whether the connection of this number, from 0, is answered with 503.
        most_up: after how many bytes to the server a connection of this number is cut. None to
            pass all on.
        most_down: the same for bytes from the server.
        lag_secs: how late each 64 KB are passed on.

    Attributes:
        n_connections: how many have come since `start_faults`.
        n_faults: how many of them were answered with 503 or cut.
    """

    def __init__(
        self,
        server_url: str,
        *,
        is_busy: Callable[[int], bool] = lambda _: False,
        most_up: Callable[[int], int | None] = lambda _: None,
        most_down: Callable[[int], int | None] = lambda _: None,
        lag_secs: float = 0.0,
    ) -> None:
        self.n_connections = 0
        self.n_faults = 0
        self._server_port = int(server_url.rpartition(":")[2])
        self._is_busy = is_busy
        self._most_up = most_up
        self._most_down = most_down
        self._lag_secs = lag_secs
        self._has_faults = False
        self._clients: list[socket.socket] = []
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> FaultyRelay:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def start_faults(self) -> None:
        """Cut the present connections; count further ones, and have faults."""
        self.n_connections = 0
        self._has_faults = True
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            with suppress(OSError):  # it has ended
                client.shutdown(socket.SHUT_RDWR)

    def stop_faults(self) -> None:
        """Pass all further connections on."""
        self._has_faults = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._clients.append(client)
            number = self.n_connections
            self.n_connections += 1
            threading.Thread(target=self._serve, args=(client, number), daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        has_faults = self._has_faults
        if has_faults and self._is_busy(number):
            self._note_fault()
            with client, suppress(OSError):
                client.recv(65536)
                client.sendall(_BUSY)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass  # closing with unread bytes may drop the answer
            return
        server = socket.create_connection(("127.0.0.1", self._server_port))
        most_up = self._most_up(number) if has_faults else None
        most_down = self._most_down(number) if has_faults else None
        up = threading.Thread(target=self._pass_on, args=(client, server, most_up), daemon=True)
        up.start()
        self._pass_on(server, client, most_down)
        up.join()
        client.close()
        server.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, most: int | None) -> None:
        n_passed = 0
        with suppress(OSError):  # one side has gone
            while data := source.recv(65536):
                if self._lag_secs and self._has_faults:
                    self._closing.wait(self._lag_secs)
                if most is not None and n_passed + len(data) > most:
                    self._note_fault()
                    target.sendall(data[: most - n_passed])
                    for end in (source, target):
                        end.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)
                n_passed += len(data)
            target.shutdown(socket.SHUT_WR)

    def _note_fault(self) -> None:
        with self._lock:
            self.n_faults += 1
