"""The `weft` command in a process of its own, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sdk_script import script_environment

TIMEOUT_SECS = 120.0


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """What it printed with `--json`."""
        found: dict[str, Any] = json.loads(self.stdout)
        return found


def start_weft(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `weft ARGUMENTS` without waiting for it."""
    command = [sys.executable, "-m", "weft.cli.main", *map(str, arguments)]
    return subprocess.Popen(
        command,
        env=script_environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_weft(*arguments: object, env: Mapping[str, str] | None = None) -> Done:
    """Run `weft ARGUMENTS` to its end."""
    process = start_weft(*arguments, env=env)
    stdout, stderr = process.communicate(timeout=TIMEOUT_SECS)
    assert "Traceback" not in stderr, stderr
    return Done(process.returncode, stdout, stderr)
