"""The package `wandb` over weft, in `weft/compat`, on the path of a process or its children."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from weft.errors import UsageError

COMPAT: Final = Path(__file__).parents[1] / "compat"
"""The folder that holds the package `wandb` and its metadata, as an environment would."""


def install_as_wandb() -> None:
    """Make `import wandb` give weft, in this process and in those that it starts.

    Frameworks that import `wandb` by themselves then log to weft, without the official package;
    where that is installed, weft stands before it. Call this before the framework is imported.
    `weft run SCRIPT` does the same for a script that can't be changed.

    Raises:
        UsageError: the official `wandb` is imported already.

    >>> import weft
    >>> weft.install_as_wandb()  # doctest: +SKIP
    >>> import wandb  # doctest: +SKIP
    >>> wandb.init is weft.init  # doctest: +SKIP
    True
    """
    imported = sys.modules.get("wandb")
    if imported is not None and "+weft" not in getattr(imported, "__version__", ""):
        raise UsageError(
            "the official wandb is imported already: call weft.install_as_wandb() first, before "
            "frameworks are imported, or start the script with `weft run`"
        )
    if str(COMPAT) not in sys.path:
        sys.path.insert(0, str(COMPAT))
        importlib.invalidate_caches()
    os.environ.update(with_wandb_package(os.environ))


def with_wandb_package(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables of a process in which Python finds the package `wandb` over weft first."""
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    paths = [str(COMPAT), *(path for path in paths if path and path != str(COMPAT))]
    return {**environment, "PYTHONPATH": os.pathsep.join(paths)}
