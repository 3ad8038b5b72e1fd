"""The `weft` program. Announces that a server is starting before it loads the commands. Does I/O.

`weft server & python train.py` work together: the script, which is through in a fraction of a
second, finds a server that is starting, and its data wait for the server. So nothing large is
imported before the announcement, which `weft.cli.server.announce` replaces once there is an
address.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from weft.runlog.platform import process_start_time
from weft.sync.addresses.state_directory import SERVER_FILE, state_directory

_ELSEWHERE: Final = frozenset({"--data", "--config"})


def main() -> None:
    """Run the command line of this process."""
    directory = state_directory()
    path = None
    if directory is not None and starts_own_server(sys.argv[1:], os.environ):
        path = directory / SERVER_FILE
    content = b"" if path is None else _announce(path)
    try:
        from weft.cli.main import main as run_command

        run_command()
    finally:
        if path is not None and content:
            _withdraw(path, content)


def starts_own_server(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether arguments start a server on the default data directory.

    >>> starts_own_server(["server", "--port", "8081"], {})
    True
    >>> starts_own_server(["server", "gc"], {}), starts_own_server(["runs"], {})
    (False, False)
    >>> starts_own_server(["server", "--data", "/srv"], {})
    False

    A settings file that is named may name another directory. It is read too late for this.
    """
    elsewhere = environment.get("WEFT_SERVER_DATA") or environment.get("WEFT_SERVER_CONFIG")
    if arguments[:1] != ["server"] or elsewhere:
        return False
    previous = ""
    for argument in arguments[1:]:
        is_option = argument.startswith("-")
        if argument in {"-h", "--help"} or argument.partition("=")[0] in _ELSEWHERE:
            return False
        if not is_option and not previous.startswith("-"):
            return False  # a subcommand
        previous = argument if is_option else ""
    return True


def _announce(path: Path) -> bytes:
    """Announce a server without an address. Returns the file's content, or b'' if it failed."""
    pid = os.getpid()
    start = process_start_time(pid) or 0
    # A `ServerFile`; its module takes twice as long to load as everything here.
    content = f'{{"address":"","pid":{pid},"pid_start":{start},"is_ready":false}}'.encode()
    try:
        if path.exists() and _is_running():
            return b""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{pid}.tmp")
        draft.touch(mode=0o600)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError:
        return b""  # the server works without it, and says so if its address can't be announced
    return content


def _is_running() -> bool:
    """Whether the file belongs to a server that runs, not to one that was killed."""
    from weft.sync.addresses.local_server import read_server_file

    return read_server_file() is not None


def _withdraw(path: Path, content: bytes) -> None:
    try:
        if path.read_bytes() == content:
            path.unlink()
    except OSError:
        pass  # it was removed, or its process is seen to be dead
