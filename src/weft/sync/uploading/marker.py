"""Stores how much of a log was sent, in a small file next to it: `<log>.synced`. Does I/O.

It is only a hint that saves a request: the server's own position decides (a wrong one gets 409).
It keeps a later sidecar from taking up logs that are complete or meant for another server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from weft.errors import CorruptLog
from weft.runlog.private_files import write_private
from weft.runlog.reader import open_file

LOCAL_SERVER = "local"
"""Represents the user's own server, whose address changes at each start."""


_MAX_BYTES: Final = 64 * 1024


class Marker(msgspec.Struct, frozen=True):
    """The stored state of a log's upload.

    `position` is durable at `server`, a base address, or `LOCAL_SERVER`, or None if none was known
    yet. It is `done` if the log is closed (or its writer dead), and fully sent or its run deleted.
    """

    position: int = 0
    server: str | None = None
    done: bool = False


def marker_path(log: Path) -> Path:
    """Path of a log's marker.

    >>> marker_path(Path("run-ab12cd34.w.weft")).name
    'run-ab12cd34.w.weft.synced'
    """
    return log.with_name(f"{log.name}.synced")


def read_marker(log: Path) -> Marker | None:
    """A log's marker; None if it is missing or can't be read."""
    try:
        with open(open_file(marker_path(log)), "rb") as file:
            return msgspec.json.decode(file.read(_MAX_BYTES), type=Marker)
    except (OSError, CorruptLog, msgspec.DecodeError):
        return None


def write_marker(log: Path, marker: Marker) -> None:
    """Replace a log's marker; does nothing if the directory is not writable."""
    path = marker_path(log)
    try:
        write_private(path, msgspec.json.encode(marker))
    except OSError:
        pass
