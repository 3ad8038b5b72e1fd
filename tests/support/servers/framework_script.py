"""Scripts that use a framework, in a process of their own, against a server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from live_runs import LiveServer
from sdk_script import IMPORTED_BY_SIDECARS, Script
from server_forks import forks, run_forked
from weft.sdk.wandb_package import COMPAT, with_wandb_package

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

IMPORTED: Final = (
    "without_tensorflow", "numpy", "pandas", "matplotlib.pyplot", "sklearn.datasets",
    "sklearn.ensemble", "sklearn.linear_model", "torch", "torch.utils.data", "torchvision",
    "accelerate", "datasets", "transformers.trainer", "transformers.models.bert.modeling_bert",
    "transformers.models.gpt2.modeling_gpt2", "lightning",
)  # fmt: skip
"""Modules that take most of the CPU time of several scripts. Neither weft nor `wandb`, of which
each script has one, and nothing that starts threads."""

WITH_TENSORFLOW: Final = {"keras"}
"""Trainings whose callbacks of W&B import TensorFlow: their scripts are no forks."""

_NOT_INHERITED: Final = ("WANDB_", "WEFT_", "PYTEST_")


def parent_of_frameworks() -> Path:
    """The socket of a process that has imported frameworks; see `server_forks`."""
    return forks(imported=IMPORTED, without=_NOT_INHERITED)


def run_alone(
    code: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    over_weft: bool = False,
    is_forked: bool = True,
) -> Script:
    """Run code as a script in `folder`, to its end.

    Args:
        over_weft: whether `wandb` is the package over weft.
        is_forked: whether it may be a fork of a process that has imported what many scripts need;
            a script that uses TensorFlow is an interpreter of its own.
    """
    variables = with_wandb_package(environment) if over_weft else dict(environment)
    path = folder / "script.py"
    path.write_text(code)
    if is_forked:
        before = "import sys; assert 'wandb' not in sys.modules\n"
        before += f"sys.path.insert(1, {str(COMPAT)!r})" if over_weft else ""
        uses_weft = over_weft or "import weft" in code
        return Script(
            *run_forked(
                [str(path)], folder, variables, MOST_SECS,
                parent=parent_of_frameworks(),
                sidecars=forks(imported=IMPORTED_BY_SIDECARS) if uses_weft else None,
                before=before,
            )
        )  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(path)], cwd=folder, env=variables, capture_output=True, text=True,
        timeout=MOST_SECS, check=False,
    )  # fmt: skip
    return Script(done.returncode, done.stdout, done.stderr)


def run_framework(
    live: LiveServer, folder: Path, code: str, *, over_weft: bool = False, is_forked: bool = True
) -> str:
    """Run a script with the official package, or with the package `wandb` over weft.

    Returns what it wrote to stderr.
    """
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("WANDB_")},
        "HOME": str(folder),
        "WANDB_BASE_URL": live.url,
        "WANDB_API_KEY": KEY,
        "WANDB_SILENT": "true",
    }
    script = run_alone(HEAD + code, folder, environment, over_weft=over_weft, is_forked=is_forked)
    assert script.exit_code == 0, script.stderr[-3000:]
    assert "logged nothing" not in script.stderr, script.stderr[-3000:]
    return script.stderr
