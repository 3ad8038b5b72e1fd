"""Gathers a run's environment and writes it into its files. A process of its own; does I/O.

`gathering` starts it with a run's directory. What fails is a note in `environment.json`, never an
error: a repository may be corrupt, a tool missing, a driver hanging.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.records.redaction import Redactor
from weft.runlog.private_files import PRIVATE_UMASK
from weft.sync.capture.cluster import describe_cluster
from weft.sync.capture.code import store_program
from weft.sync.capture.git import Repository
from weft.sync.capture.machine import describe_machine
from weft.sync.capture.packages import installed_packages
from weft.sync.capture.task import FILES, Task, task_path

FILE: Final = FILES[0]


def gather(task: Task, files: Path) -> None:
    """Write the environment's files.

    Raises:
        OSError: `files` can't be written.
    """
    redactor = Redactor(task.patterns, is_on=task.is_redacted)
    notes: list[str] = []
    facts: dict[str, Any] = {}

    def add(what: str, describe: Callable[[], dict[str, Any]]) -> None:
        try:
            facts.update(describe())
        except Exception as error:  # noqa: BLE001  whatever fails, the others are gathered
            notes.append(f"{what}: {error}")

    add("machine", describe_machine)
    add("cluster", lambda: describe_cluster(os.environ, redactor))
    _write_json(files, facts, notes, redactor)  # git can take long, and this process be ended
    add("packages", lambda: _write_packages(task, files))
    if task.has_git:
        add("git", lambda: _describe_repository(task, files, redactor, notes))
    if task.has_code:
        path = facts.get("codePath")
        add("code", lambda: store_program(task, path, files, redactor))
    _write_json(files, facts, notes, redactor)


def _describe_repository(
    task: Task, files: Path, redactor: Redactor, notes: list[str]
) -> dict[str, Any]:
    folder = Path(task.cwd, task.program).parent
    repository = Repository(folder if folder.is_dir() else Path(task.cwd), redactor)
    described = repository.describe()
    if described is None:
        return {}
    if task.has_patch:
        repository.write_patches(files)
    notes.extend(repository.notes)
    facts: dict[str, Any] = {"git": described, "root": repository.root}
    program = Path(os.path.realpath(folder / Path(task.program).name))
    if repository.root and program.is_file() and program.is_relative_to(repository.root):
        facts["codePath"] = program.relative_to(repository.root).as_posix()
    return facts


def _write_packages(task: Task, files: Path) -> dict[str, Any]:
    packages = installed_packages(task.sys_path)
    if packages:
        _write(files / "requirements.txt", "".join(f"{one}\n" for one in packages).encode())
    return {}


def _write_json(files: Path, facts: dict[str, Any], notes: list[str], redactor: Redactor) -> None:
    content = {
        **facts,
        **({"redacted": dict(redactor.counts)} if redactor.counts else {}),
        **({"notes": notes} if notes else {}),
    }
    _write(files / FILE, msgspec.json.format(msgspec.json.encode(content), indent=2))


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _end_with_sidecar() -> None:
    """End with the sidecar: another one may then describe the run, or send its files."""
    os.read(0, 1)  # not by `sys.stdin`, whose lock would be held at this process's end
    os._exit(1)


def main() -> int:
    """Gather the environment of the run directory `sys.argv[2]`."""
    os.umask(PRIVATE_UMASK)
    threading.Thread(target=_end_with_sidecar, daemon=True).start()
    directory = Path(sys.argv[2])
    task = msgspec.json.decode(task_path(directory).read_bytes(), type=Task)
    gather(task, directory / "files")
    # A sidecar that takes the place of a killed one does not gather again: the files would differ.
    task_path(directory).unlink(missing_ok=True)
    return 0
