"""The server itself: which it is, whether it works, and what upkeep reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of

MAX_PROBLEMS: Final = 10_000
"""Problems that a report lists; all are counted."""


class Health(Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Following(Struct, frozen=True, kw_only=True):
    """How a followed directory is being read."""

    root: str
    error: Annotated[str | None, Meta(description="why nothing of it is read at present")]
    n_logs: int
    n_bytes: int
    n_read_bytes: int
    warnings: Annotated[
        Sequence[str], Meta(description="what can't be read, and why; at most 100")
    ]


class ServerInfo(Struct, frozen=True, kw_only=True):
    """Which server this is."""

    version: str
    server: Annotated[str, Meta(description="changes with each start")]
    mode: Annotated[str, one_of("local")] = "local"
    url: str = ""
    user: Annotated[
        str | None, Meta(description="the `user` of your own runs; null: not known")
    ] = None
    following: Annotated[
        Following | None,
        Meta(
            description="how the directory of `weft ui` is being read; null: runs come by uploads"
        ),
    ] = None


class LoginAddress(Struct, frozen=True):
    """An address that lets one browser in, once."""

    url: str


class CaughtUp(Struct, frozen=True, kw_only=True):
    """Whether a followed directory has been read as far as it was written."""

    caught_up: bool
    n_read_bytes: Annotated[
        int, Meta(description="of the logs in the directory, as far as they are known")
    ]
    n_bytes: int
    warnings: Annotated[
        Sequence[str], Meta(description="what in the directory can't be read, and why")
    ]


class Gc(Struct, frozen=True, forbid_unknown_fields=True):
    """What to free."""

    dry_run: Annotated[bool, Meta(description="only say what would be freed")] = False


class Backup(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to."""

    destination: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4096,
            description="an absolute path on the server's machine; a new folder is made there",
        ),
    ]
