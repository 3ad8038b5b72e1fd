"""Stores the script of a run among its files, without secrets. Does I/O."""

from __future__ import annotations

import tokenize
from pathlib import Path
from typing import Any, Final

from weft.records.secrets.redaction import Redactor
from weft.sync.capture.task import CODE_FOLDER, Task

MOST_BYTES: Final = 1 << 20


def store_program(task: Task, path: str | None, files: Path, redactor: Redactor) -> dict[str, Any]:
    """Store the script; returns `code`, the path among the run's files.

    `path` is relative to the root of its repository; if None, the script's name is used. Empty if
    there is no script, as in a console, or if it is a notebook (whose cells the script stores
    itself). ValueError if it is longer than 1 MiB, or was changed after the run began.
    """
    program = Path(task.cwd, task.program)
    if not task.program or program.suffix == ".ipynb" or not program.is_file():
        return {}
    status = program.stat()
    if task.began_micros is not None and status.st_mtime_ns // 1000 >= task.began_micros:
        raise ValueError(f"{task.program} was changed after the run began")
    if status.st_size > MOST_BYTES:
        raise ValueError(f"{task.program} is longer than {MOST_BYTES >> 20} MiB")
    target = files / CODE_FOLDER / (path or program.name)
    with tokenize.open(program) as source:
        text = redactor.code(source.read())
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(target)
    return {"code": f"{CODE_FOLDER}/{path or program.name}"}
