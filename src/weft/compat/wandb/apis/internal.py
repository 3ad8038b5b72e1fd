"""Readings that integrations take from W&B's inner client: key, server, default entity."""

from __future__ import annotations

from typing import Any

import weft
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings


class Api:
    """Settings and account of this machine's user."""

    @property
    def api_key(self) -> str | None:
        """The key of the server that runs go to, or None."""
        server = known_server(read_settings({}))
        return None if server is None else server.key

    @property
    def default_entity(self) -> str | None:
        """The entity of runs that name none."""
        return weft.Api().default_entity

    def viewer(self) -> dict[str, Any]:
        """The account that the key belongs to."""
        user = weft.Api().viewer
        return {"entity": user.username, "username": user.username, "email": user.email}

    def settings(self, key: str | None = None, section: str | None = None) -> Any:
        """The settings of a run that would start now, or one of them."""
        settings = read_settings({})
        names = ("entity", "project", "base_url")
        return (
            {name: getattr(settings, name) for name in names}.get(key)
            if key
            else {name: getattr(settings, name) for name in names}
        )
