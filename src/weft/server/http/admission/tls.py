"""HTTPS from the server itself: its certificate, and connections until their handshake is done.

uvicorn is not told of TLS. `TlsHandshake` encrypts each connection before `protocol` gets it, so
that connections in a handshake are counted as guests, and the certificate may change meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import structlog
from uvicorn.protocols.utils import get_local_addr, get_remote_addr

from weft.errors import ConfigError
from weft.server.http.admission.connections import Connections
from weft.server.http.admission.peer import Peer

_HANDSHAKE_SECS: Final = 10.0
_LOOK_SECS: Final = 1.0
"""The pause between two looks at the files, while connections come."""

_REASONS: Final = (
    ("MISMATCH", "the key belongs to another certificate"),
    ("PASSWORD", "the key is protected by a password; store it without one"),
    ("DECRYPT", "the key is protected by a password; store it without one"),
    ("PEM", "it has no certificate, or no key, in PEM"),
    ("NO_START_LINE", "it has no certificate, or no key, in PEM"),
)
"""Words of OpenSSL's messages, and what they mean."""

_Stamp = tuple[tuple[int, int, int], ...]

_log: Any = structlog.get_logger(__name__)


class Certificate:
    """A certificate and its key in files, which are read again when they change.

    If the new ones can't be used, as when only one of them was replaced yet, the old ones stay.
    """

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """ConfigError, by the name of the setting, if the files can't be used."""
        self._files = (certificate, key or certificate)
        self._stamp = self._read_stamp()
        self._context = self.load()
        self._looked_at = time.monotonic()

    def load(self) -> ssl.SSLContext:
        """Read the files."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        for name, path in zip(("tls_certificate", "tls_key"), self._files, strict=True):
            try:
                path.read_bytes()
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise ConfigError(f"{name} can't be read: {reason}: {path}", field=name) from error
        try:
            # Without a password, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(*self._files, password=lambda: "")
        except (OSError, ValueError) as error:
            certificate, key = self._files
            raise ConfigError(
                f"tls_certificate and tls_key can't be used: {_reason(error)}: "
                f"{certificate}{'' if key == certificate else f', {key}'}",
                field="tls_certificate",
            ) from error
        return context

    def context(self) -> ssl.SSLContext:
        """TLS with the present files."""
        now = time.monotonic()
        if now - self._looked_at > _LOOK_SECS:
            self._looked_at = now
            stamp = self._read_stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._context = self.load()
                    _log.info("certificate changed", path=str(self._files[0]))
                except ConfigError as error:
                    _log.warning("the old certificate stays in use", reason=str(error))
        return self._context

    def _read_stamp(self) -> _Stamp:
        stamps: list[tuple[int, int, int]] = []
        for path in self._files:
            with contextlib.suppress(OSError):
                status = path.stat()
                stamps.append((status.st_mtime_ns, status.st_ino, status.st_size))
        return tuple(stamps)


def _reason(error: OSError | ValueError) -> str:
    text = str(error)
    words = text.upper().replace(" ", "_")
    return next((reason for word, reason in _REASONS if word in words), text)


class TlsHandshake(asyncio.Protocol):
    """A connection until its handshake is done; then `make_protocol` makes its protocol.

    A connection to `plain_port`, where only programs of this machine come, has none.
    """

    def __init__(
        self,
        connections: Connections,
        certificate: Certificate,
        plain_port: int | None,
        make_protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        self._connections = connections
        self._certificate = certificate
        self._plain_port = plain_port
        self._make_protocol = make_protocol
        self._early = _EarlyData()
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        local = get_local_addr(self._transport)
        if local is not None and local[1] == self._plain_port:
            self._early.hand_over(self._transport, self._make_protocol())
            return
        self._transport.pause_reading()
        self.peer = Peer(get_remote_addr(self._transport), local)
        loop = asyncio.get_running_loop()
        self._connections.add(self, loop)
        self._task = loop.create_task(self._encrypt(loop))
        loop.call_soon(self._feed)

    def data_received(self, data: bytes) -> None:
        # uvloop starts to read after `connection_made`, whether or not it has paused.
        self._unread += data

    def _feed(self) -> None:
        """Give what has arrived to the protocol that `start_tls` has just set."""
        encryption: Any = self._transport.get_protocol()
        data = memoryview(self._unread)
        while data and encryption is not self:
            buffer = encryption.get_buffer(len(data))
            n_bytes = min(len(buffer), len(data))
            buffer[:n_bytes] = data[:n_bytes]
            encryption.buffer_updated(n_bytes)
            data = data[n_bytes:]

    def check(self, now: float) -> None:
        """The handshake has a limit of its own."""

    def drop(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def go_on(self) -> None:
        """Nothing is held back: no request has arrived."""

    async def _encrypt(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            encrypted = await loop.start_tls(
                self._transport,
                self._early,
                self._certificate.context(),
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE_SECS,
            )
        except (OSError, TimeoutError, RuntimeError):
            # No TLS, a client that does not trust the certificate, or one that has left.
            self._transport.abort()
            return
        finally:
            self._connections.discard(self)
        if encrypted is not None and not self._early.is_lost:
            self._early.hand_over(encrypted, self._make_protocol())


def tls_protocol(
    connections: Connections, certificate: Certificate, plain_port: int | None, protocol: Any
) -> Any:
    """The protocol class for uvicorn that encrypts the connections of `protocol`."""

    def make(*arguments: Any, **named: Any) -> TlsHandshake:
        return TlsHandshake(
            connections, certificate, plain_port, partial(protocol, *arguments, **named)
        )

    return make


class _EarlyData(asyncio.Protocol):
    """Takes what arrives with the end of a handshake, before the connection has its protocol."""

    def __init__(self) -> None:
        self.is_lost = False
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (of asyncio)
        self.is_lost = True

    def hand_over(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._data and not transport.is_closing():
            protocol.data_received(self._data)
