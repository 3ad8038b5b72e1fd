"""The other end of one connection: which user owns it, and whether it was admitted yet.

`protocol` makes one for each connection, before any data arrives. `connections` counts those that
are not known; `local_mode` makes a peer known if it sends the token.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable
from typing import Final

from weft.server.http.admission.socket_owner import socket_owner
from weft.server.settings import is_loopback

_NETWORK_BITS: Final = 64
"""Network part of an IPv6 address. One machine may have all addresses of its network."""


class Peer:
    """The other end of one connection.

    `owner` is the user id that owns its socket, None if the system can't tell. `is_admitted` is
    true if a request of this connection has passed `local_mode`, or is sure to; `on_admitted` is
    called once then.
    """

    __slots__ = ("_on_admitted", "client", "is_admitted", "owner")

    def __init__(
        self,
        client: tuple[str, int] | None,
        server: tuple[str, int | None] | None,
        on_admitted: Callable[[], None] = lambda: None,
    ) -> None:
        self.client = client
        self.owner = _owner(client, server)
        self.is_admitted = False
        self._on_admitted = on_admitted

    def is_own_user(self) -> bool:
        """Whether the socket of the other end belongs to the user that runs this server."""
        return self.owner is not None and self.owner == os.getuid()

    def admit(self) -> None:
        """Note that the peer may use this server."""
        if not self.is_admitted:
            self.is_admitted = True
            self._on_admitted()

    def origin(self) -> tuple[str, str]:
        """The source of connections as they are counted: a local user, an address or its network.

        >>> Peer(("192.0.2.7", 1), None).origin(), Peer(("2001:db8::7:1", 1), None).origin()
        (('address', '192.0.2.7'), ('address', '2001:db8::/64'))
        """
        if self.owner is not None:
            return "uid", str(self.owner)
        return "address", "" if self.client is None else network_of(self.client[0])


def _owner(client: tuple[str, int] | None, server: tuple[str, int | None] | None) -> int | None:
    if sys.platform != "linux":
        return None
    if client is None or server is None or server[1] is None or not is_loopback(client[0]):
        return None
    return socket_owner(client, (server[0], server[1]))


def network_of(address: str) -> str:
    """An address as limits count it: of IPv6 its network.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7:1"), network_of("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    if ":" not in address:
        return address
    try:
        host = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if host.ipv4_mapped is not None:
        return str(host.ipv4_mapped)
    return str(ipaddress.IPv6Network((host, _NETWORK_BITS), strict=False))
