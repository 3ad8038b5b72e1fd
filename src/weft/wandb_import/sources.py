"""Finds the `.wandb` files that a user names. Does I/O."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from weft.errors import ConfigError

SUFFIX: Final = ".wandb"
_PATTERNS: Final = (f"*{SUFFIX}", f"*run-*/*{SUFFIX}", f"wandb/*run-*/*{SUFFIX}")


def find_logs(paths: Sequence[Path]) -> list[Path]:
    """The `.wandb` files in run directories, `wandb` folders, and folders that contain one.

    Each once, runs that began earlier first, as their folders are named.
    """
    logs_by_path: dict[Path, Path] = {}
    for path in paths:
        if path.is_file():
            logs_by_path.setdefault(path.resolve(), path)
            continue
        if not path.exists():
            raise ConfigError(f"no such file or folder: {path}")
        logs = [log for pattern in _PATTERNS for log in path.glob(pattern) if log.is_file()]
        if not logs:
            raise ConfigError(
                f"no .wandb file in {path}: name a run directory (run-… or offline-run-…), "
                "a folder `wandb` with several, or a single .wandb file"
            )
        for log in sorted(logs):
            # `latest-run` is a link to one of the others.
            logs_by_path.setdefault(log.resolve(), log)
    return sorted(logs_by_path, key=lambda log: (log.parent.name.removeprefix("offline-"), log))
