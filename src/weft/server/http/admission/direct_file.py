"""Has the system send stored files to the socket, in threads. Does I/O.

Through an answer's pieces, each byte is read into this process, passed through the event loop and
copied to the socket. `sendfile` takes a seventh of the CPU time, and none of it in the event loop.
The connection's `protocol` writes nothing meanwhile.
"""

from __future__ import annotations

import asyncio
import select
import socket
import time
from typing import Final, Literal

from weft.server.http.admission.sharing import SharedThreads
from weft.server.services.access import SYSTEM
from weft.server.services.files import FilePieces, JoinedPieces

LEAST_FILE_BYTES: Final = 2**18
"""A smaller file is sent in the usual way."""

_PIECE_BYTES: Final = 2**22
_TURN_SECS: Final = 0.1
"""The time after which a thread serves other answers."""

_WAIT_MILLIS: Final = 10
"""The wait of a thread for a client whose buffer is full. Most take more sooner, and to wait in
the event loop costs two changes of thread."""

_threads: Final = SharedThreads("files", 16)
"""Threads of their own: many downloads from a slow disk would hold up every other request."""


class DirectFile:
    """The rest of an answer's body, all of which is in files.

    The connection is non-blocking and closed by `close`.
    """

    def __init__(
        self, connection: socket.socket, files: FilePieces | JoinedPieces, n_left: int
    ) -> None:
        self.n_left = n_left
        self._connection = connection
        self._files = files
        self._is_lost = False
        self._is_waiting = False
        self._is_writable = asyncio.Event()

    @property
    def n_unsent(self) -> int:
        """The bytes that the client has not taken while the server waits for it, else 0."""
        return self.n_left if self._is_waiting else 0

    async def send(self) -> None:
        """Send the files.

        It returns early if the connection is lost, if a file has become shorter, or if the
        system can't send it.
        """
        while self.n_left and not self._is_lost:
            outcome = await _threads.run(SYSTEM, self._send_for_turn)
            if outcome == "ended":
                return
            if outcome == "full":
                await self._wait()

    def fail(self) -> None:
        """End `send`, because the connection is lost."""
        self._is_lost = True
        self._is_writable.set()

    def close(self) -> None:
        """Close the connection's second descriptor. `send` is not running."""
        self._connection.close()

    def _send_for_turn(self) -> Literal["sent", "full", "ended"]:
        end = time.monotonic() + _TURN_SECS
        while self.n_left and not self._is_lost and time.monotonic() < end:
            try:
                n_bytes = self._files.send_to(self._connection.fileno(), _PIECE_BYTES)
            except BlockingIOError:
                if not self._is_writable_soon():
                    return "full"
            except OSError:
                # A fault of the disk comes again, and is reported, when the rest is read.
                return "ended"
            else:
                if not n_bytes:
                    return "ended"
                self.n_left -= n_bytes
        return "sent"

    def _is_writable_soon(self) -> bool:
        poll = select.poll()
        poll.register(self._connection, select.POLLOUT)
        return bool(poll.poll(_WAIT_MILLIS))

    async def _wait(self) -> None:
        """Wait until the client takes more."""
        loop = asyncio.get_running_loop()
        self._is_writable.clear()
        if self._is_lost:
            return
        self._is_waiting = True
        loop.add_writer(self._connection, self._is_writable.set)
        try:
            await self._is_writable.wait()
        finally:
            loop.remove_writer(self._connection)
            self._is_waiting = False
