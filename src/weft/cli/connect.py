"""Connects the commands that read to the server that runs go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weft.client.api_client import ApiClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.sync.addresses.server_address import ServerAddress, require_server

if TYPE_CHECKING:
    from weft.sdk.reading.stored.run import StoredRun


def connect(server: ServerAddress) -> ApiClient:
    """A client of a server, which sends no request yet."""
    return ApiClient(SharedTransport(AlwaysAt(Server(server.url, server.key, server.policy))))


def find_run(run: str, base_url: str | None) -> StoredRun:
    """Return a run, `project/run` or `entity/project/run`, of the server that commands use."""
    from weft.sdk.reading.api import Api

    server = require_server(base_url)
    return Api(server.url, api_key=server.key).run(run)
