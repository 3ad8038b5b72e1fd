"""Announces the user's own server, and its address, to the scripts of this machine. Does I/O.

Before it, `weft.cli.entry` has announced that a server is starting. Only a server on the default
data directory is announced.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from weft.runlog.platform import process_start_time
from weft.runlog.private_files import write_private
from weft.sync.addresses.local_server import ServerFile
from weft.sync.addresses.state_directory import SERVER_FILE, state_directory


class Announcement:
    """The announcement of this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._content = b""

    def write(self, address: str, token: str | None = None, *, is_ready: bool = False) -> None:
        """Replace the announcement."""
        if self._path is None:
            return
        pid = os.getpid()
        file = ServerFile(address, pid, process_start_time(pid) or 0, token, is_ready)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._content = msgspec.json.encode(file)
        write_private(self._path, self._content)

    def withdraw(self) -> None:
        """Remove the announcement, unless another server has replaced it."""
        if self._path is None or not self._content:
            return
        with contextlib.suppress(FileNotFoundError):
            if self._path.read_bytes() == self._content:
                self._path.unlink()
        self._content = b""


@contextmanager
def announced(url: str, token: str) -> Generator[Announcement]:
    """Let clients of this user find the server at `url` while the block runs."""
    directory = state_directory()
    # Without a folder, clients would not know where to look either.
    announcement = Announcement(None if directory is None else directory / SERVER_FILE)
    announcement.write(url, token)
    try:
        yield announcement
    finally:
        announcement.withdraw()
