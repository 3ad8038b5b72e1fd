"""The server itself: version, health, sign-in, and maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody

MAX_PROBLEMS: Final = 10_000
"""Most problems that a report lists. Its count includes all."""


class Health(Struct, frozen=True):
    """The server answers."""

    server: Annotated[str, Meta(description="Changes with each start")]
    scheme: Annotated[
        Literal["http", "https"],
        Meta(description="How the request came, as trusted proxies say"),
    ]
    status: Literal["ok"] = "ok"


class Following(Struct, frozen=True, kw_only=True):
    """Progress of reading a followed directory."""

    root: str
    error: Annotated[str | None, Meta(description="why it can't be read at present; null: it can")]
    n_logs: int
    n_bytes: int
    n_read_bytes: int
    warnings: Annotated[
        Sequence[str], Meta(description="what can't be read, and why; at most 100 warnings")
    ]


class Sight(Struct, frozen=True, kw_only=True):
    """The view that you take in this browser; nothing can be changed meanwhile."""

    user: str | None
    role: Annotated[
        str | None, Meta(description="null without a user: someone who is signed in, without role")
    ]
    entity: str
    project: Annotated[str, Meta(description="where you chose it")]
    until_micros: int


class ServerInfo(Struct, frozen=True, kw_only=True):
    """Identifies the server."""

    version: str
    server: Annotated[str, Meta(description="id that changes at each start")]
    mode: Annotated[str, one_of("local")] = "local"
    url: str = ""
    user: Annotated[str | None, Meta(description="the `user` of your own runs; null: unknown")] = (
        None
    )
    account: Annotated[
        str | None, Meta(description="who you are; null: this server's own user, without account")
    ] = None
    entity: Annotated[
        str, Meta(description="the entity of your runs that name none, and of `local`")
    ] = "local"
    is_admin: Annotated[bool, Meta(description="whether you may do anything on this server")] = (
        False
    )
    seen_as: Annotated[
        Sight | None, Meta(description="whose view you take of what you manage; null: your own")
    ] = None
    data: Annotated[
        str | None,
        Meta(description="the data directory on the server's machine; null: not an administrator"),
    ] = None
    embed_sites: Annotated[
        list[str], Meta(description="sites that may show shares in frames; `*`: all")
    ] = []
    following: Annotated[
        Following | None,
        Meta(description="progress of `weft ui` reading its directory; null: runs are uploaded"),
    ] = None


class LoginAddress(Struct, frozen=True):
    """An address that signs in one browser, once."""

    url: str


class CaughtUp(Struct, frozen=True, kw_only=True):
    """Whether a followed directory has been read to its present end."""

    caught_up: bool
    n_read_bytes: Annotated[int, Meta(description="bytes read of the known logs in the directory")]
    n_bytes: int
    warnings: Annotated[
        Sequence[str], Meta(description="what in the directory can't be read, and why")
    ]


class Gc(RequestBody, frozen=True):
    """Options for freeing unused space."""

    dry_run: Annotated[bool, Meta(description="only report what would be freed")] = False


class Backup(RequestBody, frozen=True):
    """The folder to write a backup to."""

    destination: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="absolute path on the server's machine; a new folder is created there",
        ),
    ]


class Migrate(RequestBody, frozen=True):
    """The new server that all data move to."""

    to: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="absolute path of its data directory on this server's machine; the "
            "settings file there names its databases and bucket",
        ),
    ]
    dry_run: Annotated[bool, Meta(description="only check the settings, and count")] = False


_MAX_WAIT_MILLIS: Final = 10_000

_server = Endpoints("/api/v1/server", tag="server")
_root = Endpoints("", tag="server")
_api = Endpoints("/api", tag="server")


@_server.post("/catch-up")
def catch_up(
    *, timeout_millis: Annotated[int, Meta(ge=0, le=_MAX_WAIT_MILLIS)] = _MAX_WAIT_MILLIS
) -> CaughtUp:
    """Wait until everything in the followed directory has been read.

    If `caught_up` is false, there is more to read: ask again. A server that follows no directory
    always answers true.
    """


@_root.get("/healthz")
def healthz() -> Health:
    """Check that the server process answers requests."""


@_root.get("/readyz")
def readyz() -> Health:
    """Check that the server is ready; if not, the answer is 503 with the reason.

    A ready server is neither starting nor shutting down, it answers requests, its stores take
    writes, and it reads the directory that it follows, if any.
    """


@_root.get("/metrics")
def server_metrics() -> bytes:
    """Report the server's figures in Prometheus's text format: requests by route and status,
    stored uploads, heavy work, live runs, leases, database connections, memory and descriptors.
    """


@_server.get()
def get_server() -> ServerInfo:
    """Describe this server and who you are: version, id, address, account, followed directory."""


@_server.post("/login-addresses")
def new_login_address() -> LoginAddress:
    """Create an address that signs one browser in as you, once."""


@_server.post("/gc")
def collect_garbage(gc: Gc) -> bytes:
    """Free unneeded space: old trash, and leftovers of killed processes and full disks."""


@_server.post("/check")
def check_server() -> bytes:
    """Check every byte of databases, metric files and blobs, and name what is damaged."""


@_server.post("/backup")
def back_up_server(backup: Backup) -> bytes:
    """Back up everything, consistently, into a new folder on the server's machine."""


@_server.post("/migrate")
def migrate_server(migrate: Migrate) -> bytes:
    """Move all data to a new server's databases and bucket, while this one runs.

    At the end writers have to wait until this server's address leads to the new one.
    """


@_api.get("/v1/openapi.json")
def describe_api() -> dict[str, Any]:
    """Return this description as an OpenAPI document."""


@_api.get("/docs")
def read_api_docs() -> bytes:
    """Return this description as an HTML page."""
