"""Answers the pages by which a browser is signed in: `/sign-in` and all below it.

Receives requests from `local_mode`, after the checks of Host and Origin, and before any route.
Slow work, such as hashes of passwords, is in threads of its own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import structlog
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope

from weft.errors import ConfigError, Conflict, Forbidden, NotFound, Unavailable, WeftError
from weft.server.http.admission.credentials import Credentials
from weft.server.http.admission.peer import network_of
from weft.server.http.admission.proxies import client_address
from weft.server.http.answers.problems import STATUS_OF_CODE, retry_headers
from weft.server.http.sign_in.cookies import Cookies
from weft.server.http.sign_in.first_admin import MAX_LISTED, first_admin_of, first_admin_page
from weft.server.http.sign_in.forms import fields_of, read_form
from weft.server.http.sign_in.pages import (
    ROOT,
    SignInOptions,
    forgotten_page,
    invitation_page,
    message_page,
    new_password_page,
    sign_in_page,
)
from weft.server.services.access import SYSTEM, Actor
from weft.server.services.opening import Services
from weft.server.services.users import FIRST_ADMIN_PATH, BoundedThreads, NewAccount, Source
from weft.server.settings import ServerSettings

_WITH: Final = re.compile(rf"{ROOT}/with/([^/]+)(/back)?")
_WRONG_KEY: Final = "wrong key or token: paste all of it, one line"
_LIMITED_KEY: Final = (
    "this key allows less than its user may: sign in with name and password, or with a key that "
    "has no limits"
)

T = TypeVar("T")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class SignIn:
    """The pages. `key_owner` finds whose a key is."""

    def __init__(
        self,
        settings: ServerSettings,
        services: Services,
        credentials: Credentials,
        cookies: Cookies,
        key_owner: Callable[[str], Actor | None],
    ) -> None:
        self._settings = settings
        self._services = services
        self._credentials = credentials
        self._cookies = cookies
        self._key_owner = key_owner
        self._threads = BoundedThreads(
            "sign-in",
            n_threads=4,
            max_calls=80,
            busy="too many people are signing in at this moment",
        )

    def owns(self, path: str) -> bool:
        """Whether a path is one of these pages."""
        return path == ROOT or path.startswith(f"{ROOT}/")

    def page(self) -> Response:
        """The page for a browser that is not signed in, at whichever address it asked for."""
        return sign_in_page(self._options())

    async def answer(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], actor: Actor | None
    ) -> Response:
        """Answer a request for one of these pages. `actor` is who is signed in already."""
        is_post = scope["method"] == "POST"
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return message_page("Not possible", f"{scope['path']} takes GET and POST", status=405)
        form: dict[str, str] = {}
        if is_post and scope["path"] == FIRST_ADMIN_PATH:
            form = await read_form(receive, max_bytes=512 * 1024, max_fields=MAX_LISTED + 16)
        elif is_post:
            form = await read_form(receive)
        query = fields_of(scope["query_string"])
        provider = _WITH.fullmatch(scope["path"])
        try:
            if provider is not None:
                name = unquote(provider[1])
                if provider[2]:
                    return await self._return(scope, headers, name, query)
                return await self._go(scope, headers, name, query, actor)
            match scope["path"].removeprefix(ROOT):
                case "":
                    path = _local_path(query.get("path", "/"))
                    if is_post:
                        return await self.sign_in(scope, headers, form, path=path)
                    return sign_in_page(self._options(), path=path, status=200)
                case "/invitation":
                    return await self._invitation(scope, headers, query, form, actor)
                case "/first-administrator":
                    return await self._first_admin(scope, headers, query, form)
                case "/new-password":
                    return await self._new_password(scope, headers, query, form)
                case "/forgotten":
                    return self._forgotten(scope, form)
                case "/out" if is_post:
                    return await self._sign_out(scope, actor)
                case _:
                    return message_page(
                        "No such page", f"there is no page {scope['path']}", status=404
                    )
        except (Forbidden, Conflict) as error:
            return message_page("That did not work", str(error), status=403, is_error=True)
        except NotFound as error:
            return message_page("That did not work", str(error), status=404, is_error=True)
        except Unavailable as error:
            return _unavailable(error)

    async def sign_in(
        self, scope: Scope, headers: dict[bytes, bytes], form: dict[str, str], *, path: str
    ) -> Response:
        """Answer the form of the sign-in page; `path` is where it leads."""
        if "user" not in form:
            return await self._by_key(scope, headers, form.get("token", "").strip(), path)
        user, password = form.get("user", ""), form.get("password", "")
        sign_in = self._services.sign_in
        try:
            name = await self._run(
                sign_in.by_password, SYSTEM, user, password, self._source(scope, headers, user)
            )
        except Forbidden as error:
            return sign_in_page(self._options(), path=path, user=user, error=str(error))
        except Unavailable as error:
            answer = sign_in_page(
                self._options(),
                path=path,
                user=user,
                error=str(error),
                status=STATUS_OF_CODE[error.code],
            )
            answer.headers.update(retry_headers(error))
            return answer
        answer = await self.let_in(scope, headers, name, method="password", path=path)
        self._cookies.set_device(answer, scope, name)
        return answer

    async def let_in(
        self, scope: Scope, headers: dict[bytes, bytes], user: str, *, method: str, path: str
    ) -> Response:
        """Begin a session, and lead the browser to a page of this server."""
        token = await self._run(
            self._services.sessions.begin,
            SYSTEM,
            user,
            method=method,
            address=client_address(scope),
            agent=headers.get(b"user-agent", b"").decode("latin-1"),
        )
        if token is None:
            raise Forbidden("this account is disabled; ask an administrator of this server")
        answer = RedirectResponse(_local_path(path), status_code=303)
        self._cookies.set_session(answer, scope, token)
        return answer

    def let_in_owner(self, scope: Scope, path: str) -> Response:
        """Sign a browser in as the server's own user."""
        answer = RedirectResponse(_local_path(path), status_code=303)
        self._cookies.set_session(answer, scope, self._credentials.cookie)
        return answer

    async def _by_key(
        self, scope: Scope, headers: dict[bytes, bytes], key: str, path: str
    ) -> Response:
        actor = self._key_owner(key)
        if actor is None:
            return sign_in_page(self._options(), path=path, key_error=_WRONG_KEY)
        if actor.user is None:
            return self.let_in_owner(scope, path)
        if actor.key is not None and not actor.key.is_whole:
            return sign_in_page(self._options(), path=path, key_error=_LIMITED_KEY)
        return await self.let_in(scope, headers, actor.user, method="key", path=path)

    async def _go(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        name: str,
        query: dict[str, str],
        actor: Actor | None,
    ) -> Response:
        """Lead the browser to a provider."""
        link_user: str | None = None
        if "link" in query:
            # Another site could have the browser signed in at the provider as someone else first.
            if headers.get(b"sec-fetch-site") != b"same-origin" or actor is None:
                raise Forbidden("link an account at a provider from your settings, signed in")
            link_user = actor.user
        url, begun = await asyncio.wrap_future(
            self._services.oidc.begin(
                SYSTEM,
                name,
                self._redirect_uri(scope, name),
                path=_local_path(query.get("path", "/")),
                link_user=link_user,
                invitation=query.get("invitation"),
            )
        )
        answer = RedirectResponse(url, status_code=303)
        self._cookies.set_begun(answer, scope, begun)
        return answer

    async def _return(
        self, scope: Scope, headers: dict[bytes, bytes], name: str, query: dict[str, str]
    ) -> Response:
        """Receive a browser that a provider sends back."""
        cookie = headers.get(b"cookie", b"")
        begun = self._cookies.begun(scope, cookie, query.get("state", ""))
        if begun is None or begun.provider != name:
            raise Forbidden(
                "this sign-in was begun in another browser or window, or too long ago; start "
                "again from the sign-in page"
            )
        oidc, sign_in = self._services.oidc, self._services.sign_in
        person = await asyncio.wrap_future(
            oidc.finish(SYSTEM, begun, self._redirect_uri(scope, name), query)
        )
        if begun.link_user is not None:
            await self._run(sign_in.link, SYSTEM, person, begun.link_user)
            answer: Response = RedirectResponse(_local_path(begun.path), status_code=303)
        else:
            user = await self._run(
                sign_in.by_person,
                SYSTEM,
                person,
                oidc.settings(SYSTEM, name),
                invitation=begun.invitation,
            )
            answer = await self.let_in(scope, headers, user, method=name, path=begun.path)
        self._cookies.end_begun(answer, scope, begun)
        return answer

    async def _invitation(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        query: dict[str, str],
        form: dict[str, str],
        actor: Actor | None,
    ) -> Response:
        links = self._services.links
        code = query.get("code", "")
        row = await self._run(links.invitation, SYSTEM, code)
        signed_in = None if actor is None else actor.user
        new = NewAccount(
            form.get("name", "").strip(), form.get("display_name", ""), form.get("password", "")
        )
        error: tuple[str, str] | None = None
        if form.get("join") and actor is not None and actor.user is not None:
            team = await self._run(links.join, actor, code)
            return RedirectResponse("/" if team is None else f"/{team}", status_code=303)
        if form:
            try:
                user = await self._run(links.accept, SYSTEM, code, new)
            except ConfigError as wrong:
                error = wrong.field or "name", _without_field(str(wrong))
            except Conflict as wrong:
                error = "name", str(wrong)
            else:
                path = "/" if row.team is None else f"/{row.team}"
                answer = await self.let_in(scope, headers, user, method="invitation", path=path)
                self._cookies.set_device(answer, scope, user)
                return answer
        return invitation_page(
            self._options(),
            code,
            team=row.team,
            by=row.created_by,
            signed_in=signed_in,
            name=new.name,
            display_name=new.display_name,
            field_error=error,
        )

    async def _first_admin(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        query: dict[str, str],
        form: dict[str, str],
    ) -> Response:
        first_admin, code = self._services.first_admin, query.get("code", "")
        choices = await self._run(first_admin.choices, SYSTEM, code)
        if not form:
            return first_admin_page(choices)
        actor = replace(SYSTEM, address=client_address(scope))
        new = first_admin_of(form, choices)
        try:
            await self._run(first_admin.make, actor, new, code=code)
        except ConfigError as wrong:
            field = wrong.field or "name"
            return first_admin_page(choices, form, error=(field, _without_field(str(wrong))))
        except (Conflict, NotFound) as wrong:
            return first_admin_page(choices, form, error=("name", str(wrong)))
        answer = await self.let_in(scope, headers, new.name, method="link", path="/")
        self._cookies.set_device(answer, scope, new.name)
        return answer

    async def _new_password(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        query: dict[str, str],
        form: dict[str, str],
    ) -> Response:
        links = self._services.links
        code = query.get("code", "")
        user = await self._run(links.user_of_reset, SYSTEM, code)
        if not form:
            return new_password_page(user)
        try:
            await self._run(links.reset, SYSTEM, code, form.get("password", ""))
        except ConfigError as error:
            return new_password_page(user, error=_without_field(str(error)))
        answer = await self.let_in(scope, headers, user, method="link", path="/")
        self._cookies.set_device(answer, scope, user)
        return answer

    def _forgotten(self, scope: Scope, form: dict[str, str]) -> Response:
        sends_mail = self._options().sends_mail
        name = form.get("user", "").strip()
        if sends_mail and name:
            # Not waited for: the answer is the same, and as quick, for an unknown name.
            source = Source(_network(scope))
            self._threads.submit(self._forget, name, source, self._base_url(scope))
        return forgotten_page(is_sent=bool(name), sends_mail=sends_mail)

    def _forget(self, name: str, source: Source, base_url: str) -> None:
        try:
            self._services.links.forget(SYSTEM, name, source, base_url=base_url)
        except WeftError as error:
            _log.warning("no mail with a link for a new password", reason=str(error))

    async def _sign_out(self, scope: Scope, actor: Actor | None) -> Response:
        session = scope["state"].get("session")
        if actor is not None and session is not None:
            await self._run(self._services.sessions.end, actor, session, session)
        answer = RedirectResponse(ROOT, status_code=303)
        self._cookies.end_session(answer, scope)
        return answer

    def _options(self) -> SignInOptions:
        # Without it, links in mails would follow the Host header, which any client chooses.
        has_address = self._settings.public_url is not None or self._settings.loopback
        return SignInOptions(
            has_passwords=self._services.users.has_any(SYSTEM)
            and self._services.sign_in.has_passwords(SYSTEM),
            providers=self._services.oidc.titles(SYSTEM),
            lacks_admin=not self._settings.loopback and self._services.first_admin.is_due(SYSTEM),
            sends_mail=self._settings.smtp is not None and has_address,
        )

    def _source(self, scope: Scope, headers: dict[bytes, bytes], user: str) -> Source:
        device = self._cookies.device(scope, headers.get(b"cookie", b""))
        is_same = device is not None and device[0].casefold() == user.strip().casefold()
        return Source(_network(scope), device[1] if device is not None and is_same else None)

    def _redirect_uri(self, scope: Scope, name: str) -> str:
        return f"{self._base_url(scope)}{ROOT}/with/{name}/back"

    def _base_url(self, scope: Scope) -> str:
        if self._settings.public_url is not None:
            return self._settings.public_url.rstrip("/")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        return f"{scope['scheme']}://{host}"

    async def _run(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await asyncio.wrap_future(self._threads.submit(call, *args, **kwargs))


def _unavailable(error: Unavailable) -> Response:
    status = STATUS_OF_CODE[error.code]
    answer = message_page("Not possible now", str(error), status=status, is_error=True)
    answer.headers.update(retry_headers(error))
    return answer


def _network(scope: Scope) -> str:
    return network_of(client_address(scope))


def _local_path(path: str) -> str:
    """A path of this server: one that begins with `//host` leads elsewhere.

    >>> _local_path("//evil.example/x"), _local_path("/lab?x=1"), _local_path("https://evil")
    ('/evil.example/x', '/lab?x=1', '/https://evil')
    """
    printable = "".join(letter for letter in path if letter.isprintable())
    return "/" + printable.lstrip("/\\")


def _without_field(message: str) -> str:
    return message.removeprefix("password: ")
