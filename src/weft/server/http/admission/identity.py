"""The user of a request: by its key, its cookie, a trusted proxy, or the owner of its socket.

A sent key decides: a request with a key is the key's owner's, even if it comes from the server's
own user. A key that no one has is refused, except from the server's own user while there are no
users. Then the header of a proxy that signs people in decides, then the browser's session.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from weft.errors import WeftError
from weft.server.http.admission.credentials import Credentials
from weft.server.http.admission.peer import Peer
from weft.server.http.admission.proxies import TrustedProxies, came_through_proxy
from weft.server.http.sign_in.cookies import Cookies
from weft.server.services.access import SYSTEM, Actor
from weft.server.services.opening import Services
from weft.server.services.users import is_well_formed
from weft.server.settings import ServerSettings

_CLIENT_USER: Final = "api"


class Identities:
    """Finds out whose a request is."""

    def __init__(
        self,
        settings: ServerSettings,
        services: Services,
        credentials: Credentials,
        cookies: Cookies,
    ) -> None:
        self._users = services.users
        self._sessions = services.sessions
        self._sign_in = services.sign_in
        self._credentials = credentials
        self._cookies = cookies
        self._loopback = settings.loopback
        self._proxies = TrustedProxies(settings.trusted_proxies)
        header = settings.sign_in_header
        self._header = None if header is None else header.lower().encode()

    async def of_request(self, scope: Scope, headers: dict[bytes, bytes]) -> Actor | None:
        """The user of a request. None if it names no user, or has an unknown key."""
        if self._users.is_behind(SYSTEM):
            await run_in_threadpool(self._users.catch_up, SYSTEM)
        key = sent_key(headers) or sent_password(headers)
        if key is not None:
            return await self._of_sent(scope, key)
        if self._header is not None and self._header in headers:
            actor = await self._of_proxy(scope, headers[self._header])
            if actor is not None:
                return actor
        cookie = headers.get(b"cookie")
        if cookie is not None:
            actor = await self._of_cookie(scope, cookie)
            if actor is not None:
                return actor
        return self._users.local(SYSTEM) if self._is_own(scope) else None

    async def _of_sent(self, scope: Scope, key: str) -> Actor | None:
        """The user of a key that was sent.

        The official client of W&B always sends one, and its variable is read by weft's client,
        too. Without users, the server's own user needs none, so that any well-formed one will do.
        """
        actor = self.of_key(key)
        if actor is not None or not is_well_formed(key):
            return actor
        await run_in_threadpool(self._users.refresh, SYSTEM)
        # Also if it changed nothing: the directory may have been read since the look-up above.
        actor = self.of_key(key)
        if actor is not None:
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

    async def _of_proxy(self, scope: Scope, value: bytes) -> Actor | None:
        """The user whom the header names, if the connection is a trusted proxy's own."""
        peer: Any = scope["state"].get("peer")
        text = value.decode("latin-1").strip()
        is_trusted = (
            isinstance(peer, Peer)
            and peer.client is not None
            and self._proxies.trusts(peer.client[0])
        )
        if not is_trusted or not text:
            return None
        try:
            name = self._sign_in.proxy_user(SYSTEM, text)
            if name is None:
                name = await run_in_threadpool(self._sign_in.by_proxy, SYSTEM, text)
        except WeftError:
            return None
        return self._users.account(SYSTEM, name)

    async def _of_cookie(self, scope: Scope, header: bytes) -> Actor | None:
        token = self._cookies.session(scope, header)
        if not token:
            return None
        if self._credentials.is_cookie(token):
            return self._users.local(SYSTEM)
        session = self._sessions.cached(SYSTEM, token)
        if session is None:
            session = await run_in_threadpool(self._sessions.find_session, SYSTEM, token)
        if session is None and await run_in_threadpool(self._users.refresh, SYSTEM):
            session = await run_in_threadpool(self._sessions.find_session, SYSTEM, token)
        if session is None:
            return None
        scope["state"]["session"] = session.row_id
        return self._users.account(SYSTEM, session.user)


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
