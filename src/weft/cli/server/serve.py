"""`weft server`: opens the services of a claimed data directory, and serves until told to stop.

What happens once per process is here: signals, system limits, the lines for the user.
`weft.cli.server.claim` has the lock and the socket, and `weft.server.app` makes the application.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import logging
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any, Final

import click
import structlog
import uvicorn

from weft.cli.server.claim import BACKLOG, Claim
from weft.cli.server.last_resort import LastResort
from weft.server.app import create_app
from weft.server.http.admission.connections import Connections
from weft.server.http.admission.credentials import Credentials
from weft.server.http.admission.protocol import bounded_protocol
from weft.server.http.admission.proxies import TrustedProxies
from weft.server.http.admission.socket_owner import can_know_users
from weft.server.http.admission.tls import tls_protocol
from weft.server.services.access import LOCAL, SYSTEM
from weft.server.services.background import give_back_large_arrays
from weft.server.services.opening import Services, note_settings, open_services
from weft.server.services.stores import StorageLimits
from weft.server.services.users import SignInSettings
from weft.server.settings import ServerSettings
from weft.server.storage.blobs.opening import read_location
from weft.version import VERSION
from weft.wandb_gateway import Gateway

_END_SECS: Final = 2
_MAX_OPEN_FILES: Final = 65_536

_SWITCH_SECS: Final = 0.0001
"""A thread that computes gives way to another after this time. The thread that sends answers gives
way at each packet, and waits this long each time: with Python's 5 ms, most of its time."""

Ready = Callable[[str, Services], None]
Alongside = Callable[[Services], contextlib.AbstractContextManager[object]]


def run_server(
    settings: ServerSettings,
    claim: Claim,
    *,
    on_ready: Ready | None = None,
    alongside: Alongside | None = None,
) -> int:
    """Serve until SIGTERM or Ctrl-C; the exit code is 0. Ends within `END_SECS` of that, whatever
    it is doing.

    `on_ready` is called with the address once the server answers requests; by default it prints a
    line that says how to log to it. `alongside` runs as long as the server does, such as following
    logs.
    """
    directory, listener, url, own_url, plain, certificate, announcement = claim
    _configure_logs()
    faulthandler.enable()  # a fault of a library shows its call where the log goes
    sys.setswitchinterval(_SWITCH_SECS)
    connections = Connections(
        trusts_own_user=settings.loopback,
        n_descriptors=_allow_many_connections(),
        proxies=TrustedProxies(settings.trusted_proxies),
    )
    with contextlib.ExitStack() as stack:
        services = open_services(
            settings.data,
            settings.metadata_url,
            metrics_url=settings.metrics_url,
            mirrors_points=settings.points_mirror,
            files_url=settings.files_url,
            direct_downloads=settings.direct_downloads,
            trash_micros=settings.trash_micros,
            audit_micros=int(settings.audit_days * 86_400_000_000),
            limits=StorageLimits(settings.upload_quota_bytes, settings.disk_reserve_bytes),
            users_create_teams=settings.users_create_teams,
            sign_in=SignInSettings(
                settings.oidc, settings.smtp, settings.public_url, settings.loopback
            ),
        )
        stack.callback(services.close)
        difference = note_settings(services.stores.metadata, settings)
        if difference is not None:
            click.echo(f"weft: {difference}. Start all servers with the same", err=True)
        token = services.shared_token(directory.token)
        if token != directory.token:
            directory.adopt(token)
            if announcement is not None:
                announcement.write(own_url, token)
        credentials = Credentials(directory.token, services.shared_secret())
        gateway = Gateway(
            services,
            secret=credentials.secret,
            folder=settings.data,
            version=VERSION,
            public_url=settings.public_url,
        )
        app = create_app(
            settings,
            services,
            credentials,
            version=VERSION,
            tls_url=None if certificate is None else url,
            mounts=[gateway],
        )
        if announcement is not None:
            stack.callback(announcement.withdraw)
        if alongside is not None:
            stack.enter_context(alongside(services))

        def ready() -> None:
            if announcement is not None:
                announcement.write(own_url, directory.token, is_ready=True)
            _print_ready(settings, url, services)
            _settle_memory()
            if on_ready is not None:
                on_ready(url, services)
                return
            if announcement is not None:
                click.echo("weft: your scripts on this machine find it by themselves", err=True)
            if announcement is None or not settings.loopback:
                click.echo(f"weft: log to it with: {_log_command(settings, url)}", err=True)

        protocol = bounded_protocol(connections)
        if certificate is not None and plain is not None:
            plain_port = plain.getsockname()[1]
            protocol = tls_protocol(connections, certificate, plain_port, protocol)
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=_END_SECS,
        )
        with _uvicorn_handles_signals():
            _Server(config, connections, ready, app.end_streams).run(
                sockets=[listener] if plain is None else [listener, plain]
            )
    return 0


class _Server(uvicorn.Server):
    """Reports when it serves, and ends live streams before it waits for requests to end."""

    def __init__(
        self,
        config: uvicorn.Config,
        connections: Connections,
        ready: Callable[[], None],
        end_streams: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._connections = connections
        self._ready = ready
        self._end_streams = end_streams
        self._last_resort = LastResort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._last_resort.arm()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._connections.on_loop_error)
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)


@contextlib.contextmanager
def _uvicorn_handles_signals() -> Generator[None]:
    # When uvicorn has ended, it raises the signal again for the handler before its own. That must
    # not kill this process, because its stores are still open.
    def swallow(*_: Any) -> None:
        return

    before = {number: signal.signal(number, swallow) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_ready(settings: ServerSettings, url: str, services: Services) -> None:
    bucket = read_location(settings.data / "blobs").url
    files = f", files: {bucket}" if bucket else ""
    click.echo(f"weft: serving {url}  (data: {settings.data}{files})", err=True)
    if _needs_token(settings):
        link = f"{settings.public_url or url}/?token={services.login_codes.create(LOCAL)}"
        click.echo(f"weft: sign-in link for one browser, works once: {link}", err=True)
    if settings.loopback:
        return
    first = services.first_admin.new_link(SYSTEM, base_url=settings.public_url or url)
    if first is not None:
        text = "for a group: make the first administrator, once, within a day"
        click.echo(f"weft: {text}: {first}", err=True)


def _log_command(settings: ServerSettings, url: str) -> str:
    """Return a command to paste into a shell that can read the data directory."""
    variables = f"WEFT_BASE_URL={settings.public_url or url}"
    if _needs_token(settings):
        variables += f" WEFT_API_KEY=$(cat {shlex.quote(str(settings.data / 'token'))})"
    return f"{variables} python train.py"


def _needs_token(settings: ServerSettings) -> bool:
    return not settings.loopback or not can_know_users()


def _settle_memory() -> None:
    give_back_large_arrays()
    # Objects that exist now live as long as the process, so later collections skip them. The
    # threshold suits uploads, which make and drop rows by the ten thousand. A collection first
    # would take 0.1 s of each start and free nothing that can be measured.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def _allow_many_connections() -> int:
    """Raise the limit of open files as far as this process may; return the new limit."""
    if sys.platform == "win32":
        return _MAX_OPEN_FILES
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MAX_OPEN_FILES)
    if soft < limit:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return limit
    return soft


def _configure_logs() -> None:
    is_terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        # Writes a line and its newline in one call, because other threads print, too.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
