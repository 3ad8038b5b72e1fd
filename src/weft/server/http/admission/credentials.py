"""The server's token, and what is derived from it."""

from __future__ import annotations

import hashlib
import hmac

from weft.records.frame_code import frame_code


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

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def sign(self, text: str) -> str:
        """A code that only this server, and those with its secret, can make for a text."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def is_cookie(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.cookie.encode())
