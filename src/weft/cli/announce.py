"""The file with the address of the user's own server: `$XDG_STATE_HOME/weft/server.json`.

`weft server` writes it if it uses the default data directory. `weft.sync.server_address` reads
it, and ignores a file that a killed server left behind.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from weft.runlog.platform import process_start_time
from weft.server.storage.directory import write_private
from weft.sync.server_address import SERVER_FILE, ServerFile, state_directory


@contextmanager
def announced(url: str, token: str) -> Generator[None]:
    """Let clients of this user find the server at `url` while the block runs."""
    directory = state_directory()
    if directory is None:  # clients would not know where to look either
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
        # Another server may have overwritten the file meanwhile.
        if path.exists() and path.read_bytes() == content:
            path.unlink()
