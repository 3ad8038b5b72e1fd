"""Gathers the environments of runs. A process of its own; does I/O.

`gathering` starts it with the runs' directories. What fails is a note in `environment.json`, never
an error: a repository may be corrupt, a tool missing, a driver hanging.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.records.files.described import CAPTURED_FILES
from weft.records.secrets.redaction import Redactor
from weft.runlog.private_files import PRIVATE_UMASK
from weft.sync.capture.code import store_program
from weft.sync.capture.git import Repository
from weft.sync.capture.launcher import describe_launcher
from weft.sync.capture.machine import describe_machine
from weft.sync.capture.packages import changed_folder, installed_packages
from weft.sync.capture.staging import Order, part_path, put_gathered, read_task
from weft.sync.capture.task import Task
from weft.sync.messages import tell

FILE: Final = CAPTURED_FILES[0]

NICENESS: Final = 10
"""A script that trains goes first."""

_KILLED: Final = "the process that records it was killed"


class EnvironmentWriter:
    """Writes the files of one run's environment to `files`.

    `is_steady` is true if nothing has changed since the run began, as far as could be seen.
    `order` is what can be described of a run whose process is dead.
    """

    def __init__(self, task: Task, files: Path, order: Order) -> None:
        self.is_steady = True
        self._task = task
        self._files = files
        self._order = order
        self._redactor = Redactor(task.patterns, is_on=task.is_redacted)
        self._facts: dict[str, Any] = {}
        self._notes: list[str] = []

    def write(self) -> None:
        """Write all files."""
        task, order = self._task, self._order
        if order.is_same_boot:
            self._add("machine", describe_machine)
        if order.is_left:
            # The variables are not the script's. And the task may be from another user: its paths
            # may lead to any file of this one.
            self._notes += [
                f"code: not recorded: {_KILLED}",
                f"diff.patch is not stored: {_KILLED}",
            ]
        else:
            self._add("cluster", lambda: describe_launcher(os.environ, self._redactor))
        # git can take long, and this process be ended.
        self._write_json(late=("packages", "git", "code"))
        self._add("packages", self._describe_packages)
        if task.has_git:
            self._add("git", self._describe_repository)
        if task.has_code and not order.is_left:
            self._add("code", self._store_program)
        self._write_json()

    def _add(self, part: str, describe: Callable[[], dict[str, Any]]) -> None:
        try:
            self._facts.update(describe())
        except Exception as error:  # noqa: BLE001  whatever fails, the others are gathered
            self._notes.append(f"{part}: {error}")

    def _describe_packages(self) -> dict[str, Any]:
        task = self._task
        since = task.began_micros
        changed = None if since is None else changed_folder(task.sys_path, since)
        if changed is not None:
            self.is_steady = False
            if self._order.is_left:
                raise ValueError(f"not recorded: {changed} was changed after the run began")
        packages = installed_packages(task.sys_path)
        if packages:
            lines = "".join(f"{package}\n" for package in packages)
            _write(self._files / "requirements.txt", lines.encode())
        return {}

    def _describe_repository(self) -> dict[str, Any]:
        task = self._task
        folder = Path(task.cwd, task.program).parent
        repository = Repository(
            folder if folder.is_dir() else Path(task.cwd),
            self._redactor,
            since_micros=task.began_micros,
        )
        described = repository.describe()
        settings = {
            "commit": task.git_commit,
            "remote": self._redactor.text(task.git_remote_url) if task.git_remote_url else None,
        }
        stated = {name: value for name, value in settings.items() if value}
        if described is None:
            return {"git": stated} if stated else {}
        if task.has_patch and not self._order.is_left:
            repository.write_patches(self._files)
        self._notes.extend(repository.notes)
        self.is_steady &= repository.is_steady
        facts: dict[str, Any] = {"git": {**described, **stated}, "root": repository.root}
        program = Path(os.path.realpath(folder / Path(task.program).name))
        if repository.root and program.is_file() and program.is_relative_to(repository.root):
            facts["codePath"] = program.relative_to(repository.root).as_posix()
        return facts

    def _store_program(self) -> dict[str, Any]:
        try:
            path = self._facts.get("codePath")
            return store_program(self._task, path, self._files, self._redactor)
        except ValueError:
            self.is_steady = False
            raise

    def _write_json(self, late: tuple[str, ...] = ()) -> None:
        """Write `environment.json`; `late` names the parts that a killed process did not add."""
        notes = [*self._notes, *(f"{part}: it was not recorded in time" for part in late)]
        counts = self._redactor.counts
        content = {
            **self._facts,
            **({"redacted": dict(counts)} if counts else {}),
            **({"notes": notes} if notes else {}),
        }
        _write(self._files / FILE, msgspec.json.format(msgspec.json.encode(content), indent=2))


def gather_all(order: Order) -> None:
    """Gather the environments of several runs of one process, the oldest first.

    Runs that began before the last one was described have the same environment, if nothing has
    changed since that one began.
    """
    tasks = [(Path(name), read_task(Path(name))) for name in order.directories]
    described: tuple[Task, Path] | None = None
    described_micros = 0
    for directory, task in sorted(
        ((directory, task) for directory, task in tasks if task is not None),
        key=lambda entry: entry[1].began_micros or 0,
    ):
        part = part_path(directory)
        began_micros = task.began_micros
        is_same = (
            described is not None
            and began_micros is not None
            and began_micros <= described_micros
            and msgspec.structs.replace(described[0], began_micros=began_micros) == task
        )
        try:
            part.mkdir(exist_ok=True)
            if is_same and described is not None:
                import shutil

                shutil.copytree(described[1], part, dirs_exist_ok=True)
                continue
            described_micros = time.time_ns() // 1000
            writer = EnvironmentWriter(task, part, order)
            writer.write()
        except OSError as error:
            tell(f"the environment can't be written: {error}")  # its directory was removed
            continue
        # Copied before it is put in its place, from where it is moved.
        described = (task, part) if writer.is_steady else None
    for directory, _ in tasks:
        put_gathered(directory)


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _end_with_sidecar() -> None:
    """End with the sidecar: another one may then describe the run, or send its files."""
    os.read(0, 1)  # not by `sys.stdin`, whose lock would be held at this process's end
    os._exit(1)


def main() -> int:
    """Do the `Order` of `sys.argv[2]`."""
    os.umask(PRIVATE_UMASK)
    threading.Thread(target=_end_with_sidecar, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    gather_all(msgspec.json.decode(sys.argv[2], type=Order))
    return 0
