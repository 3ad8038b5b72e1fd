"""The server itself: version, health, sign-in, and maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of

MAX_PROBLEMS: Final = 10_000
"""Most problems that a report lists. Its count includes all."""


class Health(Struct, frozen=True):
    """The server answers."""

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
    data: Annotated[
        str | None,
        Meta(description="the data directory on the server's machine; null: not an administrator"),
    ] = None
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


class Gc(Struct, frozen=True, forbid_unknown_fields=True):
    """Options for freeing unused space."""

    dry_run: Annotated[bool, Meta(description="only report what would be freed")] = False


class Backup(Struct, frozen=True, forbid_unknown_fields=True):
    """The folder to write a backup to."""

    destination: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="absolute path on the server's machine; a new folder is created there",
        ),
    ]
