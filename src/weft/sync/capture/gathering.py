"""The sidecar's end of the capture: starts the process that gathers, and ends it. Does I/O.

It is a process of its own because git, psutil and the packages' metadata take memory and time that
the sidecar has to keep for uploads, and because a process that hangs can be ended.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import Final

import msgspec

from weft.sync.capture.staging import Order
from weft.sync.isolated import isolated_command

LONGEST_SECS: Final = 90.0


class Gathering:
    """Gathers the environments of runs, in a child process with `spawn.package_folders` on its
    path.
    """

    def __init__(self, order: Order, folders: list[str]) -> None:
        self._deadline_secs = time.monotonic() + LONGEST_SECS
        module = "weft.sync.capture.environment"
        text = msgspec.json.encode(order).decode()
        self._process = subprocess.Popen(
            isolated_command(module, "weft-capture", folders, text),
            stdin=subprocess.PIPE,  # its end tells the child that the sidecar has gone
            cwd="/" if os.name == "posix" else None,
        )

    @property
    def is_done(self) -> bool:
        """Whether the child has ended; ends it if it takes too long."""
        if self._process.poll() is None and time.monotonic() <= self._deadline_secs:
            return False
        self.end()
        return True

    def end(self) -> None:
        """End the child. What it has written stays."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
