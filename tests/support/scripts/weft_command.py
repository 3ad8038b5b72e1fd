"""The `weft` command in a process of its own, for tests."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sdk_script import script_environment
from server_forks import ForkedProcess, changes_start, forks, run_forked

TIMEOUT_SECS = 120.0


@dataclass(frozen=True)
class Done:
    """The end of a command."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON that it printed with `--json`."""
        report: dict[str, Any] = json.loads(self.stdout)
        return report


def start_weft(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `weft ARGUMENTS` without waiting for it."""
    words = [*map(str, arguments)]
    environment = script_environment(env)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if not changes_start(env or {}):
        return ForkedProcess(words, Path.cwd(), environment, forks(), **pipes)
    command = [sys.executable, "-m", "weft.cli.main", *words]
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def run_weft(
    *arguments: object,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
) -> Done:
    """Run `weft ARGUMENTS` to its end, without a terminal, as a fork of `server_forks`."""
    assert not changes_start(env or {}), "start_weft runs it in an interpreter of its own"
    environment = script_environment(env)
    folder = cwd or Path.cwd()
    done = Done(*run_forked([*map(str, arguments)], folder, environment, TIMEOUT_SECS, stdin))
    assert "Traceback" not in done.stderr, done.stderr
    return done


_KILLED: Final = """
import os, signal, sys
def count(name, arguments):
    global left
    if name == event and any(path in str(argument) for argument in arguments):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""


def kill_weft(event: str, path: str | Path, n_before: int, *arguments: object) -> None:
    """Run `weft ARGUMENTS`, killed as it is about to do something once more than `n_before` times.

    Args:
        event: what, as Python's audit events call it: `os.remove`, `os.link`, `os.rename`.
        path: part of the path of a file that it does it to.
    """
    before = f"event, path, left = {event!r}, {str(path)!r}, {n_before}\n{_KILLED}"
    assert_killed_by(before, *arguments)


def assert_killed_by(before: str, *arguments: object) -> None:
    """Run `weft ARGUMENTS`, which Python that its process runs first kills at some moment."""
    words = [*map(str, arguments)]
    environment = script_environment()
    done = Done(*run_forked(words, Path.cwd(), environment, TIMEOUT_SECS, before=before))
    assert done.exit_code == -signal.SIGKILL, done
