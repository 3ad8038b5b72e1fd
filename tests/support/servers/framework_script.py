"""Scripts that use a framework, in a process of their own, against a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from live_runs import LiveServer
from weft.sdk.wandb_package import with_wandb_package

KEY = "local-" + "0" * 43

MOST_SECS: Final = 1200
"""For one script: a training whose import alone takes a minute on a loaded machine."""

HEAD = """
import os, warnings
warnings.filterwarnings("ignore")
import numpy as np
import wandb
rng = np.random.default_rng(0)
"""


def run_framework(live: LiveServer, folder: Path, code: str, *, over_weft: bool = False) -> str:
    """Run a script with the official package, or with the package `wandb` over weft.

    Returns what it wrote to stderr.
    """
    variables = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment = {
        **(with_wandb_package(variables) if over_weft else variables),
        "HOME": str(folder),
        "WANDB_BASE_URL": live.url,
        "WANDB_API_KEY": KEY,
        "WANDB_SILENT": "true",
    }
    done = subprocess.run(
        [sys.executable, "-c", HEAD + code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=MOST_SECS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "logged nothing" not in done.stderr, done.stderr[-3000:]
    return done.stderr
