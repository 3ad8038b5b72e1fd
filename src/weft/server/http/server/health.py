"""Routes that report whether the server works, and which server it is."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.errors import Unavailable
from weft.runlog.platform import login_name
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.sharing import ORDINARY
from weft.server.http.routing.routes import Routes
from weft.server.http.server.figures import MEDIA_TYPE, RequestFigures, figures_text
from weft.server.http.server.state import ServerState
from weft.server.http.sign_in.cookies import SeeAsState
from weft.server.services.access import SERVER, SYSTEM, Action, Actor, may, require
from weft.server.services.opening import Services
from weft.server.settings import ServerSettings
from weft.wire.server import server as endpoints
from weft.wire.server.server import Health, LoginAddress, ServerInfo, Sight

routes = Routes()

_READY_SECS: Final = 2.0
"""The longest wait for the stores: one that hangs takes longer to fail."""


@routes.answers(endpoints.healthz, any_query=True)
async def healthz(request: Request, state: ServerState) -> Health:
    return _health(request, state)


def _health(request: Request, state: ServerState) -> Health:
    scheme = "https" if request.url.scheme == "https" else "http"
    return Health(server=state.server_id, scheme=scheme)


@routes.answers(endpoints.readyz, any_query=True)
async def readyz(request: Request, state: ServerState, services: Services) -> Health:
    if not state.is_ready:
        raise Unavailable("the server is starting or stopping")
    following = services.following.info(SYSTEM)
    if following is not None and following.error is not None:
        raise Unavailable(following.error)
    look = asyncio.wrap_future(services.readiness.look(SYSTEM))
    # Without work, and in the threads that answer other requests: it waits as they do.
    turn = asyncio.ensure_future(ORDINARY.run(SYSTEM, _do_nothing, request.receive))
    try:
        await asyncio.wait({look, turn}, timeout=_READY_SECS)
        if not look.done():
            raise Unavailable("the metadata database, the disk or the points do not answer")
        if not turn.done():
            raise Unavailable("requests wait for a thread: the server is busy with others")
    finally:
        turn.cancel()
    reason = look.result()
    if reason is not None:
        raise Unavailable(reason)
    return _health(request, state)


def _do_nothing() -> None:
    return


@routes.answers(endpoints.server_metrics, media={"text/plain": {"type": "string"}}, any_query=True)
async def server_metrics(
    actor: Actor, heavy: HeavyWork, requests: RequestFigures, services: Services
) -> Response:
    require(actor, Action.ADMIN, SERVER)
    return Response(figures_text(requests, heavy, services), media_type=MEDIA_TYPE)


@routes.answers(endpoints.get_server)
async def get_server(
    request: Request, state: ServerState, services: Services, actor: Actor
) -> ServerInfo:
    require(actor, Action.READ, SERVER)
    is_admin = may(actor, Action.ADMIN, SERVER)
    return ServerInfo(
        version=state.version,
        server=state.server_id,
        mode=state.settings.mode,
        url=state.url_of(request),
        user=_user_of(actor, state.settings),
        account=actor.user,
        entity=actor.entity,
        is_admin=is_admin,
        seen_as=_sight_of(request),
        data=str(state.settings.data) if is_admin else None,
        embed_sites=list(state.settings.embed_sites),
        following=services.following.info(actor),
    )


def _sight_of(request: Request) -> Sight | None:
    seen: SeeAsState | None = request.scope["state"].get("see_as")
    if seen is None:
        return None
    return Sight(
        user=seen.user,
        role=seen.role,
        entity=seen.entity,
        project=seen.project,
        until_micros=seen.until_micros,
    )


def _user_of(actor: Actor, settings: ServerSettings) -> str | None:
    """The user whose runs count as the caller's own; None if unknown.

    Without accounts it is known only if the server is for this machine alone: it is the user who
    started the server.
    """
    if actor.kind == "anyone":
        return None
    if actor.user is not None or not settings.loopback or settings.public_url is not None:
        return actor.user
    return login_name()


@routes.answers(endpoints.new_login_address, status=201)
def new_login_address(
    request: Request, state: ServerState, services: Services, actor: Actor
) -> LoginAddress:
    url = state.url_of(request)
    seal = "" if actor.user is None else services.users.seal(actor, actor.user) or ""
    code = services.login_codes.create(actor, seal)
    return LoginAddress(f"{url}/?token={code}")
