"""Scripts that use the official client of W&B, unmodified, in an environment of its own.

    client = WandbClient(server.url, KEY, tmp_path)
    said = client.run("run = wandb.init(project='p'); run.finish(); say(id=run.id)")

`make setup-wandb` makes the environments, below `.wandb/`. `WEFT_TEST_WANDB` chooses another
version than the newest.
"""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from server_forks import ForkedProcess, forks, run_forked

ROOT: Final = Path(__file__).resolve().parents[3]
VERSION: Final = os.environ.get("WEFT_TEST_WANDB", "0.31.0")
PYTHON: Final = ROOT / ".wandb" / VERSION / "bin" / "python"

KEY: Final = "local-" + "0123456789" * 4
"""A well-formed key, which no user has."""

TIMEOUT_SECS: Final = 240.0
IMPORTED: Final = (
    "wandb", "wandb.apis.public", "wandb.cli.cli", "numpy", "requests", "yaml"
)  # fmt: skip
"""The modules whose import takes most of the CPU time of a script."""

NOT_INHERITED: Final = ("WANDB_", "WEFT_", "XDG_", "PYTHON")

_HEAD: Final = """
import json, sys, os, tempfile
import numpy as np
import wandb

# the folder that the client makes as it is imported ends with the first of the forks
wandb.sdk.data_types._private.MEDIA_TMP.name = tempfile.mkdtemp(dir=os.getcwd())

def say(**said):
    print("SAID " + json.dumps(said, default=plain), flush=True)

def plain(one):
    return dict(one) if hasattr(one, "keys") else str(one)

def rows_of(run):
    return [{k: v for k, v in row.items() if v is not None} for row in run.scan_history()]
"""


def parent_of_scripts() -> Path:
    """The socket of a process that has imported the client; see `server_forks`."""
    return forks(PYTHON, IMPORTED, NOT_INHERITED)


@dataclass(frozen=True)
class Said:
    """The end of a script, and its output."""

    exit_code: int
    stdout: str
    stderr: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        """The last value under a name."""
        for answer in reversed(self.answers):
            if name in answer:
                return answer[name]
        raise KeyError(f"{name!r} was not said:\n{self.stdout}\n{self.stderr}")


class WandbClient:
    """Runs scripts against one server."""

    def __init__(self, url: str, key: str, folder: Path) -> None:
        self.url = url
        self.key = key
        self.folder = folder

    def environment(self, **more: str) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)
        }
        own = {
            "HOME": str(home),
            "WANDB_BASE_URL": self.url,
            "WANDB_API_KEY": self.key,
            "WANDB_SILENT": "true",
            "WANDB_DIR": str(self.folder),
            "PATH": f"{PYTHON.parent}:{os.environ['PATH']}",
        }
        return {**inherited, **own, **more}

    def _write(self, code: str) -> Path:
        number = len(list(self.folder.glob("wandb-*.py")))
        path = self.folder / f"wandb-{number}.py"
        path.write_text(_HEAD + textwrap.dedent(code))
        return path

    def start(self, code: str, **variables: str) -> subprocess.Popen[str]:
        """Start a script without waiting for it."""
        return ForkedProcess(
            [str(self._write(code))],
            self.folder,
            self.environment(**variables),
            parent_of_scripts(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, code: str, *, exit_code: int | None = 0, **variables: str) -> Said:
        """Run a script to its end, which has to be `exit_code` unless that is None.

        It is a fork of a process that has imported the client, which takes more than a script. It
        reports no errors of the client: a third of its CPU time would be OpenTelemetry.
        """
        ended, stdout, stderr = run_forked(
            [str(self._write(code))],
            self.folder,
            self.environment(**{"WANDB_ERROR_REPORTING": "false", **variables}),
            TIMEOUT_SECS,
            parent=parent_of_scripts(),
        )
        lines = [
            json.loads(line.removeprefix("SAID "))
            for line in stdout.splitlines()
            if line.startswith("SAID ")
        ]
        assert exit_code is None or ended == exit_code, stdout + stderr
        return Said(ended, stdout, stderr, lines)

    def command(self, *arguments: object, **variables: str) -> Said:
        """Run `wandb ARGUMENTS`."""
        return Said(
            *run_forked(
                [str(PYTHON.parent / "wandb"), *map(str, arguments)],
                self.folder,
                self.environment(**{"WANDB_SILENT": "false", **variables}),
                TIMEOUT_SECS,
                parent=parent_of_scripts(),
            )
        )
