"""A port that takes connections and never answers, for tests: a firewall that swallows packets."""

from __future__ import annotations

import socket
import threading


class MuteServer:
    """Listens on a free port of the loopback interface.

    Attributes:
        url: where.
        connected: set by the first connection.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connected = threading.Event()
        self._sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self._sockets.append(self._listener.accept()[0])
            except OSError:
                return
            self.connected.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in self._sockets:
            one.close()
