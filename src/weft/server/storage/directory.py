"""The data directory: the lock that admits one server at a time, and the token of its requests.

`weft.cli.server.serve` claims a directory before anything in it is opened, so that two servers can
never write the same databases.

    DATA/
      server.lock     locked (flock) by the server while it runs; its text names the holder
      token           the token that requests must carry (0600)
      id              the id that a shared metadata database knows the directory by
"""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import msgspec

from weft.errors import Conflict, Unavailable
from weft.runlog.holder import LOCK_NAME, TOKEN_NAME, Holder, holder_of
from weft.runlog.lock import FileLock
from weft.runlog.platform import process_start_time, wall_micros
from weft.runlog.private_files import make_private_folder, write_private
from weft.server.storage.private import METADATA_NAME, close_to_others

_log = logging.getLogger(__name__)


class DataDirectory:
    """A data directory that only this process may use; Conflict names another server that uses it.

    It is created with mode 0700 if it is missing. If it exists, other users lose their access to
    it.

    >>> import tempfile
    >>> directory = DataDirectory(Path(tempfile.mkdtemp()) / "data")
    >>> len(directory.token) >= 32
    True
    >>> directory.close()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / LOCK_NAME)
        try:
            make_private_folder(path)
            free = self._lock.acquire()
        except OSError as error:
            raise Unavailable(f"data directory can't be used: {error}") from error
        if not free:
            raise Conflict(f"data directory is in use by {_named(holder_of(path))}: {path}")
        for reason in close_to_others(path):
            _log.warning("other users may read the server's data: %s", reason)
        self.announce("")
        self.token = self._token()

    def announce(self, url: str) -> None:
        """Write who holds the directory, for the error message of a second server."""
        pid = os.getpid()
        holder = Holder(pid, process_start_time(pid) or 0, wall_micros(), url)
        # Written in place rather than renamed over, because the lock is on this very file.
        self._lock.path.write_bytes(msgspec.json.encode(holder) + b"\n")

    def adopt(self, token: str) -> None:
        """Use the token of the other servers of the metadata database from now on."""
        write_private(self.path / TOKEN_NAME, token.encode() + b"\n")
        self.token = token

    def _token(self) -> str:
        path = self.path / TOKEN_NAME
        try:
            token = path.read_text().strip()
        except FileNotFoundError:
            token = ""
        if len(token) < 32:
            token = f"local-{secrets.token_urlsafe(32)}"
            write_private(path, token.encode() + b"\n")
        return token

    def close(self) -> None:
        """Release the directory, so that another server can claim it."""
        self._lock.release()


def is_data_directory(path: Path) -> bool:
    """Whether a server has, or had, its data in a folder.

    >>> is_data_directory(Path("/nowhere"))
    False
    """
    return any((path / name).exists() for name in (TOKEN_NAME, LOCK_NAME, METADATA_NAME))


def _named(holder: Holder | None) -> str:
    if holder is None:
        return "another server"
    where = f" at {holder.url}" if holder.url else ""
    return f"the server with process id {holder.pid}{where}"
