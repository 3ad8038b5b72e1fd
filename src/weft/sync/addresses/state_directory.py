"""The user's folder for persistent state, and the name of the server's file in it.

Imports little, because a server announces itself there before it loads anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

SERVER_FILE = "server.json"


def state_directory(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The user's folder for persistent state: `$XDG_STATE_HOME/weft`.

    None if the user has no home, as in a container that runs under an arbitrary user id.
    """
    named = environment.get("XDG_STATE_HOME")
    if named:
        return Path(named) / "weft"
    try:
        if sys.platform == "win32":
            return Path(environment.get("LOCALAPPDATA") or Path.home()) / "weft"
        return Path.home() / ".local" / "state" / "weft"
    except RuntimeError:
        return None
