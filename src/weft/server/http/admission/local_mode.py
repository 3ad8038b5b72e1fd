"""Decides who may use a server without accounts: its own user, and anyone with its token.

Receives every request before any route; passes on those it allows, with `state["actor"]` set.

The rules (`docs/decisions/0005-local-mode-security.md`):
    Once     Host and Origin may appear once, because programs differ in which of two they use.
    Host     must name this machine (localhost, 127.0.0.1, [::1]; any port, for tunnels), so that
             a foreign name that resolves here (DNS rebinding) is refused.
    Origin   if present, must be the server's own; `null` and others are refused. So are
             requests that a browser marks as coming from another site, except plain navigation
             and a frame whose address has the frame code (`weft.records.frame_code`).
    Who      the peer's socket belongs to the server's own user, or the request carries the token:
             as `Authorization: Bearer`, or as the cookie that a browser got for a one-time
             address or for the token (`sign_in`). The documents for users, and the files of the
             web app that show them, need neither: they are in every wheel.

A server that listens beyond loopback requires the token from everyone, and accepts any Host.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from weft.records.frame_code import FRAME_PARAMETER, frame_code
from weft.server.http.admission.peer import Peer
from weft.server.http.admission.sign_in import is_sign_in, read_token, sign_in_page
from weft.server.http.answers.problems import problem
from weft.server.http.answers.web import is_public
from weft.server.services.access import LOCAL
from weft.server.settings import is_loopback

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""Answered for everyone, because they only tell that a server runs."""

_MAX_LOGIN_CODES: Final = 32
_READING: Final = frozenset({"GET", "HEAD"})
_SAME_SITE: Final = frozenset({b"same-origin", b"none"})
_COOKIE_SECS: Final = 180 * 86_400

_NEEDS_TOKEN: Final = (
    "this server needs its token: set WEFT_API_KEY to the text of `token` in the server's data "
    "directory, or ask its owner for a sign-in link"
)


class Credentials:
    """The server's token and what is derived from it.

    Attributes:
        token: allows its owner everything.
        frame: a code that lets a page of this machine show the web app in a frame.
        cookie: what a browser stores instead of the token; not accepted as a token.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.frame = frame_code(token)
        self.cookie = hmac.new(token.encode(), b"weft browser cookie", hashlib.sha256).hexdigest()
        self._codes: list[str] = []
        self._lock = threading.Lock()

    def new_login_code(self) -> str:
        """Make a code for one address `/?token=CODE`; only the newest 32 unused codes work."""
        code = secrets.token_urlsafe(16)
        with self._lock:
            self._codes = [*self._codes[-_MAX_LOGIN_CODES + 1 :], code]
        return code

    def use_login_code(self, code: str) -> bool:
        """Use up a code; return whether it was valid."""
        with self._lock:
            for known in self._codes:
                if hmac.compare_digest(known.encode(), code.encode()):
                    self._codes.remove(known)
                    return True
        return False


class LocalMode:
    """ASGI middleware that passes on only requests that the rules above allow."""

    def __init__(self, app: ASGIApp, *, credentials: Credentials, loopback: bool) -> None:
        self._app = app
        self._credentials = credentials
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        answer = self._refused_site(scope, headers)
        if answer is None and is_sign_in(scope, headers):
            answer = self._signed_in(scope, await read_token(receive))
        elif answer is None:
            answer = self._refused_asker(scope, headers)
        if answer is not None:
            await answer(scope, receive, send)
            return
        scope["state"]["actor"] = LOCAL
        await self._app(scope, receive, send)

    def _refused_site(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        if len(headers) < len(scope["headers"]) and _is_ambiguous(scope):
            return problem(scope, 400, "more than one Host or Origin header", code="invalid")
        host = headers.get(b"host", b"").decode("latin-1")
        if self._loopback and not is_loopback(host_name(host)):
            return problem(scope, 403, f"this server answers to localhost only, not to {host!r}")
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1") not in _origins(host):
            return problem(scope, 403, "requests from other sites are refused")
        may_frame = self._loopback and self._has_frame_code(scope)
        scope["state"]["may_frame"] = may_frame
        if not _same_site(scope, headers, may_frame=may_frame):
            return problem(scope, 403, "requests from other sites are refused")
        return None

    def _refused_asker(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        if scope["path"] in OPEN_PATHS:
            return None
        if b"token=" in scope["query_string"] and scope["method"] == "GET":
            login = self._login(scope)
            if login is not None:
                return login
        if self._is_known(scope, headers):
            peer = scope["state"].get("peer")
            if isinstance(peer, Peer):
                peer.admit()
            return None
        if is_public(scope["path"]) and scope["method"] in _READING:
            return None
        if headers.get(b"accept", b"").startswith(b"text/html"):
            return sign_in_page()
        return problem(
            scope, 401, _NEEDS_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="weft"'}
        )

    def _has_frame_code(self, scope: Scope) -> bool:
        query = scope["query_string"]
        if scope["method"] != "GET" or FRAME_PARAMETER.encode() not in query:
            return False
        codes = dict(parse_qsl(query.decode("latin-1"))).get(FRAME_PARAMETER, "")
        return hmac.compare_digest(codes.encode(), self._credentials.frame.encode())

    def _is_known(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        expected = self._credentials.token.encode()
        if scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), expected):
            return True
        # A wrong token may be meant for another server, so the server's own user still passes.
        peer: Any = scope["state"].get("peer")
        if self._loopback and isinstance(peer, Peer) and peer.is_own_user():
            return True
        cookie = headers.get(b"cookie")
        return cookie is not None and self._has_cookie(scope, cookie)

    def _has_cookie(self, scope: Scope, header: bytes) -> bool:
        try:
            cookies = SimpleCookie(header.decode("latin-1"))
        except CookieError:
            return False
        found = cookies.get(_cookie_name(scope))
        expected = self._credentials.cookie.encode()
        return found is not None and hmac.compare_digest(found.value.encode(), expected)

    def _login(self, scope: Scope) -> Response | None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        codes = [value for name, value in query if name == "token"]
        if len(codes) != 1 or not self._credentials.use_login_code(codes[0]):
            return None
        return self._let_in(scope)

    def _signed_in(self, scope: Scope, token: str | None) -> Response:
        expected = self._credentials.token.encode()
        if token is None or not hmac.compare_digest(token.encode(), expected):
            return sign_in_page(is_wrong=True)
        return self._let_in(scope)

    def _let_in(self, scope: Scope) -> Response:
        """Redirect the browser to the page that it asked for, with a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # Always a path of this server: one that began with `//host` would lead elsewhere.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
        answer.set_cookie(
            _cookie_name(scope),
            self._credentials.cookie,
            max_age=_COOKIE_SECS,
            httponly=True,
            # A strict cookie is not sent if the user follows a link in a web chat or web mail.
            samesite="lax",
        )
        return answer


def _is_ambiguous(scope: Scope) -> bool:
    # A proxy may use the first one, and this server the last.
    names = [name for name, _ in scope["headers"]]
    return names.count(b"host") > 1 or names.count(b"origin") > 1


def host_name(host: str) -> str:
    """The name in a Host header, without the port.

    >>> host_name("localhost:8080"), host_name("[::1]:8080"), host_name("[::1]")
    ('localhost', '::1', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _origins(host: str) -> tuple[str, str]:
    return f"http://{host}", f"https://{host}"


def _same_site(scope: Scope, headers: dict[bytes, bytes], *, may_frame: bool) -> bool:
    # Browsers send no Origin with a cross-site GET, but they send Sec-Fetch-Site. Another port of
    # localhost is "same-site" to them, but another program to this server.
    site = headers.get(b"sec-fetch-site")
    if site is None or site in _SAME_SITE:
        return True
    is_navigation = headers.get(b"sec-fetch-mode") == b"navigate"
    target = headers.get(b"sec-fetch-dest")
    is_allowed = target == b"document" or (target == b"iframe" and may_frame)
    return scope["method"] == "GET" and is_navigation and is_allowed


def _cookie_name(scope: Scope) -> str:
    # Cookies ignore ports: two servers on one machine would overwrite each other's.
    server = scope.get("server")
    return f"weft-{server[1]}" if server else "weft"
