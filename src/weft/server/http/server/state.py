"""The server's state that routes use: its version, settings, credentials and readiness."""

from __future__ import annotations

from dataclasses import dataclass

from weft.server.http.admission.credentials import Credentials
from weft.server.settings import ServerSettings


@dataclass(slots=True)
class ServerState:
    """The state of the whole server.

    Its id changes with each start; it is not ready while starting or shutting down. `tls_url` is
    its address by TLS, for answers to programs of this machine that come without.
    """

    version: str
    server_id: str
    settings: ServerSettings
    credentials: Credentials
    tls_url: str | None = None
    is_ready: bool = False
