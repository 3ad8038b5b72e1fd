"""The file in which this user's own server announces itself: `$XDG_STATE_HOME/weft/server.json`.

`weft.cli.server.announce` writes it, `weft.sync.addresses.server_address` and the sidecar read it.
A file that a killed server left behind is ignored. Does I/O: reads the file, and `/proc`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Final

import msgspec

from weft.runlog.platform import is_running
from weft.sync.addresses.state_directory import SERVER_FILE, state_directory

_LOOK_SECS: Final = 0.02


class ServerFile(msgspec.Struct, frozen=True):
    """The content of the file, which only its user can read.

    Attributes:
        address: where it listens; '' until its port is decided.
        is_ready: whether it answers. Before, requests wait until it does.
    """

    address: str
    pid: int
    pid_start: int
    token: str | None = None
    is_ready: bool = True


def read_server_file(environment: Mapping[str, str] = os.environ) -> ServerFile | None:
    """The announcement of this user's server. None if no server runs or starts."""
    directory = state_directory(environment)
    if directory is None:
        return None
    try:
        file = msgspec.json.decode((directory / SERVER_FILE).read_bytes(), type=ServerFile)
    except (OSError, msgspec.DecodeError):
        return None
    return file if is_running(file.pid, file.pid_start) else None


def await_server_file(
    environment: Mapping[str, str] = os.environ, *, wait_secs: float
) -> ServerFile | None:
    """The announcement of this user's server, once it has an address.

    `wait_secs` is how long a server that is starting may take until it has one; if none runs, the
    function returns None at once.
    """
    deadline = time.monotonic() + wait_secs
    while True:
        file = read_server_file(environment)
        if file is None or file.address:
            return file
        if time.monotonic() >= deadline:
            return None
        time.sleep(_LOOK_SECS)


def is_server_starting() -> bool:
    """Whether this user's own server is starting and answers no requests yet."""
    file = read_server_file()
    return file is not None and not file.is_ready
