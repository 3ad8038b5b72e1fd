"""The page on which the user's own server says where it is: `$XDG_STATE_HOME/weft/server.json`.

Written by `weft server` on the default data directory, read by `weft.sync.where`, which ignores
one that a killed server left behind.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from weft.runlog.platform import process_start_time
from weft.server.storage.directory import write_private
from weft.sync.where import SERVER_FILE, ServerFile, state_directory


@contextmanager
def announced(url: str, token: str) -> Generator[None]:
    """Let clients of this user find the server at `url` while the block runs."""
    directory = state_directory()
    if directory is None:  # nor would a client know where to look
        yield
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / SERVER_FILE
    pid = os.getpid()
    content = msgspec.json.encode(ServerFile(url, pid, process_start_time(pid) or 0, token))
    write_private(path, content)
    try:
        yield
    finally:
        # Another server may have written its own meanwhile.
        if path.exists() and path.read_bytes() == content:
            path.unlink()
