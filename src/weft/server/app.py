"""Puts the server together: the only place that knows routes, services and settings at once.

`weft.cli.serve` claims the data directory, opens the services, and serves what `create_app` makes.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from weft.server.http import (
    archive,
    bulk,
    continuation,
    exporting,
    files,
    filters,
    following,
    health,
    histograms,
    history,
    ingest,
    ingest_small,
    live,
    metric_deletion,
    metrics,
    projects,
    run_events,
    runs,
    selecting,
    series,
    sizes,
    sql,
    trash,
    upkeep,
    views,
)
from weft.server.http.admission.bodies import Bodies
from weft.server.http.admission.dispatch import Dispatch
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.local_mode import Credentials, LocalMode
from weft.server.http.admission.parameters import check_parameters, known_parameters_only
from weft.server.http.answers.compression import Compression
from weft.server.http.answers.etags import ETags
from weft.server.http.answers.methods import ALL_METHODS, Fallback
from weft.server.http.answers.problems import install_handlers
from weft.server.http.answers.web import WebApp
from weft.server.http.context import LastNet, RequestContext
from weft.server.http.description import docs_page
from weft.server.http.description.openapi import DESCRIPTION_PATH, describe
from weft.server.services.open import Services
from weft.server.settings import ServerSettings

ROUTERS: Final = tuple(
    module.router
    for module in (
        health,
        projects,
        views,
        filters,
        selecting,
        runs,
        metrics,
        histograms,
        run_events,
        history,
        exporting,
        sql,
        files,
        continuation,
        following,
        bulk,
        metric_deletion,
        trash,
        sizes,
        upkeep,
        archive,
    )
)
"""Routes that OpenAPI describes from their code."""


class App:
    """The whole server as an ASGI app.

    A request passes `context` (id, headers, log), `local_mode` (who may), `bodies` (how much) and
    `dispatch`, which gives uploads to their route and the rest to FastAPI.
    """

    def __init__(self, app: ASGIApp, streams: live.LiveRoute) -> None:
        self._app = app
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def end_streams(self) -> None:
        """End all live streams, and begin no further one."""
        self._streams.close()


def create_app(
    settings: ServerSettings, services: Services, credentials: Credentials, *, version: str
) -> App:
    """Make the ASGI app.

    Args:
        services: opened by the caller, who also closes them after the app has ended.
        credentials: what requests from elsewhere have to bear.
        version: weft's, as the API tells it.
    """
    server_id = secrets.token_hex(8)
    executor = ThreadPoolExecutor(ingest.INGEST_THREADS, thread_name_prefix="weft-ingest")
    heavy = HeavyWork()
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
        openapi_url=DESCRIPTION_PATH,
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
    app.state.heavy = heavy
    app.state.version = version

    install_handlers(app)
    # The last one added sees a request first.
    app.add_middleware(LastNet)
    app.add_middleware(ETags)
    app.add_middleware(Compression)

    # Bare routes come first: they are asked for most, and routes are tried in order.
    _mount(app, series.PATH, ["POST"], series.SeriesRoute(services.series, heavy))
    _mount(app, live.PATH, ["GET"], events)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(known_parameters_only)])
    description: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not description:
            description.update(describe(app, version))
        return description

    app.openapi = openapi
    _mount(app, docs_page.PATH, ["GET"], docs_page.DocsPage(openapi))
    _mount(app, "/{path:path}", ALL_METHODS, Fallback(openapi, app, WebApp()))
    uploads = ingest.IngestRoute(services.ingest, executor, heavy)
    small_logs = ingest_small.SmallLogsRoute(services.ingest, services.files, executor)
    admitted = LocalMode(
        Bodies(Dispatch(uploads, small_logs, app)),
        credentials=credentials,
        loopback=settings.loopback,
    )
    context = RequestContext(admitted, slow_secs=settings.slow_secs, log_all=settings.access_log)
    return App(context, events)


def _mount(app: FastAPI, path: str, methods: Sequence[str], endpoint: Any) -> None:
    # Starlette takes an instance for an ASGI app and a function for a request handler.
    async def handle(request: Any) -> Any:
        if path.startswith("/api/"):
            check_parameters(request.scope["query_string"], ())
        return await endpoint(request)

    route = Route(path, handle, methods=list(methods))
    # Starlette has HEAD asked of whatever answers GET, streams without an end included.
    route.methods = set(methods)
    app.router.routes.append(route)
