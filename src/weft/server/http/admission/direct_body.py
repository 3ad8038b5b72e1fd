"""Reads the rest of a large body from the socket, in the threads that write it. Does I/O.

Through the parser and uvicorn's messages of 64 KB, each byte is copied five times, and the event
loop hands it to a thread on another core. A body whose length was announced needs no parser: a
thread reads what has arrived and writes it from the same memory until the socket is empty. That
takes about two thirds of the CPU time. The connection's `protocol` does not read meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from weft.server.http.admission.sharing import SharedThreads
from weft.server.services.access import SYSTEM

ENDED_EARLY: Final = "the body ended early; nothing was kept"
"""The message to a client whose body did not arrive whole."""

LEAST_BYTES: Final = 2**18
"""The rest of a smaller body is read in the usual way."""

_PIECE_BYTES: Final = 2**18
"""Small enough to stay in a core's cache between the read and the write."""

_TURN_BYTES: Final = 2**24
"""Most bytes that a thread reads before it lets other uploads use it."""

_WAKE_BYTES: Final = 2**16
"""A thread is called when so much has arrived, or anything at all after `_WAKE_SECS`."""

_WAKE_SECS: Final = 0.05

_memory: Final = threading.local()

_threads: Final = SharedThreads("bodies", 16)
"""Threads of their own: many uploads to a slow disk would hold up every other request."""


class DirectBody:
    """The next bytes of a connection, which is non-blocking and closed at the end, all of one
    body.

    `is_lost` is true if the connection ended before the body did; `is_waiting` is true while the
    client has to send more. `note` is told how many bytes have arrived, possibly by another
    thread.
    """

    def __init__(
        self, connection: socket.socket, n_left: int, note: Callable[[int], None]
    ) -> None:
        self.is_lost = False
        self.is_waiting = False
        self._connection = connection
        self._n_left = n_left
        self._note = note
        self._is_taking = False
        self._arrived = asyncio.Event()

    async def write_to(self, write: Callable[[memoryview], None]) -> None:
        """Read the rest of the body, and call `write` with each piece in another thread.

        It returns early if the connection is lost. If `write` raises, so does it, and it can be
        called again for the rest. The pieces are valid during the call only.
        """
        self._is_taking = True
        try:
            while self._n_left and not self.is_lost:
                if not await _threads.run(SYSTEM, partial(self._take, write)):
                    await self._wait()
        finally:
            self._is_taking = False
            if self.is_lost or not self._n_left:
                self._connection.close()

    def fail(self) -> None:
        """End `write_to`, because the connection is lost."""
        self.is_lost = True
        self._arrived.set()
        if not self._is_taking:
            self._connection.close()

    def _take(self, write: Callable[[memoryview], None]) -> bool:
        """Write what has arrived; False if nothing more is there now."""
        piece = _piece()
        n_turn = 0
        while n_turn < _TURN_BYTES and self._n_left and not self.is_lost:
            try:
                n_bytes = self._connection.recv_into(piece[: self._n_left])
            except BlockingIOError:
                return False
            except OSError:
                n_bytes = 0
            if not n_bytes:
                self.is_lost = True
                return True
            self._n_left -= n_bytes
            n_turn += n_bytes
            self._note(n_bytes)
            write(piece[:n_bytes])
        return True

    async def _wait(self) -> None:
        """Wait until enough has arrived to call a thread; see `_WAKE_BYTES`."""
        loop = asyncio.get_running_loop()
        self._set_lowest(min(_WAKE_BYTES, self._n_left))
        self.is_waiting = True
        loop.add_reader(self._connection, self._arrived.set)
        try:
            while not self.is_lost:
                later = loop.call_later(_WAKE_SECS, self._arrived.set)
                await self._arrived.wait()
                later.cancel()
                self._arrived.clear()
                if self._has_data():
                    return
        finally:
            loop.remove_reader(self._connection)
            # Of the socket, which the transport has too; some systems also apply it to reads.
            self._set_lowest(1)
            self.is_waiting = False

    def _set_lowest(self, n_bytes: int) -> None:
        """Set how many bytes make the socket readable."""
        with contextlib.suppress(OSError):  # some systems refuse it for a lost connection
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, n_bytes)

    def _has_data(self) -> bool:
        try:
            self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            pass  # the next read says so, too
        return True


def _piece() -> memoryview:
    """The memory into which this thread reads: new memory each time costs more than the read."""
    try:
        return _memory.piece
    except AttributeError:
        _memory.piece = memoryview(bytearray(_PIECE_BYTES))
        return _memory.piece


def open_connection(transport: asyncio.BaseTransport) -> socket.socket | None:
    """A transport's socket under a descriptor of its own; None if bytes can't be read from it."""
    shared: Any = transport.get_extra_info("socket")
    if os.name != "posix" or transport.get_extra_info("ssl_object") is not None:
        return None
    descriptor = -1
    try:
        descriptor = os.dup(shared.fileno())
        return socket.socket(fileno=descriptor)
    except OSError:  # no descriptor is free, or the connection is lost
        if descriptor >= 0:
            os.close(descriptor)
        return None
