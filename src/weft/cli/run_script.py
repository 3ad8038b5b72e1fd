"""`weft run`: starts a script in which `import wandb` gives weft."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from weft.errors import UsageError
from weft.sdk.wandb_package import with_wandb_package


def run_script(script: str, arguments: Sequence[str], *, is_module: bool) -> NoReturn:
    """Replace this process by Python running a script, a path or the name of a module."""
    if not is_module and not Path(script).exists():
        raise UsageError(f"no such script: {script}")
    environment = with_wandb_package(os.environ)
    command = [sys.executable, *(["-m"] if is_module else []), script, *arguments]
    if os.name == "nt":  # there, a replaced process ends before its successor
        sys.exit(subprocess.call(command, env=environment))
    os.execve(sys.executable, command, environment)
