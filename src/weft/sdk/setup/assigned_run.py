"""The run that a sweep's agent assigned to this process: `init` starts it, and none of its own.

An agent that calls a function sets it here; one that starts a program sets variables, and names
a file with the config.
"""

from __future__ import annotations

import os
from typing import Any, cast

import msgspec

from weft.errors import ConfigError
from weft.sdk.setup import PARAM_PATH


class AssignedRun(msgspec.Struct, frozen=True):
    """A run of a sweep.

    `config` are the parameters that the sweep chose, nested; `settings` are `sweep_id`, `entity`,
    `project`, and perhaps `mode`. It `resumes` if it was preempted.
    """

    run: str
    config: dict[str, Any]
    settings: dict[str, Any]
    resumes: bool = False

    def arguments(self) -> dict[str, Any]:
        """The arguments of `init` that it decides."""
        arguments = {"run_id": self.run, **self.settings}
        return arguments | {"resume": "allow"} if self.resumes else arguments


_assigned: AssignedRun | None = None
_is_begun = False


def assign_run(run: AssignedRun | None) -> None:
    """Set the run that the next `init` of this process starts. If None, a run of its own."""
    global _assigned, _is_begun
    _assigned, _is_begun = run, False


def is_assigned_run_begun() -> bool:
    """Whether `init` of this process has read the run that was assigned last."""
    return _is_begun


def assigned_run() -> AssignedRun | None:
    """Return the run that `init` is to start because the agent assigned it, if there is one."""
    global _is_begun
    if _assigned is not None:
        _is_begun = True
        return _assigned
    path = os.environ.get(f"WEFT_{PARAM_PATH}") or os.environ.get(f"WANDB_{PARAM_PATH}")
    return None if not path else _read(path)


def _read(path: str) -> AssignedRun | None:
    def variable(name: str) -> str | None:
        return os.environ.get(f"WEFT_{name}") or os.environ.get(f"WANDB_{name}") or None

    sweep, run = variable("SWEEP_ID"), variable("RUN_ID")
    if sweep is None or run is None:
        return None
    import yaml

    try:
        with open(path, encoding="utf-8") as file:
            read: Any = yaml.safe_load(file)
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(
            f"the sweep's agent left the parameters in {path}, which can't be read: {error}"
        ) from None
    items = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    config = {
        name: cast("dict[str, Any]", parameter)["value"]
        for name, parameter in items.items()
        if isinstance(parameter, dict) and "value" in parameter
    }
    settings = {
        "sweep_id": sweep,
        "entity": variable("ENTITY"),
        "project": variable("PROJECT"),
        "mode": variable("MODE"),
    }
    return AssignedRun(
        run,
        config,
        {name: value for name, value in settings.items() if value is not None},
        variable("RESUME") == "allow",
    )
