"""Routes that say whether the server works, and which one it is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from weft.errors import Unavailable
from weft.server.http.admission.local_mode import Credentials
from weft.server.http.context import Asker, json_answer
from weft.server.http.schemas.health import Health, LoginAddress, Server
from weft.server.services.permissions import SERVER, Action, require

router = APIRouter(tags=["server"])


@router.get("/healthz", response_model=Health, operation_id="healthz")
async def healthz() -> Response:
    """The process serves."""
    return json_answer({"status": "ok"})


@router.get("/readyz", response_model=Health, operation_id="readyz")
async def readyz(request: Request) -> Response:
    """The stores are open, and the server is not about to end."""
    if not request.app.state.ready:
        raise Unavailable("the server starts or ends")
    return json_answer({"status": "ok"})


@router.get("/api/v1/server", response_model=Server, operation_id="get_server")
async def get_server(request: Request, actor: Asker) -> Response:
    """Which server this is."""
    require(actor, Action.READ, SERVER)
    state: Any = request.app.state
    url = state.settings.public_url or str(request.base_url).rstrip("/")
    answer = {
        "version": state.version,
        "server": state.server_id,
        "mode": state.settings.mode,
        "url": url,
    }
    return json_answer(answer)


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
    url = str(request.base_url).rstrip("/")
    return json_answer({"url": f"{url}/?token={credentials.new_login_code()}"}, 201)
