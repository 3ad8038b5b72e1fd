"""`weft run`: starts a script in which `import wandb` gives weft."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from weft.errors import UsageError

_SHIM: Final = Path(__file__).parent / "wandb_name"


def run_script(script: str, arguments: Sequence[str], *, is_module: bool) -> NoReturn:
    """Replace this process by Python running a script, a path or the name of a module."""
    if not is_module and not Path(script).exists():
        raise UsageError(f"no such script: {script}")
    path = os.pathsep.join(filter(None, (str(_SHIM), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, *(["-m"] if is_module else []), script, *arguments]
    if os.name == "nt":  # there, a replaced process ends before its successor
        sys.exit(subprocess.call(command, env=environment))
    os.execve(sys.executable, command, environment)
