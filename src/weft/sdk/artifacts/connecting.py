"""The server that artifacts are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weft.client.artifact_client import ArtifactClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import Unavailable
from weft.sdk.setup.known_server import known_server

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


def artifact_client(settings: Settings) -> ArtifactClient:
    """A client of the server that the settings name."""
    server = known_server(settings)
    if server is None:
        raise Unavailable("no server is known: start one with `weft server`, or set WEFT_BASE_URL")
    return ArtifactClient(
        SharedTransport(AlwaysAt(Server(server.url, server.key, settings.policy)))
    )
