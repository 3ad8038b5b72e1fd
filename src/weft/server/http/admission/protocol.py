"""The HTTP protocol of uvicorn, with one addition: requests know the connection they came by.

`local_mode` asks once per connection who is at its other end. A table by address would answer
for a later connection that happens to have the same port.
"""

from __future__ import annotations

import asyncio
import importlib.util
from functools import cache
from typing import Any

from weft.server.http.admission.local_mode import Peer


@cache
def protocol_class() -> type[asyncio.Protocol]:
    """The quickest protocol that is installed, with `state["peer"]` for each connection."""
    base: Any
    if importlib.util.find_spec("httptools") is not None:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as base
    else:
        from uvicorn.protocols.http.h11_impl import H11Protocol as base

    class PeerProtocol(base):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)  # pyright: ignore[reportUnknownMemberType]
            # uvicorn copies `app_state` into the scope of each request.
            self.app_state: dict[str, Any] = {
                **self.app_state,
                "peer": Peer(self.client, self.server),
            }

    return PeerProtocol
