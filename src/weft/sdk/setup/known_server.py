"""Finds the server that settings name. Reads small files: the netrc, a local server's address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weft.sync.addresses.server_address import ServerAddress, choose_server

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


def known_server(settings: Settings) -> ServerAddress | None:
    """Return the server that a run with these settings would go to, or None if unknown."""
    return choose_server(
        settings.base_url, settings.api_key, settings.identity_token_file, settings.policy
    )
