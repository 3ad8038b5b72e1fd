"""Routes that say whether the server works, and which one it is."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from weft.errors import Unavailable
from weft.runlog.platform import login_name
from weft.server.http.admission.local_mode import Credentials
from weft.server.http.context import Asker, WithHeavyWork, WithServices, json_answer
from weft.server.http.schemas.health import Health, LoginAddress, Server
from weft.server.services.actors import SYSTEM, Actor
from weft.server.services.permissions import SERVER, Action, require
from weft.server.settings import ServerSettings

router = APIRouter(tags=["server"])

_FIGURES: Final = (
    ("running", "gauge", "Heavy work that is admitted now."),
    ("waiting", "gauge", "Heavy work that waits for room."),
    ("admitted_total", "counter", "Heavy work that was admitted since the start."),
    ("refused_total", "counter", "Heavy work that found no room in time, since the start."),
)

_READY_SECS: Final = 2.0
"""A store that hangs takes longer to fail: the answer comes before that."""


@router.get("/healthz", response_model=Health, operation_id="healthz")
async def healthz() -> Response:
    """The process serves."""
    return json_answer({"status": "ok"})


@router.get("/readyz", response_model=Health, operation_id="readyz")
async def readyz(request: Request, services: WithServices) -> Response:
    """The stores take uploads, a followed directory is read, and the server is not about to end.

    Else 503 with the reason.
    """
    if not request.app.state.ready:
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
    return json_answer({"status": "ok"})


@router.get("/metrics", response_class=PlainTextResponse, operation_id="server_metrics")
async def server_metrics(actor: Asker, heavy: WithHeavyWork) -> Response:
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


@router.get("/api/v1/server", response_model=Server, operation_id="get_server")
async def get_server(request: Request, services: WithServices, actor: Asker) -> Response:
    """Which server this is."""
    require(actor, Action.READ, SERVER)
    state: Any = request.app.state
    url = state.settings.public_url or str(request.base_url).rstrip("/")
    answer = {
        "version": state.version,
        "server": state.server_id,
        "mode": state.settings.mode,
        "url": url,
        "user": _user_of(actor, state.settings),
        "following": services.following.info(actor),
    }
    return json_answer(answer)


def _user_of(actor: Actor, settings: ServerSettings) -> str | None:
    """Whose runs the asker's own are.

    Without accounts that is known only of a server for this machine alone: the one who started it.
    """
    if actor.user is not None or not settings.loopback or settings.public_url is not None:
        return actor.user
    return login_name()


@router.post(
    "/api/v1/server/login-addresses",
    response_model=LoginAddress,
    status_code=201,
    operation_id="new_login_address",
)
async def new_login_address(request: Request, actor: Asker) -> Response:
    """Make an address that lets one browser in, once."""
    require(actor, Action.ADMIN, SERVER)
    credentials: Credentials = request.app.state.credentials
    url = request.app.state.settings.public_url or str(request.base_url).rstrip("/")
    return json_answer({"url": f"{url}/?token={credentials.new_login_code()}"}, 201)
