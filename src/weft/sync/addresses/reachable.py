"""Tells, without waiting, whether a run's server is known to be up. Does I/O.

`init` prints a link, and does not ask the server first. A user who follows it to a server that
was never reached would take it for broken.
"""

from __future__ import annotations

import contextlib
from typing import Final

from weft.client.address import parse_address
from weft.records.ids import DEFAULT_ENTITY
from weft.sync.addresses.accounts import has_used, remembered_entity
from weft.sync.addresses.server_address import ServerAddress

_LOOPBACK_SECS: Final = 0.05
"""Longest wait for a connection on this machine, which takes 0.1 ms or is refused."""


def is_likely_reachable(address: ServerAddress, entity: str | None) -> bool:
    """Whether a server is running on this machine, or has answered this user before.

    `entity` is the one that the run names.
    """
    if address.local:
        return True
    if entity is not None and entity != DEFAULT_ENTITY:
        has_answered = has_used(address, entity)
    else:
        has_answered = remembered_entity(address) is not None
    return has_answered or _listens_here(address.url)


def _listens_here(url: str) -> bool:
    """Whether the address is one of this machine's own, and a program listens there."""
    address = parse_address(url)
    if not address.is_loopback:
        return False
    import socket

    # "localhost" is not looked up: that has no time limit.
    host = "127.0.0.1" if address.host == "localhost" else address.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family) as connection:
        connection.settimeout(_LOOPBACK_SECS)
        # `create_connection` would load an encoding for names of other scripts: 3 ms.
        connection.connect((host, address.port))
        return True
    return False
