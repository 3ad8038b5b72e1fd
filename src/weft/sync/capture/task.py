"""The task of the process that gathers a script's environment. No I/O but one small file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

NAME: Final = "capture.json"

CODE_FOLDER: Final = "code"
"""The folder of source files among a run's files, as `log_code` uses it."""


class Task(msgspec.Struct, frozen=True, omit_defaults=True):
    """The environment to gather.

    Attributes:
        program: the script, absolute or relative to `cwd`.
        sys_path: the folders of the script's packages.
        began_micros: the start of the run, in µs since 1970. Everything is described as of then;
            later changes are left out. None: as of now.
        git_commit, git_remote_url: settings that replace what git says, as in a container without
            `.git`.
        is_redacted, patterns: the settings `redact` and `redact_patterns`.
    """

    cwd: str
    program: str
    sys_path: list[str]
    began_micros: int | None = None
    has_git: bool = True
    git_commit: str | None = None
    git_remote_url: str | None = None
    has_patch: bool = True
    has_code: bool = True
    is_redacted: bool = True
    patterns: list[str] = []


def task_path(directory: Path) -> Path:
    """The path of the task of a run's directory: not among its files, so it is never uploaded."""
    return directory / "logs" / NAME


def has_task(directory: Path) -> bool:
    """Whether the script has asked for its environment, and it is not among its files yet."""
    return task_path(directory).is_file()
