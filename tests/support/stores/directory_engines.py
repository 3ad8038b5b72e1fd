"""Engines of directories, which `weft.Api(DIR)` starts, as forks of the parent of servers.

Only those of the tests' own process: those that a script starts are interpreters of their own, as
are a user's.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

import pytest

from server_forks import ForkedProcess, forks
from weft.sdk.reading import directory_server

_start_interpreter = directory_server.start_engine


def start_engine(root: Path, output: IO[bytes]) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": output}
    words = ["ui", str(root), *directory_server.UI_OPTIONS]
    return ForkedProcess(words, Path.cwd(), os.environ, forks(), **pipes)


@pytest.fixture
def engine_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines of interpreters of their own, for tests of the engine itself."""
    monkeypatch.setattr(directory_server, "start_engine", _start_interpreter)


def fork_engines() -> None:
    """Have engines that this process starts be forks."""
    vars(directory_server)["start_engine"] = start_engine
