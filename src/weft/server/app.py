"""Assembles the server: the only module that knows routes, services and settings at once.

`weft.cli.server.serve` claims the data directory, opens the services, and serves the app that
`create_app` makes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from weft.server.http.admission.bodies import Bodies
from weft.server.http.admission.credentials import Credentials
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.local_mode import LocalMode
from weft.server.http.admission.proxies import TrustedProxies
from weft.server.http.all_routes import ROUTES
from weft.server.http.answers.web import WebApp
from weft.server.http.context import RequestContext
from weft.server.http.description.document import Description
from weft.server.http.ingest.small_logs import SmallLogQueue
from weft.server.http.ingest.uploads import INGEST_THREADS, UploadQueue
from weft.server.http.metrics.shared_panels import RecentPanels
from weft.server.http.projects.live import LiveStreams
from weft.server.http.reports.changes import DraftStreams
from weft.server.http.reports.inner_requests import InnerRequests
from weft.server.http.routing.router import Router
from weft.server.http.runs.shared_tables import RecentTables
from weft.server.http.server.figures import RequestFigures
from weft.server.http.server.state import ServerState
from weft.server.intake.uploads.log_uploads import LogUploads
from weft.server.intake.uploads.small_logs import SmallLogUploads
from weft.server.services.opening import Services
from weft.server.settings import ServerSettings


class Mount(Protocol):
    """An app next to the server's own API, with its own paths."""

    def owns(self, path: str) -> bool:
        """Whether requests at a path are for it."""
        ...

    def is_open(self, path: str) -> bool:
        """Whether requests at a path need no key."""
        ...

    def refuse(self, reason: str) -> Response:
        """The answer to who has no key, in the form that the clients of the app read."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that was admitted."""
        ...


class App:
    """The whole server as an ASGI app.

    A request passes `context` (id, headers, log, errors), `local_mode` (who may ask) and `bodies`
    (how large it may be); then the router calls its route.
    """

    def __init__(
        self,
        app: ASGIApp,
        state: ServerState,
        end_streams: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self._app = app
        self._state = state
        self._end_streams = end_streams
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    def end_streams(self) -> None:
        """End all live streams and refuse new ones."""
        self._end_streams()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._state.is_ready = True
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._state.is_ready = False
        self._close()
        await send({"type": "lifespan.shutdown.complete"})


class _Mounted:
    """Passes each request to the mount that owns its path, or to the server's own API."""

    def __init__(self, app: ASGIApp, mounts: Sequence[Mount]) -> None:
        self._app = app
        self._mounts = mounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owner = next((mount for mount in self._mounts if mount.owns(scope["path"])), self._app)
        await owner(scope, receive, send)


def create_app(
    settings: ServerSettings,
    services: Services,
    credentials: Credentials,
    *,
    version: str,
    tls_url: str | None = None,
    mounts: Sequence[Mount] = (),
) -> App:
    """Make the ASGI app.

    The caller closes `services` after it has ended. `mounts` are apps next to the API, such as the
    gateway for clients of W&B.
    """
    state = ServerState(version, secrets.token_hex(8), settings, credentials, tls_url)
    executor = ThreadPoolExecutor(INGEST_THREADS, thread_name_prefix="weft-ingest")
    heavy = HeavyWork()
    figures = RequestFigures()
    streams = LiveStreams(services.live, state.server_id, services.users)
    drafts = DraftStreams(services.reports, streams)
    inner = InnerRequests()
    router = Router(
        ROUTES,
        dependencies={
            Services: services,
            **services.by_class(),
            ServerState: state,
            HeavyWork: heavy,
            RequestFigures: figures,
            RecentPanels: RecentPanels(),
            RecentTables: RecentTables(),
            LiveStreams: streams,
            DraftStreams: drafts,
            InnerRequests: inner,
            UploadQueue: UploadQueue(LogUploads(services.ingest), executor, heavy),
            SmallLogQueue: SmallLogQueue(SmallLogUploads(services.ingest), executor),
            Description: Description(ROUTES, version),
        },
        web=WebApp(),
    )
    inner.connect(router)
    admitted = LocalMode(
        Bodies(_Mounted(router, mounts) if mounts else router),
        settings=settings,
        services=services,
        credentials=credentials,
        is_open=lambda path: any(mount.is_open(path) for mount in mounts),
        refuse=lambda scope, reason: next(
            (mount.refuse(reason) for mount in mounts if mount.owns(scope["path"])), None
        ),
    )
    context = RequestContext(
        admitted,
        proxies=TrustedProxies(settings.trusted_proxies),
        slow_secs=settings.slow_secs,
        log_all=settings.access_log,
        figures=figures,
    )

    def end_streams() -> None:
        streams.close()
        drafts.close()

    return App(context, state, end_streams, executor.shutdown)
