"""Finds the files of a logged table. Reads metadata; copies files for readers of the rows.

A table that was logged at once is one file. An incremental one is a file for each `log()`, and the
value in the row names the last. They are files of a run, or of a version of an artifact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from weft.errors import LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.artifacts import ArtifactFileService
from weft.server.services.files.service import FileService
from weft.server.services.media import Item, items_of
from weft.server.services.sql_child.table_sources import OTHER_TABLES
from weft.wire.files.files import File

_INCREMENT: Final = re.compile(r"(?P<base>.+)\.(?P<number>\d{5,9})\.table\.parquet")
"""The path of an increment; see `weft.sdk.media.tables.versions.increment_path`."""

MAX_INCREMENTS: Final = 100_000

_KINDS: Final = ("table", "chart")


class TableOwner(Protocol):
    """The owner of tables' files, and of files that their cells refer to. Comparable."""

    @property
    def name(self) -> str:
        """The run's id, or the version's name."""
        ...

    def find_files(self, paths: Collection[str]) -> Mapping[str, File]:
        """Describe the files that exist, by path."""
        ...

    def copy_to(self, file: File, path: Path) -> None:
        """Copy a file that `find_files` described to a free path."""
        ...


@dataclass(frozen=True)
class OwningRun:
    """The files of a run, as an actor may read them."""

    files: FileService
    actor: Actor
    run: RunPath

    @property
    def name(self) -> str:
        return self.run.run

    def find_files(self, paths: Collection[str]) -> Mapping[str, File]:
        files = self.files.find_file(self.actor, self.run.of_project, {self.run.run: paths})
        return {path: file for (_, path), file in files.items()}

    def copy_to(self, file: File, path: Path) -> None:
        self.files.copy_to(self.actor, self.run, file, path)


@dataclass(frozen=True)
class OwningVersion:
    """The files of a version of an artifact, as an actor may read them."""

    files: ArtifactFileService
    actor: Actor
    project: ProjectPath
    artifact: str
    ref: str

    @property
    def name(self) -> str:
        return f"{self.artifact}:{self.ref}"

    def find_files(self, paths: Collection[str]) -> Mapping[str, File]:
        return self.files.find_file(self.actor, self.project, self.artifact, self.ref, paths)

    def copy_to(self, file: File, path: Path) -> None:
        self.files.copy_to(self.actor, self.project, self.artifact, self.ref, file.path, path)


class LoggedTable(NamedTuple):
    """A logged table of a run or version.

    A file is None if it was not announced yet; `error` is why the script could not store it.
    `path` leads to the last increment, if there are several.
    """

    owner: TableOwner
    path: str
    files: Sequence[File | None]
    error: str | None

    @property
    def stored(self) -> list[File]:
        """The files before the first that is missing: rows after a gap have no known number."""
        stored = takewhile(lambda file: file is not None and file.state == "stored", self.files)
        return [file for file in stored if file is not None]

    @property
    def state(self) -> tuple[str, str | None]:
        """The state and the error of the first file that is not stored, if any."""
        for file in self.files:
            if file is None:
                return ("awaited" if self.error is None else "failed"), self.error
            if file.state != "stored":
                return file.state, file.error
        return "stored", None

    def copy_to(self, folder: Path, prefix: str = "") -> list[str]:
        """Copy what is stored into a folder; returns the paths, in the order of the rows."""
        paths: list[str] = []
        for nth, file in enumerate(self.stored):
            end = Path(file.path).suffix.lower()
            path = folder / f"{prefix}{nth}{end if end in OTHER_TABLES else '.parquet'}"
            self.owner.copy_to(file, path)
            paths.append(str(path))
        return paths


def table_in(value: Any) -> Item | None:
    """The first table, or table of a chart, in a logged value. None without one.

    >>> table_in({"_type": "table-file", "path": "media/table/a.table.parquet"}).path
    'media/table/a.table.parquet'
    """
    return next((item for item in items_of(value) if item.kind in _KINDS), None)


def find_files(owner: TableOwner, path: str, error: str | None = None) -> LoggedTable:
    """Find the files of a table. LimitExceeded if it has too many increments."""
    paths = [path]
    increment = _INCREMENT.fullmatch(path)
    if increment is not None:
        last = int(increment["number"])
        if last >= MAX_INCREMENTS:
            raise LimitExceeded(f"the table has more than {MAX_INCREMENTS:,} increments")
        paths = [f"{increment['base']}.{nth:05d}.table.parquet" for nth in range(last + 1)]
    files = owner.find_files(paths)
    return LoggedTable(owner, path, [files.get(file_path) for file_path in paths], error)
