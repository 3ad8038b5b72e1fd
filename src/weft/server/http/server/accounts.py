"""Routes of accounts: profile, password, picture, sessions, invitations."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError
from weft.server.http.admission.bodies import read_body
from weft.server.http.admission.proxies import client_address
from weft.server.http.routing.routes import BYTES, Body, Routes
from weft.server.http.server.state import ServerState
from weft.server.services.access import SYSTEM, Actor
from weft.server.services.opening import Services
from weft.server.services.users import AccountService, LinkService
from weft.wire.server import accounts as endpoints
from weft.wire.server.accounts import (
    Account,
    FirstAdmin,
    InvitationAddition,
    InvitationList,
    NewFirstAdmin,
    OneTimeLink,
    PasswordChange,
    SessionList,
    SignInFindings,
)

routes = Routes()

_PICTURE_BYTES: Final = 257 * 1024
_PICTURES: Final = {"image/png": BYTES, "image/jpeg": BYTES, "image/webp": BYTES}


@routes.answers(endpoints.get_account)
def get_account(services: Services, actor: Actor) -> Account:
    if actor.user is None:
        raise ConfigError("you are the server's own user, who has no account", field="user")
    return services.accounts.get(actor, actor.user)


@routes.answers(endpoints.change_password)
def change_password(
    change: PasswordChange,
    request: Request,
    state: ServerState,
    services: Services,
    actor: Actor,
) -> Response:
    services.accounts.change_password(actor, change)
    return Response(status_code=204, headers=stay_signed_in(request, state, services))


routes.bind(endpoints.unlink_identity, AccountService.unlink)
routes.bind(endpoints.get_user_account, AccountService.get)
routes.bind(endpoints.edit_account, AccountService.edit)


@routes.answers(endpoints.get_picture, media={**_PICTURES, "image/svg+xml": BYTES})
def get_picture(user: str, services: Services, actor: Actor) -> Response:
    picture = services.accounts.picture(actor, user)
    headers = {
        "Cache-Control": "private, max-age=300",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(picture.content, media_type=picture.media_type, headers=headers)


@routes.answers(endpoints.set_picture, body=Body(_PICTURES, "the picture"))
async def set_picture(user: str, request: Request, services: Services, actor: Actor) -> None:
    content = await read_body(request.scope, request.receive, _PICTURE_BYTES)
    await run_in_threadpool(services.accounts.set_picture, actor, user, content)


@routes.answers(endpoints.remove_picture)
def remove_picture(user: str, services: Services, actor: Actor) -> None:
    services.accounts.set_picture(actor, user, None)


@routes.answers(endpoints.create_password_link, status=201)
def create_password_link(
    user: str, request: Request, state: ServerState, services: Services, actor: Actor
) -> OneTimeLink:
    return services.links.create_password_link(actor, user, base_url=state.url_of(request))


@routes.answers(endpoints.list_sessions)
def list_sessions(request: Request, services: Services, actor: Actor) -> SessionList:
    return SessionList(services.sessions.list(actor, request.scope["state"].get("session")))


@routes.answers(endpoints.end_session)
def end_session(
    session: str, request: Request, state: ServerState, services: Services, actor: Actor
) -> Response:
    current: int | None = request.scope["state"].get("session")
    answer = Response(status_code=204)
    if session == "current":
        state.cookies.end_session(answer, request.scope)
    row_id = current if session == "current" else int(session) if session.isdecimal() else -1
    if row_id is not None:
        services.sessions.end(actor, row_id, current)
    return answer


@routes.answers(endpoints.end_other_sessions)
def end_other_sessions(request: Request, services: Services, actor: Actor) -> None:
    services.sessions.end_others(actor, request.scope["state"].get("session"))


@routes.answers(endpoints.list_invitations)
def list_invitations(
    services: Services, actor: Actor, *, team: str | None = None
) -> InvitationList:
    return InvitationList(services.links.list(actor, team))


@routes.answers(endpoints.invite, status=201)
def invite(
    new: InvitationAddition,
    request: Request,
    state: ServerState,
    services: Services,
    actor: Actor,
) -> OneTimeLink:
    return services.links.invite(actor, new, base_url=state.url_of(request))


@routes.answers(endpoints.invite_again, status=201)
def invite_again(
    invitation: int, request: Request, state: ServerState, services: Services, actor: Actor
) -> OneTimeLink:
    return services.links.invite_again(actor, invitation, base_url=state.url_of(request))


routes.bind(endpoints.withdraw_invitation, LinkService.withdraw)


@routes.answers(endpoints.add_first_admin, status=201)
def add_first_admin(
    new: FirstAdmin, request: Request, state: ServerState, services: Services, actor: Actor
) -> NewFirstAdmin:
    return services.first_admin.make(actor, new, base_url=state.url_of(request))


@routes.answers(endpoints.check_sign_in)
def check_sign_in(services: Services, actor: Actor) -> SignInFindings:
    return SignInFindings(services.sign_in_check.check(actor))


def stay_signed_in(request: Request, state: ServerState, services: Services) -> dict[str, str]:
    """The header by which the browser of a request stays signed in, where the user's other
    sessions have ended; none if the request is not a browser's.
    """
    user = request.scope["state"]["actor"].user
    if user is None or request.scope["state"].get("session") is None:
        return {}
    token = services.sessions.begin(
        SYSTEM,
        user,
        method="password",
        address=client_address(request.scope),
        agent=request.headers.get("user-agent", ""),
    )
    answer = Response()
    if token is not None:
        state.cookies.set_session(answer, request.scope, token)
    return {"Set-Cookie": answer.headers["set-cookie"]}
