"""What a server says about itself: its version, settings and sign-in, whether it is ready."""

from __future__ import annotations

from dataclasses import dataclass

from weft.server.http.admission.local_mode import Credentials
from weft.server.settings import ServerSettings


@dataclass(slots=True)
class ServerState:
    """One for the whole server.

    Attributes:
        server_id: changes with each start.
        is_ready: it is neither starting nor shutting down.
    """

    version: str
    server_id: str
    settings: ServerSettings
    credentials: Credentials
    is_ready: bool = False
