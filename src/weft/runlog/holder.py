"""The server that has a data directory, and the folder where `weft ui` keeps a directory's data.

The server writes it, and `weft.Api("./weft")` reads it to find a server that shows the directory
already. Does I/O: reads the lock's text.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError
from weft.records.small_hash import small_sha256
from weft.runlog.platform import is_running

LOCK_NAME: Final = "server.lock"
TOKEN_NAME: Final = "token"


class Holder(msgspec.Struct, frozen=True):
    """The server that has a data directory.

    Attributes:
        url: its address; '' while it starts.
        started_micros: µs since 1970 UTC.
    """

    pid: int
    pid_start: int
    started_micros: int
    url: str = ""


def holder_of(data: Path) -> Holder | None:
    """The server that has the data directory, or had it last. None if none ever had."""
    try:
        return msgspec.json.decode((data / LOCK_NAME).read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def present_holder_of(data: Path) -> Holder | None:
    """The server that has the data directory now, and answers. None if no server has it."""
    holder = holder_of(data)
    if holder is None or not holder.url or not is_running(holder.pid, holder.pid_start):
        return None
    return holder


def token_of(data: Path) -> str | None:
    """The key for requests to the directory's server. None if it can't be read."""
    try:
        return (data / TOKEN_NAME).read_text().strip() or None
    except OSError:
        return None


def view_store_of(root: Path) -> Path:
    """The data directory in which the runs below `root`, a path without links, are kept for
    looking at them. It can be deleted at any time: it is made again from the run logs.
    """
    digest = small_sha256(os.fsencode(root))[:24]
    return cache_directory() / "ui" / digest


def cache_directory() -> Path:
    """The folder for things that can be made again: `$XDG_CACHE_HOME/weft`.

    ConfigError without that and without a home.
    """
    # The XDG rule: a relative path in the variable is to be ignored.
    named = os.environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():
        return Path(named) / "weft"
    try:
        return Path.home() / ".cache" / "weft"
    except RuntimeError:
        raise ConfigError(
            "this user has no home directory to keep data in: set XDG_CACHE_HOME"
        ) from None
