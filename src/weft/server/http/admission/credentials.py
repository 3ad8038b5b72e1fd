"""The server's token, and what is derived from it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from typing import Final, NamedTuple

from weft.records.frame_code import frame_code

_MAX_LOGIN_CODES: Final = 32


class LoginCode(NamedTuple):
    """A code for one address `/?token=CODE`.

    Attributes:
        user: whom it signs in while the user's seal is this; None: the server's own user.
    """

    code: str
    user: str | None
    seal: str


class Credentials:
    """The server's token, and the secret of cookies and signed addresses.

    Attributes:
        secret: the token itself, unless other servers have to accept what this one has signed.
        frame: a code that lets a page of this machine show the web app in a frame.
        cookie: the value that a browser stores for the server's own user; not accepted as a key.
    """

    def __init__(self, token: str, secret: str | None = None) -> None:
        self.token = token
        self.secret = secret or token
        self.frame = frame_code(token)
        self.cookie = self.sign("weft browser cookie")
        self._codes: list[LoginCode] = []
        self._lock = threading.Lock()

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def sign(self, text: str) -> str:
        """A code that only this server, and those with its secret, can make for a text."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def is_cookie(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.cookie.encode())

    def new_login_code(self, user: str | None = None, seal: str = "") -> str:
        """Make a code for one address; only the newest 32 unused codes work."""
        code = LoginCode(secrets.token_urlsafe(16), user, seal)
        with self._lock:
            self._codes = [*self._codes[-_MAX_LOGIN_CODES + 1 :], code]
        return code.code

    def use_login_code(self, code: str) -> LoginCode | None:
        """Use up a code. None if it is unknown."""
        with self._lock:
            for entry in self._codes:
                if hmac.compare_digest(entry.code.encode(), code.encode()):
                    self._codes.remove(entry)
                    return entry
        return None
