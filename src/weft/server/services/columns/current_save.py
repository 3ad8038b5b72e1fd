"""The last save of one project: what it has, and how far it is behind.

`project_columns` reads columns from it, and `background.column_saver` asks when it needs another.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Collection, Mapping
from typing import Final

from weft.server.services.columns.cells import part_of
from weft.server.services.columns.saved_columns import OpenSave, SavedFile
from weft.server.services.columns.typed_column import TypedColumn
from weft.server.storage.contract import Float64
from weft.server.storage.metadata import PARTS, ChangeLog, Part

MIN_SAVED_RUNS: Final = 20_000
"""Smaller projects are read from the database as fast."""

_MAX_COLUMNS: Final = 64
_MAX_BYTES: Final = 256 * 2**20
_BYTES_PER_RUN: Final = 13

_MAX_TOUCHED: Final = 2000
_MAX_CHANGES_READ: Final = 5000
"""A new server reads so many changes, and so many runs again, within some 50 ms."""

_RENEWED_SECS: Final = 300.0
_RENEWED_AT_LAST_SECS: Final = 3600.0


def max_columns(n_runs: int) -> int:
    """The most columns of a save, without texts: all that changed are in memory at once.

    >>> max_columns(20_000), max_columns(1_000_000)
    (64, 20)
    """
    return min(_MAX_COLUMNS, max(1, _MAX_BYTES // (_BYTES_PER_RUN * max(1, n_runs))))


class CurrentSave:
    """Guarded by the lock of its project's columns."""

    def __init__(self, save: OpenSave, changes: ChangeLog) -> None:
        self.save = save
        self._changes = changes
        self._numbers_of: dict[str, weakref.ref[Float64]] = {}
        """By name, an array of the column that the save's file holds: new columns have others."""

    def column(self, name: str) -> TypedColumn | None:
        """A saved column as of the save; None if it has none."""
        column = self.save.column(name)
        if column is not None:
            self.note_files({name: column})
        return column

    def note_files(self, columns: Mapping[str, TypedColumn]) -> None:
        """Note that the save's files hold these columns."""
        for name, column in columns.items():
            self._numbers_of[name] = weakref.ref(column.numbers)

    def files_of(self, columns: Mapping[str, TypedColumn]) -> dict[str, SavedFile]:
        """The files that hold just these columns; those without one are left out."""
        files: dict[str, SavedFile] = {}
        for name, column in columns.items():
            numbers = self._numbers_of.get(name)
            if numbers is not None and numbers() is column.numbers:
                files[name] = self.save.files[name]
        return files

    def unread_files(
        self, in_memory: Collection[str], n_runs: int, limit: int
    ) -> tuple[dict[str, SavedFile], list[str]]:
        """Of the saved columns that are not in memory, the files of those without changes, and
        the names of the others.
        """
        files: dict[str, SavedFile] = {}
        changed: list[str] = []
        n_touched = self._n_touched()
        unread = [name for name in self.save.files if name not in in_memory]
        for name in unread[: max(0, limit)]:
            file = self.save.files[name]
            if n_touched[part_of(name)] or file.n != n_runs:
                changed.append(name)
            else:
                files[name] = file
        return files, changed

    def is_behind(self, last_change: int) -> bool:
        """Whether a new server would read many changes, or deleted values are there for long."""
        age_secs = time.monotonic() - self.save.since_secs
        if age_secs < _RENEWED_SECS:
            return False
        if last_change > self.save.mark + _MAX_CHANGES_READ:
            return True
        limit = 0 if age_secs > _RENEWED_AT_LAST_SECS else _MAX_TOUCHED
        return max(self._n_touched().values()) > limit

    def _n_touched(self) -> dict[Part, int]:
        """By part, how many runs of all projects changed since the save."""
        counts: dict[Part, int] = {}
        for part in PARTS:
            touched = self._changes.since(part, self.save.marks[part])
            if touched is None:
                counts[part] = _MAX_TOUCHED + 1
            else:
                counts[part] = len(touched.union(self.save.touched[part]))
        return counts
