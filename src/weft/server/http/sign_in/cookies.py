"""The cookies of signing in: a session, a mark that a user signed in before, a begun sign-in; and
of whose view an admin takes.

Behind HTTPS the names begin with `__Host-`: neither another site of the domain nor a page loaded
without HTTPS can set such a cookie.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from typing import Final

import msgspec
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from weft.server.http.admission.credentials import Credentials
from weft.server.services.access import Actor
from weft.server.services.users import BEGUN_SECS as BEGUN_SECS
from weft.server.services.users import Begun

_SESSION_SECS: Final = 90 * 86_400
_DEVICE_SECS: Final = 400 * 86_400
"""The longest that browsers keep a cookie."""

_SECURE: Final = "__Host-"

SEE_AS_SECS: Final = 2 * 3600
"""The longest that an admin looks as someone else before they choose to again."""


class SeeAsState(msgspec.Struct, frozen=True, array_like=True):
    """The view that an admin takes in one browser, as a user or a role (`SeenAs`).

    `entity` and `project` are where it was chosen.
    """

    role: str | None
    user: str | None
    entity: str
    project: str
    until_micros: int


class Cookies:
    """Reads and sets the cookies of a server. `is_https` if people use it by HTTPS; `port` is in
    their names, by default the one that the server listens on.
    """

    def __init__(
        self, credentials: Credentials, *, is_https: bool, port: int | None = None
    ) -> None:
        self._credentials = credentials
        self._is_https = is_https
        self._port = port

    def session(self, scope: Scope, header: bytes) -> str | None:
        """The token of a browser's session."""
        return self._read(scope, header, "")

    def set_session(self, answer: Response, scope: Scope, token: str) -> None:
        self._set(answer, scope, "", token, _SESSION_SECS)

    def end_session(self, answer: Response, scope: Scope) -> None:
        self._set(answer, scope, "", "", 0)

    def device(self, scope: Scope, header: bytes) -> tuple[str, str] | None:
        """The user who has signed in in this browser before, and the browser's code."""
        value = self._read(scope, header, "-device") or ""
        text, _, code = value.rpartition(".")
        user, _, device = text.rpartition(".")
        if not user or not hmac.compare_digest(code.encode(), self._sign("device", text).encode()):
            return None
        return user, device

    def set_device(self, answer: Response, scope: Scope, user: str) -> None:
        """Note that a user has signed in in this browser."""
        text = f"{user}.{secrets.token_hex(8)}"
        self._set(answer, scope, "-device", f"{text}.{self._sign('device', text)}", _DEVICE_SECS)

    def begun(self, scope: Scope, header: bytes, state: str) -> Begun | None:
        """The sign-in by a provider that this browser has begun, if its state is this."""
        value = self._read(scope, header, f"-begun-{_short(state)}") or ""
        text, _, code = value.rpartition(".")
        if not hmac.compare_digest(code.encode(), self._sign("begun", text).encode()):
            return None
        try:
            content = base64.urlsafe_b64decode(text)
            return msgspec.msgpack.decode(content, type=Begun)
        except (msgspec.DecodeError, binascii.Error, ValueError):
            return None

    def set_begun(self, answer: Response, scope: Scope, begun: Begun) -> None:
        text = base64.urlsafe_b64encode(msgspec.msgpack.encode(begun)).decode()
        value = f"{text}.{self._sign('begun', text)}"
        self._set(answer, scope, f"-begun-{_short(begun.state)}", value, int(BEGUN_SECS))

    def end_begun(self, answer: Response, scope: Scope, begun: Begun) -> None:
        self._set(answer, scope, f"-begun-{_short(begun.state)}", "", 0)

    def see_as(self, scope: Scope, header: bytes, actor: Actor) -> SeeAsState | None:
        """The view that this actor took, in this session and not too long ago."""
        value = self._read(scope, header, "-see-as")
        if value is None:
            return None
        text, _, code = value.rpartition(".")
        expected = self._sign("see-as", f"{_holder(scope, actor)} {text}")
        if not hmac.compare_digest(code.encode(), expected.encode()):
            return None
        seen = msgspec.msgpack.decode(base64.urlsafe_b64decode(text), type=SeeAsState)
        return seen if seen.until_micros > time.time_ns() // 1000 else None

    def set_see_as(self, answer: Response, scope: Scope, actor: Actor, seen: SeeAsState) -> None:
        """Have a browser show a view until it is closed, in this session of this actor alone."""
        text = base64.urlsafe_b64encode(msgspec.msgpack.encode(seen)).decode()
        code = self._sign("see-as", f"{_holder(scope, actor)} {text}")
        self._set(answer, scope, "-see-as", f"{text}.{code}", None)

    def end_see_as(self, answer: Response, scope: Scope) -> None:
        self._set(answer, scope, "-see-as", "", 0)

    def _sign(self, purpose: str, text: str) -> str:
        return self._credentials.sign(f"weft {purpose} {text}")

    def _read(self, scope: Scope, header: bytes, ending: str) -> str | None:
        name = self._name(scope) + ending
        if name.encode() not in header:
            return None
        cookies = cookie_parser(header.decode("latin-1"))
        value = cookies.get(_SECURE + name)
        if value is None and scope["scheme"] != "https":
            value = cookies.get(name)
        return value

    def _set(
        self, answer: Response, scope: Scope, ending: str, value: str, secs: int | None
    ) -> None:
        is_secure = self._is_secure(scope)
        answer.set_cookie(
            (_SECURE if is_secure else "") + self._name(scope) + ending,
            value,
            max_age=secs,
            httponly=True,
            secure=is_secure,
            # A strict cookie is not sent if the user follows a link in a web chat or web mail.
            samesite="lax",
        )

    def _name(self, scope: Scope) -> str:
        # Cookies ignore ports: two servers on one machine would overwrite each other's.
        if self._port is not None:
            return f"weft-{self._port}"
        server = scope.get("server")
        return f"weft-{server[1]}" if server else "weft"

    def _is_secure(self, scope: Scope) -> bool:
        """Whether a browser sends the cookie by HTTPS only: not if the page that signs in was
        itself loaded without it.
        """
        origin = dict(scope["headers"]).get(b"origin", b"")
        is_plain = origin.startswith(b"http://")
        return scope["scheme"] == "https" or (self._is_https and not is_plain)


def _holder(scope: Scope, actor: Actor) -> str:
    """The session that it ends with, and no other user of the browser gets it."""
    return f"{actor.kind} {actor.user} {scope['state'].get('session')}"


def _short(state: str) -> str:
    return "".join(filter(str.isalnum, state))[:12]
