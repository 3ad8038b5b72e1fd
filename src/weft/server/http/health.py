"""Routes that say whether the server works, and which one it is."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.errors import Unavailable
from weft.runlog.platform import login_name
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.routing.routes import Routes
from weft.server.http.state import ServerState
from weft.server.services.access import SERVER, SYSTEM, Action, Actor, require
from weft.server.services.opening import Services
from weft.server.settings import ServerSettings
from weft.wire.server import Health, LoginAddress, ServerInfo

routes = Routes("", tag="server")

_FIGURES: Final = (
    ("running", "gauge", "Heavy work that is admitted now."),
    ("waiting", "gauge", "Heavy work that waits for room."),
    ("admitted_total", "counter", "Heavy work that was admitted since the start."),
    ("refused_total", "counter", "Heavy work that found no room in time, since the start."),
)

_READY_SECS: Final = 2.0
"""A store that hangs takes longer to fail: the answer comes before that."""


@routes.get("/healthz", any_query=True)
async def healthz() -> Health:
    """The process serves."""
    return Health()


@routes.get("/readyz", any_query=True)
async def readyz(state: ServerState, services: Services) -> Health:
    """The stores take uploads, a followed directory is read, and the server is not about to end.

    Else 503 with the reason.
    """
    if not state.is_ready:
        raise Unavailable("the server starts or ends")
    following = services.following.info(SYSTEM)
    if following is not None and following.error is not None:
        raise Unavailable(following.error)
    look = asyncio.wrap_future(services.readiness.look(SYSTEM))
    try:
        reason = await asyncio.wait_for(asyncio.shield(look), _READY_SECS)
    except asyncio.TimeoutError:
        reason = "the metadata database or the disk does not answer"
    if reason is not None:
        raise Unavailable(reason)
    return Health()


@routes.get("/metrics", media={"text/plain": {"type": "string"}}, any_query=True)
async def server_metrics(actor: Actor, heavy: HeavyWork) -> Response:
    """How much heavy work runs, waits and was refused, in the text format of Prometheus."""
    require(actor, Action.READ, SERVER)
    loads = heavy.loads()
    lines: list[str] = []
    for name, kind, told in _FIGURES:
        lines += [f"# HELP weft_heavy_{name} {told}", f"# TYPE weft_heavy_{name} {kind}"]
        field = f"n_{name.removesuffix('_total')}"
        lines += [
            f'weft_heavy_{name}{{kind="{load.kind}"}} {getattr(load, field)}' for load in loads
        ]
    return Response("\n".join([*lines, ""]), media_type="text/plain; version=0.0.4")


@routes.get("/api/v1/server")
async def get_server(
    request: Request, state: ServerState, services: Services, actor: Actor
) -> ServerInfo:
    """Which server this is."""
    require(actor, Action.READ, SERVER)
    return ServerInfo(
        version=state.version,
        server=state.server_id,
        mode=state.settings.mode,
        url=_url_of(request, state.settings),
        user=_user_of(actor, state.settings),
        following=services.following.info(actor),
    )


def _url_of(request: Request, settings: ServerSettings) -> str:
    return settings.public_url or str(request.base_url).rstrip("/")


def _user_of(actor: Actor, settings: ServerSettings) -> str | None:
    """Whose runs the asker's own are.

    Without accounts that is known only of a server for this machine alone: the one who started it.
    """
    if actor.user is not None or not settings.loopback or settings.public_url is not None:
        return actor.user
    return login_name()


@routes.post("/api/v1/server/login-addresses", status=201)
async def new_login_address(request: Request, state: ServerState, actor: Actor) -> LoginAddress:
    """Make an address that lets one browser in, once."""
    require(actor, Action.ADMIN, SERVER)
    url = _url_of(request, state.settings)
    return LoginAddress(f"{url}/?token={state.credentials.new_login_code()}")
