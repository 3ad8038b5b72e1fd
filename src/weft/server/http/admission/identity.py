"""Whose a request is: by its key, its cookie, or the user who owns its socket.

What is sent decides: a request with a key is its owner's, even if it comes from the server's own
user, and a key that no one has is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from starlette.types import Scope

from weft.records.frame_code import frame_code
from weft.server.http.admission.peer import Peer
from weft.server.services.access import LOCAL, SYSTEM, Actor
from weft.server.services.users import UserService, is_well_formed

_MAX_LOGIN_CODES: Final = 32

_CLIENT_USER: Final = "api"


class Credentials:
    """The server's token and what is derived from it.

    Attributes:
        token: allows its owner everything.
        frame: a code that lets a page of this machine show the web app in a frame.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.frame = frame_code(token)
        self._codes: list[tuple[str, str | None]] = []
        self._lock = threading.Lock()

    def is_token(self, text: str) -> bool:
        """Whether a text is the token."""
        return hmac.compare_digest(text.encode(), self.token.encode())

    def cookie(self, name: str | None = None, key_hash: str = "") -> str:
        """What a browser stores instead of a key; not accepted as a key.

        Args:
            name: the user who signs in. If None, the server's own user.
            key_hash: the hash of the user's key; the cookie stops working when it changes.
        """
        signed = "weft browser cookie" if name is None else f"weft user {name} {key_hash}"
        code = hmac.new(self.token.encode(), signed.encode(), hashlib.sha256).hexdigest()
        return code if name is None else f"{name}.{code}"

    def new_login_code(self, user: str | None = None) -> str:
        """Make a code for one address `/?token=CODE`; only the newest 32 unused codes work.

        Args:
            user: who is signed in by it. If None, the server's own user.
        """
        code = secrets.token_urlsafe(16)
        with self._lock:
            self._codes = [*self._codes[-_MAX_LOGIN_CODES + 1 :], (code, user)]
        return code

    def use_login_code(self, code: str) -> tuple[str | None] | None:
        """Use up a code; return whom it signs in, or None if it is invalid."""
        with self._lock:
            for known in self._codes:
                if hmac.compare_digest(known[0].encode(), code.encode()):
                    self._codes.remove(known)
                    return (known[1],)
        return None


class Identities:
    """Finds out whose a request is.

    Args:
        loopback: whether a socket of the server's own user needs no key.
    """

    def __init__(self, credentials: Credentials, users: UserService, *, loopback: bool) -> None:
        self._credentials = credentials
        self._users = users
        self._loopback = loopback

    def of_request(self, scope: Scope, headers: dict[bytes, bytes]) -> Actor | None:
        """Whose a request is. None if it is no one's, or has a key that no one has."""
        key = sent_key(headers)
        if key is not None:
            return self.of_key(key)
        password = sent_password(headers)
        if password is not None:
            return self._of_password(scope, password)
        cookie = headers.get(b"cookie")
        actor = None if cookie is None else self._of_cookies(scope, cookie)
        if actor is not None:
            return actor
        return LOCAL if self._is_own(scope) else None

    def _of_password(self, scope: Scope, key: str) -> Actor | None:
        """Whose a key is that the official client of W&B sends.

        That client always sends one. Without users, the server's own user needs none, so that any
        well-formed one will do.
        """
        actor = self.of_key(key)
        if actor is not None or not is_well_formed(key):
            return actor
        is_alone = not self._users.has_any(SYSTEM)
        return LOCAL if is_alone and self._is_own(scope) else None

    def _is_own(self, scope: Scope) -> bool:
        """Whether a request comes from a socket of the server's own user on this machine."""
        peer: Any = scope["state"].get("peer")
        return self._loopback and isinstance(peer, Peer) and peer.is_own_user()

    def of_key(self, key: str) -> Actor | None:
        """Whose a key is: the server's token or that of a user. None if no one has it."""
        if self._credentials.is_token(key):
            return LOCAL
        return self._users.owner(SYSTEM, key)

    def cookie_of(self, user: str | None) -> str | None:
        """The cookie that signs a user in; see `Credentials.cookie`. None if the user is gone."""
        if user is None:
            return self._credentials.cookie()
        account = self._users.account(SYSTEM, user)
        return None if account is None else self._credentials.cookie(user, account.key_hash)

    def _of_cookies(self, scope: Scope, header: bytes) -> Actor | None:
        try:
            cookies = SimpleCookie(header.decode("latin-1"))
        except CookieError:
            return None
        found = cookies.get(cookie_name(scope))
        if found is None:
            return None
        user = found.value.rpartition(".")[0] or None
        account = None if user is None else self._users.account(SYSTEM, user)
        if user is not None and account is None:
            return None
        expected = self.cookie_of(user)
        if expected is None or not hmac.compare_digest(found.value.encode(), expected.encode()):
            return None
        return LOCAL if account is None else account.actor


def sent_key(headers: dict[bytes, bytes]) -> str | None:
    """The key that a request carries as `Authorization: Bearer`; None without one."""
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip().decode("latin-1") if scheme.lower() == b"bearer" else None


def sent_password(headers: dict[bytes, bytes]) -> str | None:
    """The key that a request of the official client of W&B carries; None without one.

    That client sends it as the password of the user `api`. Others, such as proxies, may send
    passwords of their own, which are no keys.

    >>> sent_password({b"authorization": b"Basic YXBpOmtleQ=="})
    'key'
    """
    scheme, _, text = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, _, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password if user == _CLIENT_USER else None


def cookie_name(scope: Scope) -> str:
    """The name of the cookie that signs a browser in."""
    # Cookies ignore ports: two servers on one machine would overwrite each other's.
    server = scope.get("server")
    return f"weft-{server[1]}" if server else "weft"
