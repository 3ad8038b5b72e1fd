"""The codes that end the links of shares: an HMAC of the share's id by a secret in the metadata.

So a link can be shown again, and a guessed id opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from weft.server.services.access.paths import SharedLink
from weft.server.storage.metadata import MetadataStore, Transaction

_SECRET: Final = "share_secret"
"""The setting with the secret of all links."""


class LinkCodes:
    """Makes and checks codes. Thread-safe."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._secret: bytes | None = None

    def prepare(self, tx: Transaction) -> None:
        """Make the secret, if there is none yet."""
        self._metadata.settings.add_setting(tx, _SECRET, secrets.token_hex(32))

    def link(self, share: str) -> SharedLink:
        secret = self._load()
        assert secret is not None, "a share was made"
        return SharedLink(share, _code(secret, share))

    def is_genuine(self, link: SharedLink) -> bool:
        """Whether the server made this link; it may have ended or been revoked since."""
        secret = self._load()
        if secret is None:
            return False
        return hmac.compare_digest(_code(secret, link.share).encode(), link.code.encode())

    def _load(self) -> bytes | None:
        if self._secret is None:
            with self._metadata.read() as tx:
                secret = self._metadata.settings.find_setting(tx, _SECRET)
            self._secret = None if secret is None else secret.encode()
        return self._secret


def _code(secret: bytes, share: str) -> str:
    return hmac.new(secret, f"weft share {share}".encode(), hashlib.sha256).hexdigest()[:32]
