"""Stores the script of a run among its files, without secrets. Does I/O."""

from __future__ import annotations

import tokenize
from pathlib import Path
from typing import Any, Final

from weft.records.redaction import Redactor
from weft.sync.capture.task import Task

FOLDER: Final = "code"
"""The folder of source files among a run's files, as `log_code` uses it."""

MOST_BYTES: Final = 1 << 20


def store_program(task: Task, path: str | None, files: Path, redactor: Redactor) -> dict[str, Any]:
    """Store the script.

    Args:
        path: the script relative to the root of its repository. If None, its name is used.

    Returns:
        `code`: the path among the run's files. Empty if there is no script, as in a console, if it
        is a notebook (whose cells the script stores itself), or if `log_code` has stored it.

    Raises:
        ValueError: the script is longer than 1 MiB.
        OSError, SyntaxError, UnicodeError: it can't be read.
    """
    program = Path(task.cwd, task.program)
    if not task.program or program.suffix == ".ipynb" or not program.is_file():
        return {}
    target = files / FOLDER / (path or program.name)
    if target.exists():
        return {}
    if program.stat().st_size > MOST_BYTES:
        raise ValueError(f"{task.program} is longer than {MOST_BYTES >> 20} MiB")
    with tokenize.open(program) as source:
        text = redactor.code(source.read())
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(target)
    return {"code": f"{FOLDER}/{path or program.name}"}
