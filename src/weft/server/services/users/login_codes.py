"""Codes in addresses that sign one browser in, at any server of the database. Each works once."""

from __future__ import annotations

import secrets
from typing import Final

from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, oneself, require
from weft.server.services.stores.stores import Service
from weft.server.services.users.one_time import hash_code
from weft.server.storage.metadata import LoginCode

CODE_MICROS: Final = 7 * 86_400_000_000
"""The time for which an unused code works."""


class LoginCodeService(Service):
    """Login codes. Thread-safe. The database has their hashes."""

    def create(self, actor: Actor, seal: str = "") -> str:
        """Make a code for a user, which works while this is their seal, or for the server's own
        user.
        """
        # A browser that it signs in may do all that its user may.
        require(actor, Action.ADMIN, oneself(actor))
        code = secrets.token_urlsafe(16)
        now = self._stores.now()
        sign_in = self._stores.metadata.sign_in
        with self._stores.metadata.write() as tx:
            sign_in.remove_codes(tx, now - CODE_MICROS)
            sign_in.add_code(tx, hash_code(code), LoginCode(actor.user, seal), now)
        return code

    def use(self, actor: Actor, code: str) -> LoginCode | None:
        """Use up a code. None if it does not work."""
        require(actor, Action.ADMIN, SERVER)
        metadata, code_hash = self._stores.metadata, hash_code(code)
        with metadata.read() as tx:  # anyone may send any code: a guess writes nothing
            if not metadata.sign_in.has_code(tx, code_hash):
                return None
        with metadata.write() as tx:
            return metadata.sign_in.use_code(tx, code_hash, self._stores.now() - CODE_MICROS)
