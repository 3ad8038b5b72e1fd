"""A shell into which tests paste the commands of documents."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from live_runs import await_no_sidecar
from sdk_script import script_environment
from server_process import wait_until

PROGRAMS = Path(sys.executable).parent

SECS = 240.0


class Shell:
    """A shell in a folder that is its home directory, with the `weft` program.

    Attributes:
        folder: the working directory.
    """

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = script_environment(env) | {
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
        }
        self._output = folder / "output.txt"
        self._pids: list[int] = []

    def paste(self, *commands: str) -> str:
        """Run commands, the first in the background; returns what all of them have printed."""
        begin = self._output.stat().st_size if self._output.exists() else 0
        lines = [f"{commands[0]} &", "echo $! > pid", *commands[1:]]
        with self._output.open("a") as file:
            subprocess.run(
                ["bash", "-c", "\n".join(lines)],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=file,
                check=True,
                timeout=SECS,
            )
        self._pids.append(int((self.folder / "pid").read_text()))
        return self._output.read_bytes()[begin:].decode()

    def await_text(self, pattern: str) -> str:
        """Wait until the output has a match of a pattern; returns its first group."""
        match = wait_until(lambda: re.search(pattern, self._output.read_text()), what=pattern)
        assert isinstance(match, re.Match)
        return str(match[1])

    @property
    def announcement(self) -> Path:
        return Path(os.environ["XDG_STATE_HOME"], "weft", "server.json")

    def close(self) -> None:
        """End what runs in the background."""
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            wait_until(lambda pid=pid: not is_process(pid), what="end of the server")
        await_no_sidecar()


def is_process(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
