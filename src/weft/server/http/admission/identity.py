"""The user of a request: by its key, its cookie, or the owner of its socket.

A sent key decides: a request with a key is the key's owner's, even if it comes from the server's
own user. A key that no one has is refused, except from the server's own user while there are no
users.
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

from starlette.responses import Response
from starlette.types import Scope

from weft.records.frame_code import frame_code
from weft.server.http.admission.peer import Peer
from weft.server.http.admission.proxies import came_through_proxy
from weft.server.services.access import SYSTEM, Actor
from weft.server.services.users import UserService, is_well_formed

_MAX_LOGIN_CODES: Final = 32

_COOKIE_SECS: Final = 180 * 86_400

_CLIENT_USER: Final = "api"


class Credentials:
    """The server's token and what is derived from it.

    Attributes:
        frame: a code that lets a page of this machine show the web app in a frame.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.frame = frame_code(token)
        self._codes: list[tuple[str, str | None, str]] = []
        self._lock = threading.Lock()

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def cookie(self, name: str | None = None, seal: str = "") -> str:
        """The value that a browser stores instead of a key; not accepted as a key.

        Without a name it is the server's own user's. It stops working when the user's seal
        changes.
        """
        signed = "weft browser cookie" if name is None else f"weft user {name} {seal}"
        code = hmac.new(self.token.encode(), signed.encode(), hashlib.sha256).hexdigest()
        return code if name is None else f"{name}.{code}"

    def new_login_code(self, user: str | None = None, seal: str = "") -> str:
        """Make a code for one address `/?token=CODE`; only the newest 32 unused codes work.

        It signs in `user`, or the server's own user, while the user's seal is the same.
        """
        code = secrets.token_urlsafe(16)
        with self._lock:
            self._codes = [*self._codes[-_MAX_LOGIN_CODES + 1 :], (code, user, seal)]
        return code

    def use_login_code(self, code: str) -> str | None:
        """Use up a code; return the cookie that it stands for, or None if it is invalid."""
        with self._lock:
            for entry in self._codes:
                if hmac.compare_digest(entry[0].encode(), code.encode()):
                    self._codes.remove(entry)
                    return self.cookie(*entry[1:])
        return None


class Identities:
    """Finds out whose a request is.

    `loopback` if a socket of the server's own user needs no key.
    """

    def __init__(self, credentials: Credentials, users: UserService, *, loopback: bool) -> None:
        self._credentials = credentials
        self._users = users
        self._loopback = loopback

    def of_request(self, scope: Scope, headers: dict[bytes, bytes]) -> Actor | None:
        """The user of a request. None if it names no user, or has an unknown key."""
        key = sent_key(headers) or sent_password(headers)
        if key is not None:
            return self._of_sent(scope, key)
        cookie = headers.get(b"cookie")
        actor = None if cookie is None else self._of_cookies(scope, cookie)
        if actor is not None:
            return actor
        return self._users.local(SYSTEM) if self._is_own(scope) else None

    def _of_sent(self, scope: Scope, key: str) -> Actor | None:
        """The user of a key that was sent.

        The official client of W&B always sends one, and its variable is read by weft's client,
        too. Without users, the server's own user needs none, so that any well-formed one will do.
        """
        actor = self.of_key(key)
        if actor is not None or not is_well_formed(key):
            return actor
        is_alone = not self._users.has_any(SYSTEM)
        return self._users.local(SYSTEM) if is_alone and self._is_own(scope) else None

    def _is_own(self, scope: Scope) -> bool:
        """Whether a request comes from a socket of the server's own user on this machine."""
        peer: Any = scope["state"].get("peer")
        if not self._loopback or not isinstance(peer, Peer) or not peer.is_own_user():
            return False
        # A proxy of the same user would make all of its clients this user.
        return not came_through_proxy({name for name, _ in scope["headers"]})

    def of_key(self, key: str) -> Actor | None:
        """The owner of a key: the server's token, or a user's key. None if it is unknown."""
        if self._credentials.is_token(key):
            return self._users.local(SYSTEM)
        return self._users.owner(SYSTEM, key)

    def cookie_of(self, user: str | None) -> str | None:
        """The cookie that signs a user in; see `Credentials.cookie`. None if unknown."""
        if user is None:
            return self._credentials.cookie()
        seal = self._users.seal(SYSTEM, user)
        return None if seal is None else self._credentials.cookie(user, seal)

    def _of_cookies(self, scope: Scope, header: bytes) -> Actor | None:
        try:
            cookies = SimpleCookie(header.decode("latin-1"))
        except CookieError:
            return None
        cookie = cookies.get(cookie_name(scope))
        if cookie is None:
            return None
        if not self.is_cookie(cookie.value):
            return None
        user = cookie.value.rpartition(".")[0]
        if not user:
            return self._users.local(SYSTEM)
        return self._users.account(SYSTEM, user)

    def is_cookie(self, cookie: str) -> bool:
        """Whether a cookie signs someone in now."""
        expected = self.cookie_of(cookie.rpartition(".")[0] or None)
        return expected is not None and hmac.compare_digest(cookie.encode(), expected.encode())


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


def set_cookie(answer: Response, scope: Scope, cookie: str, *, is_https: bool) -> None:
    """Let an answer give a browser the cookie that signs it in.

    If people use the server by HTTPS, through a proxy, a browser sends the cookie by HTTPS only,
    unless the page that signed in was itself loaded without it.
    """
    origin = dict(scope["headers"]).get(b"origin", b"")
    is_secure = scope["scheme"] == "https" or (is_https and not origin.startswith(b"http://"))
    answer.set_cookie(
        cookie_name(scope),
        cookie,
        max_age=_COOKIE_SECS,
        httponly=True,
        secure=is_secure,
        # A strict cookie is not sent if the user follows a link in a web chat or web mail.
        samesite="lax",
    )


def cookie_name(scope: Scope) -> str:
    """The name of the cookie that signs a browser in."""
    # Cookies ignore ports: two servers on one machine would overwrite each other's.
    server = scope.get("server")
    return f"weft-{server[1]}" if server else "weft"
