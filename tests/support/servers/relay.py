"""A relay before a server, for tests: it can stop listening and begin again at once, or be silent.

A server that starts anew takes seconds on a busy machine; how long its port refuses is then up to
the machine, and not to the test.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Relay:
    """Passes connections on to a server on this machine.

    Args:
        lag_secs: what goes to the server is that late.
        address: its own, with a port of 0 for any.

    Attributes:
        port: its own; the same before and after `refuse`.
        url: its address.
        n_bytes: how much went to the server.
    """

    def __init__(
        self,
        server_url: str,
        *,
        lag_secs: float = 0.0,
        address: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        self.n_bytes = 0
        self._lag_secs = lag_secs
        self._server_port = int(server_url.rpartition(":")[2])
        self._host, self.port = address
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._passes = threading.Event()
        self._passes.set()
        self._open: list[socket.socket] = []
        self.listen()
        self.url = f"http://{self._host}:{self.port}"

    def lead_to(self, server_url: str) -> None:
        """Pass connections on to another server; cut those that there are."""
        self.refuse()
        self._server_port = int(server_url.rpartition(":")[2])
        self.listen()

    def listen(self) -> None:
        """Take connections, from now on or again."""
        listener = socket.create_server((self._host, self.port))
        self.port = listener.getsockname()[1]
        with self._lock:
            self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def hold(self) -> None:
        """Pass nothing on and answer no one, as a network that is cut without a word."""
        self._passes.clear()

    def pass_on(self) -> None:
        """Pass on again, first what has waited."""
        self._passes.set()

    def refuse(self) -> None:
        """Cut all connections, and let further ones be refused."""
        self._passes.set()
        with self._lock:
            listener, self._listener = self._listener, None
            cut, self._open = self._open, []
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in cut:
            with suppress(OSError):  # it has ended
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._passes.wait()
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:  # there is none now
                client.close()
                continue
            with self._lock:
                is_cut = self._listener is not listener
                if not is_cut:
                    self._open += (client, server)
            if is_cut:  # it came just before: `refuse` has not seen it
                client.close()
                server.close()
                return
            for ends in (
                (client, server, self._lag_secs, self._count),
                (server, client, 0.0, lambda _: None),
            ):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(
        self,
        source: socket.socket,
        target: socket.socket,
        lag_secs: float,
        count: Callable[[int], None],
    ) -> None:
        try:
            while data := source.recv(65536):
                count(len(data))
                time.sleep(lag_secs)
                self._passes.wait()
                target.sendall(data)
            self._passes.wait()
            target.shutdown(socket.SHUT_WR)
        except OSError:  # one side has gone, and the other has to know
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _count(self, n_bytes: int) -> None:
        with self._lock:
            self.n_bytes += n_bytes

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
