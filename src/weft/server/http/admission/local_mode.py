"""Decides who may use a server: its own user, anyone with its token, and users with a key.

Receives every request before any route; passes on those it allows, with `state["actor"]` set.

The rules (`docs/decisions/0005-local-mode-security.md`):
    Once     Host, Origin and the header of a proxy's sign-in may appear once, because programs
             differ in which of two they use.
    Host     must name this machine (localhost, 127.0.0.1, [::1]; any port, for tunnels), so that
             a foreign name that resolves here (DNS rebinding) is refused.
    Origin   if present, must be the server's own; `null` and others are refused. So are
             requests that a browser marks as coming from another site, except plain navigation
             and a frame whose address has the frame code (`weft.records.frame_code`).
    Who      the request carries the server's token or a user's key: as `Authorization: Bearer`,
             or as the cookie that a browser got for a one-time address or for a key (`sign_in`).
             Without any of these, the peer's socket belongs to the server's own user, and no
             header shows that a proxy passed the request on. The documents for users, and the
             files of the web app that show them, need neither: they are in every wheel. Anyone may
             read public projects (`guests`). Nor do addresses that are signed: who has one may use
             it, from any site. The page and data of a share are read by the code in its address
             alone. An admin may look as someone else does (`Weft-See-As`, or a cookie):
             that takes rights away and adds none.

A server that listens beyond loopback, or that a proxy makes public, requires a key from everyone,
and accepts any Host.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from weft.records.frame_code import FRAME_PARAMETER
from weft.server.http.admission.credentials import Credentials
from weft.server.http.admission.endings import end_with_key
from weft.server.http.admission.guests import is_of_public_project, moved_page
from weft.server.http.admission.identity import Identities, sent_key, sent_password
from weft.server.http.admission.peer import Peer
from weft.server.http.admission.proxies import client_address
from weft.server.http.answers.link_preview import SHARE_PAGES
from weft.server.http.answers.problems import problem
from weft.server.http.answers.web import LOOPBACK_SITES, is_public
from weft.server.http.sign_in.app import SignIn
from weft.server.http.sign_in.cookies import Cookies
from weft.server.http.sign_in.forms import is_form, read_form
from weft.server.services.access import ANYONE, SYSTEM, Actor, Role, SeenAs, SharedLink
from weft.server.services.opening import Services
from weft.server.settings import ServerSettings, is_loopback
from weft.wire.endpoint import API_PATH

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""Answered for everyone, because they only tell that a server runs."""

SHARED_DATA: Final = f"{API_PATH}/shared/"
"""Addresses of these and of `SHARE_PAGES` open by the code in them, and by nothing else."""

_READING: Final = frozenset({"GET", "HEAD"})
SEE_AS: Final = b"weft-see-as"
"""The header of an admin whose program looks as another role; browsers have a cookie."""

_SEEN_AS: Final = {
    b"viewer": SeenAs(Role.VIEWER),
    b"member": SeenAs(Role.MEMBER),
    b"none": SeenAs(),
}
_SAME_SITE: Final = frozenset({b"same-origin", b"none"})

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_NEEDS_KEY: Final = (
    "this server needs a key: set WEFT_API_KEY to yours, or to the text of `token` in the "
    "server's data directory; or ask its owner for a sign-in link"
)
_UNKNOWN_KEY: Final = (
    "this server does not know the key that was sent: `weft login` saves another one, and "
    "`weft server user add` makes one"
)


class LocalMode:
    """ASGI middleware that passes on only requests that the rules above allow.

    `is_open` tells of a path whether its signature replaces the key. If `refuse` makes no answer
    to a request without a key, it is a problem document.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServerSettings,
        services: Services,
        credentials: Credentials,
        is_open: Callable[[str], bool] = lambda _: False,
        refuse: Callable[[Scope, str], Response | None] = lambda _, __: None,
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._is_open = is_open
        self._users = services.users
        self._sharing = services.sharing
        self._shared = services.shared
        self._keys = services.keys
        self._login_codes = services.login_codes
        self._credentials = credentials
        self._cookies = Cookies(credentials, is_https=settings.is_https, port=settings.cookie_port)
        self._identities = Identities(settings, services, credentials, self._cookies)
        self._sign_in = SignIn(
            settings, services, credentials, self._cookies, self._identities.of_key
        )
        self._loopback = settings.loopback
        sites = settings.embed_sites
        self._embedded_by = "*" if "*" in sites else " ".join(("'self'", *sites))
        self._may_embed = bool(sites)
        header = settings.sign_in_header
        self._single = ("Host", "Origin", *([] if header is None else [header]))
        public_url = settings.public_url
        self._public_url = public_url
        self._public_origin = None if public_url is None else origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_open(scope["path"]):
            headers: dict[bytes, bytes] = dict(scope["headers"])
            link = _shared_link(scope["path"])
            may_frame = link is not None and await run_in_threadpool(self._admit, scope, link)
            answer = self._refused_site(scope, headers, may_frame=may_frame)
            if answer is None and link is None:
                answer = await self._answer(scope, receive, headers)
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]
    ) -> Response | None:
        """The answer that signs a browser in, or refuses; None if the request passes."""
        if self._sign_in.owns(scope["path"]):
            actor = await self._identities.of_request(scope, headers)
            return await self._sign_in.answer(scope, receive, headers, actor)
        if is_form(scope, headers):
            path = _address_without_code(scope)
            return await self._sign_in.sign_in(scope, headers, await read_form(receive), path=path)
        if b"token=" in scope["query_string"] and scope["method"] == "GET":
            login = await self._login(scope, headers)
            if login is not None:
                return login
        return await self._refused_asker(scope, headers)

    def _admit(self, scope: Scope, link: SharedLink) -> bool:
        """Make a request one of a share's reader; whether other sites may show its page.

        It gets no rights that its sender had, so that everyone sees the same.
        """
        actor = self._sharing.reader(SYSTEM, link)
        scope["state"]["actor"] = actor or ANYONE
        if actor is None or not scope["path"].startswith(SHARE_PAGES):
            return False
        heading = self._shared.heading(actor, link)
        scope["state"]["share"] = heading
        scope["state"]["base_url"] = self._public_url
        return heading is not None and heading.may_embed and self._may_embed

    def _refused_site(
        self, scope: Scope, headers: dict[bytes, bytes], *, may_frame: bool
    ) -> Response | None:
        if len(headers) < len(scope["headers"]):
            name = self._ambiguous_header(scope)
            if name is not None:
                return problem(scope, 400, f"more than one {name} header", code="invalid")
        host = headers.get(b"host", b"").decode("latin-1")
        if self._loopback and not is_loopback(host_name(host)):
            detail = (
                f"this server answers to localhost only, not to {host!r}; if people use it by "
                "that name, through a proxy, start it with --public-url"
            )
            return problem(scope, 403, detail)
        origin = headers.get(b"origin")
        if origin is not None and not self._is_own_origin(scope, origin.decode("latin-1"), host):
            return problem(scope, 403, "requests from other sites are refused")
        scope["state"]["framed_by"] = self._embedded_by if may_frame else None
        if not may_frame and self._loopback and self._has_frame_code(scope):
            scope["state"]["framed_by"] = LOOPBACK_SITES
        may_frame = scope["state"]["framed_by"] is not None
        if not _same_site(scope, headers, may_frame=may_frame):
            return problem(scope, 403, "requests from other sites are refused")
        return None

    def _ambiguous_header(self, scope: Scope) -> str | None:
        # A proxy may use the first one, or add its own to a client's, and this server the last.
        names = [name for name, _ in scope["headers"]]
        return next(
            (name for name in self._single if names.count(name.lower().encode()) > 1), None
        )

    def _is_own_origin(self, scope: Scope, origin: str, host: str) -> bool:
        if origin == self._public_origin or origin == f"https://{host}":
            return True
        # Where the client has come by HTTPS, the page of the same name without it may be forged.
        return scope["scheme"] != "https" and origin == f"http://{host}"

    async def _refused_asker(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        if scope["path"] in OPEN_PATHS:
            return None
        actor = await self._identities.of_request(scope, headers)
        if actor is not None:
            role = headers.get(SEE_AS)
            if role is not None and role not in _SEEN_AS:
                return problem(scope, 400, "Weft-See-As must be viewer, member or none")
            seen_as = _SEEN_AS.get(role or b"") or self._seen_as(scope, headers, actor)
            actor = replace(actor, address=client_address(scope), seen_as=seen_as)
            scope["state"]["actor"] = actor
            if actor.key is not None:
                self._keys.used(actor)
                end_with_key(scope, actor)
            peer = scope["state"].get("peer")
            if isinstance(peer, Peer):
                peer.admit()
            return moved_page(scope, headers, actor)
        if is_public(scope["path"]) and scope["method"] in _READING:
            return None
        key = sent_key(headers) or sent_password(headers)
        anyone = None if key is not None else self._users.anyone(SYSTEM)
        if anyone is not None and is_of_public_project(scope, anyone):
            scope["state"]["actor"] = replace(anyone, address=client_address(scope))
            return moved_page(scope, headers, anyone)
        if headers.get(b"accept", b"").startswith(b"text/html"):
            return self._sign_in.page()
        if key is None:
            reason = _NEEDS_KEY
        else:
            reason = self._users.key_refusal(SYSTEM, key) or _UNKNOWN_KEY
        return self._refuse(scope, reason) or problem(
            scope, 401, reason, headers={"WWW-Authenticate": 'Bearer realm="weft"'}
        )

    def _seen_as(self, scope: Scope, headers: dict[bytes, bytes], actor: Actor) -> SeenAs | None:
        """The view that the actor takes in this browser; None for their own."""
        cookie = headers.get(b"cookie")
        if cookie is None or b"authorization" in headers:
            return None  # a program's request, with a key
        state = self._cookies.see_as(scope, cookie, actor)
        if state is None:
            return None
        scope["state"]["see_as"] = state
        role = None if state.role is None else Role.parse(state.role)
        return SeenAs(role, state.user)

    def _has_frame_code(self, scope: Scope) -> bool:
        query = scope["query_string"]
        if scope["method"] != "GET" or FRAME_PARAMETER.encode() not in query:
            return False
        codes = dict(parse_qsl(query.decode("latin-1"))).get(FRAME_PARAMETER, "")
        return hmac.compare_digest(codes.encode(), self._credentials.frame.encode())

    async def _login(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        codes = [value for name, value in query if name == "token"]
        if len(codes) != 1:
            return None
        code = await run_in_threadpool(self._login_codes.use, SYSTEM, codes[0])
        if code is None:
            return None
        path = _address_without_code(scope)
        if code.user is None:
            return self._sign_in.let_in_owner(scope, path)
        if self._users.seal(SYSTEM, code.user) != code.seal:
            return None
        return await self._sign_in.let_in(scope, headers, code.user, method="link", path=path)


def _shared_link(path: str) -> SharedLink | None:
    """The link in the address of a share's page or data; None in other addresses."""
    for prefix in (SHARE_PAGES, SHARED_DATA):
        if path.startswith(prefix):
            return SharedLink.parse(path.removeprefix(prefix).partition("/")[0])
    return None


def _address_without_code(scope: Scope) -> str:
    """The page that a browser asked for, without the code of a sign-in link."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    other_parameters = urlencode([(name, value) for name, value in query if name != "token"])
    return f"{scope['path']}?{other_parameters}" if other_parameters else scope["path"]


def host_name(host: str) -> str:
    """The name in a Host header, without the port.

    >>> host_name("localhost:8080"), host_name("[::1]:8080"), host_name("[::1]")
    ('localhost', '::1', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def origin_of(url: str) -> str:
    """The origin of an address, as browsers send it.

    >>> origin_of("https://Weft.example.org:443/lab"), origin_of("http://[::1]:8080")
    ('https://weft.example.org', 'http://[::1]:8080')
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


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
