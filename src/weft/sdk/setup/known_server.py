"""Which server settings mean. Reads small files: the netrc, a local server's word of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weft.sync.where import Where, choose_server

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


def known_server(settings: Settings) -> Where | None:
    """The server that a run with these settings goes to, if it goes to any; None = none is known.

    Raises:
        ConfigError: the identity token's file can't be read.
    """
    return choose_server(
        settings.base_url, settings.api_key, settings.identity_token_file, settings.policy
    )
