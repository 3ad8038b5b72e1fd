"""Puts the server together: the only place that knows routes, services and settings at once.

`weft.cli.serve` claims the data directory, opens the services, and serves what `create_app` makes.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from starlette.routing import Route

from weft.server.http import (
    continuation,
    health,
    history,
    ingest,
    live,
    metrics,
    projects,
    runs,
    series,
)
from weft.server.http.compression import Compression
from weft.server.http.context import RequestContext
from weft.server.http.local_mode import Credentials, LocalMode
from weft.server.http.openapi import describe
from weft.server.http.problems import install_handlers
from weft.server.http.web import WebApp
from weft.server.services.open import Services
from weft.server.settings import ServerSettings

ROUTERS: Final = tuple(
    module.router for module in (health, projects, runs, metrics, history, continuation)
)
"""Routes that OpenAPI describes from their code."""


def create_app(
    settings: ServerSettings, services: Services, credentials: Credentials, *, version: str
) -> FastAPI:
    """Make the ASGI app.

    Args:
        services: opened by the caller, who also closes them after the app has ended.
        credentials: what requests from elsewhere have to bear.
        version: weft's, as the API tells it.
    """
    server_id = secrets.token_hex(8)
    executor = ThreadPoolExecutor(ingest.INGEST_THREADS, thread_name_prefix="weft-ingest")
    events = live.LiveRoute(services.live, server_id)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        app.state.ready = True
        yield
        app.state.ready = False
        executor.shutdown()

    app = FastAPI(
        title="weft",
        version=version,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # FastAPI's pages load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.ready = False
    app.state.settings = settings
    app.state.services = services
    app.state.credentials = credentials
    app.state.server_id = server_id
    app.state.version = version
    app.state.streams = events

    install_handlers(app)
    # The last one added sees a request first.
    app.add_middleware(Compression)
    app.add_middleware(LocalMode, credentials=credentials, loopback=settings.loopback)
    app.add_middleware(RequestContext)

    # Bare routes come first: they are asked for most, and routes are tried in order.
    _mount(app, ingest.PATH, "POST", ingest.IngestRoute(services.ingest, executor))
    _mount(app, series.PATH, "POST", series.SeriesRoute(services.series))
    _mount(app, live.PATH, "GET", events)
    for router in ROUTERS:
        app.include_router(router)
    description: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not description:
            description.update(describe(app, version))
        return description

    app.openapi = openapi
    _mount(app, "/{path:path}", "GET", WebApp())
    return app


def _mount(app: FastAPI, path: str, method: str, endpoint: Any) -> None:
    # Starlette takes an instance for an ASGI app and a function for a request handler.
    async def handle(request: Any) -> Any:
        return await endpoint(request)

    app.router.routes.append(Route(path, handle, methods=[method]))
