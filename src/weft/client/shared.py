"""One server for many threads and processes: each thread has a connection of its own.

`weft.Api` sends its requests through it. If the server is gone, it finds the new one: the server
of a bare directory ends with the process that started it, and another process that shared it
starts a new one. Does I/O through `transport`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from weft.client.policy import Policy
from weft.client.transport import Body, Reply, Transport
from weft.errors import NoServer


class Server(NamedTuple):
    """The address of a server, and the settings of connections to it."""

    url: str
    api_key: str | None = None
    policy: Policy = Policy()


class AlwaysAt(NamedTuple):
    """A server whose address does not change."""

    server: Server

    def __call__(self) -> Server:
        return self.server


class SharedTransport:
    """A `Transport` for any number of threads, which survives fork and pickle.

    `find` returns the server's address; called at once, and again when nothing listens there.
    """

    def __init__(self, find: Callable[[], Server]) -> None:
        self._find = find
        self._use(find())

    def _use(self, server: Server) -> None:
        self._server = server
        self._own = threading.local()
        self._own.transport = Transport(*server)
        self._own.pid = os.getpid()

    @property
    def url(self) -> str:
        return self._transport().url

    @property
    def server(self) -> Server:
        return self._server

    def _transport(self) -> Transport:
        own = self._own
        # A forked child must not read the answers to its parent's requests.
        if getattr(own, "pid", None) != os.getpid():
            own.transport, own.pid = Transport(*self._server), os.getpid()
        return own.transport

    def close(self) -> None:
        """Close this thread's connection; the next request opens a new one."""
        self._transport().close()

    def abort(self) -> None:
        """Abort this thread's request, from a signal handler in the same thread."""
        self._transport().abort()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        timeout_secs: float | None = None,
    ) -> Reply:
        """See `Transport.request`."""
        try:
            return self._transport().request(
                method, path, body=body, headers=headers, timeout_secs=timeout_secs
            )
        except NoServer:
            if not self._moved():
                raise
            return self._transport().request(
                method, path, body=body, headers=headers, timeout_secs=timeout_secs
            )

    def stream(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[bytes]:
        """See `Transport.stream`. Uses its own connection, so other requests can run meanwhile."""
        transport = Transport(*self._server)
        try:
            pieces = transport.stream(method, path, body=body, headers=headers)
            try:
                first = next(pieces, b"")
            except NoServer:
                if not self._moved():
                    raise
                transport = Transport(*self._server)
                pieces = transport.stream(method, path, body=body, headers=headers)
                first = next(pieces, b"")
            yield first
            yield from pieces
        finally:
            transport.close()

    def decode(self, reply: Reply, shape: Any) -> Any:
        """See `Transport.decode`."""
        return self._transport().decode(reply, shape)

    def _moved(self) -> bool:
        server = self._find()
        if server == self._server:
            return False
        self._use(server)
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return SharedTransport, (self._find,)
