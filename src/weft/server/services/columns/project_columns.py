"""Caches all runs of one project and the requested columns.

Receives rows of `storage.metadata.runs.columns`; passes `View`s to `evaluate`, `ordering` and
`groups`. The next request reads again what a commit changed (`storage.metadata.database.changes`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from weft.records.run_columns import ARTIFACT_COLUMNS, columns_of_kind
from weft.server.services.access.actors import Actor
from weft.server.services.columns.cells import CellReader, has_path, part_of
from weft.server.services.columns.column_groups import groups_of_columns
from weft.server.services.columns.current_save import MIN_SAVED_RUNS, CurrentSave, max_columns
from weft.server.services.columns.runs import Runs, runs_from_rows, with_runs
from weft.server.services.columns.saved_columns import ColumnSaves, OpenSave, SavedFile
from weft.server.services.columns.typed_column import (
    MISSING,
    TypedColumn,
    empty_column,
    with_cells,
)
from weft.server.services.columns.visible_versions import visible_versions
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import PARTS, ChangeLog, MetadataStore, Part, Row, Transaction

_LISTS: Final = frozenset(columns_of_kind("texts"))


@dataclass(frozen=True, slots=True)
class View:
    """Runs and columns as they were at one moment, from which filters count ages.

    Arrays are by slot.
    """

    runs: Runs
    columns: Mapping[str, TypedColumn]
    now_micros: int


@dataclass(slots=True)
class _Loaded:
    """A column; `touched` are row ids of runs that changed before the mark, not read yet."""

    column: TypedColumn
    mark: int
    used: int
    touched: Collection[int] = ()


class Savable(NamedTuple):
    """Runs and columns of one moment, for a save.

    Attributes:
        runs_file: the file that has these runs already.
        columns: those in memory.
        files: by name, the columns that are in these files already, in memory or not.
        marks: positions of the change log at that moment.
        numbering: a number that changes with the slots of the runs.
    """

    runs: Runs
    runs_file: SavedFile | None
    columns: Mapping[str, TypedColumn]
    files: Mapping[str, SavedFile]
    marks: Mapping[Part, int]
    numbering: int


class ProjectColumns:
    """One project's runs and columns. Thread-safe; views don't change.

    Attributes:
        used: the last use.
        n_bytes: approximate memory of the runs and the columns. Counted when some are read, not at
            each look at it, as the cache looks at all projects for each list of runs.
    """

    def __init__(
        self,
        metadata: MetadataStore,
        project_id: int,
        clock: itertools.count[int],
        saves: ColumnSaves | None = None,
    ) -> None:
        self._metadata = metadata
        self._saves = saves
        self._save: CurrentSave | None = None
        self._numbering = 0
        self._project_id = project_id
        self._clock = clock
        self._lock = threading.Lock()
        self._runs: Runs | None = None
        self._runs_mark = 0
        self._loaded: dict[str, _Loaded] = {}
        self._reader = CellReader(metadata, project_id)
        self.used = next(clock)
        self.n_bytes = 0

    def view(self, actor: Actor, names: Collection[str], now_micros: int) -> View:
        """The current runs, and their columns of these names, as the actor sees them."""
        with self._lock:
            self._refresh(names)
            assert self._runs is not None
            for name in names:
                self._loaded[name].used = self.used
            columns = {name: self._loaded[name].column for name in names}
            runs, owners = self._runs, dict(self._reader.owners)
        for name in columns.keys() & ARTIFACT_COLUMNS:
            columns[name] = visible_versions(actor, columns[name], owners)
        return View(runs, columns, now_micros)

    def values(
        self, actor: Actor, names: Sequence[str], row_ids: Sequence[int]
    ) -> list[list[Any]]:
        """Values of some runs by column, `MISSING` where a run has none.

        For a page of runs, columns that are not in memory are read for those runs only.
        """
        with self._lock:
            self._refresh(())
            is_page = 4 * len(row_ids) < len(self._runs or ())
            whole = [name for name in names if name in self._loaded or not is_page]
        view = self.view(actor, whole, 0)
        others = [name for name in names if name not in whole]
        requested = np.array(row_ids, np.int64)
        read = np.unique(requested)
        page = self._read_page(others, read) if others else {}
        values: list[list[Any]] = []
        for name in names:
            column, ids = view.columns.get(name), view.runs.row_ids
            if column is None:
                column, ids = page[name], read
                if name in ARTIFACT_COLUMNS:
                    column = visible_versions(actor, column, self._reader.owners)
            values.append(_values(column, ids, requested))
        return values

    def is_save_due(self, last_change: int) -> bool:
        """Whether a new server would read much of what is in memory here from the database."""
        with self._lock:
            if self._runs is None or len(self._runs) < MIN_SAVED_RUNS:
                return False
            save = self._save
            if save is None or not save.save.files.keys() >= set(self._savable_names()):
                return True
            return save.is_behind(last_change)

    def savable(self) -> Savable:
        """The runs, the columns in memory, and those of the last save, for another one."""
        with self._lock:
            in_memory = set(self._loaded)
            names = self._savable_names()
            # These marks are of before the look at what has changed, also if more is read below.
            marks = self._refresh(names)
            numbering = self._numbering
            assert self._runs is not None
            files: dict[str, SavedFile] = {}
            runs_file: SavedFile | None = None
            if self._save is not None:
                limit = max_columns(len(self._runs)) - len(names)
                files, changed = self._save.unread_files(in_memory, len(self._runs), limit)
                if changed:
                    names += changed
                    self._refresh(names)
                    if self._numbering != numbering:
                        files.clear()
            columns = {name: self._loaded[name].column for name in names}
            if self._save is not None:
                files |= self._save.files_of(columns)
                if self._save.save.runs is self._runs:
                    runs_file = self._save.save.runs_file
            for name in self._loaded.keys() - in_memory:
                del self._loaded[name]
            self._count_bytes()
            return Savable(self._runs, runs_file, columns, files, marks, self._numbering)

    def take_save(self, save: OpenSave, savable: Savable) -> None:
        """Read columns that are not in memory from this save from now on."""
        with self._lock:
            if savable.numbering == self._numbering:
                self._save = CurrentSave(save, self._metadata.changes)
                self._save.note_files(savable.columns)

    def _savable_names(self) -> list[str]:
        """Columns in memory, the last used first. Without artifacts: who may see them depends on
        `owners`, which are known after reading them only.
        """
        names = [name for name in self._loaded if name not in ARTIFACT_COLUMNS]
        names.sort(key=lambda name: self._loaded[name].used, reverse=True)
        return names[: max_columns(len(self._runs or ()))]

    def loaded(self) -> dict[str, tuple[int, int]]:
        """By name of a column in memory, its last use and its size in bytes."""
        with self._lock:
            return {
                name: (loaded.used, loaded.column.n_bytes) for name, loaded in self._loaded.items()
            }

    def n_run_bytes(self) -> int:
        """Bytes of the runs themselves."""
        runs = self._runs
        return 0 if runs is None else runs.n_bytes

    def drop(self, name: str) -> None:
        """Drop a column from memory; existing views keep it."""
        with self._lock:
            self._loaded.pop(name, None)
            self._count_bytes()

    def _refresh(self, names: Collection[str]) -> Mapping[Part, int]:
        """Bring the runs and columns up to date; returns positions of the change log that they
        have.
        """
        self.used = next(self._clock)
        changes = self._metadata.changes
        # Taken before the snapshot, so that the next request reads commits made meanwhile.
        marks: dict[Part, int] = {part: changes.mark(part) for part in PARTS}
        if self._runs is None or not self._is_fresh(names, changes):
            with self._metadata.snapshot() as tx:
                runs = self._read_runs(tx, changes, marks)
                self._read_columns(tx, changes, marks, runs, names)
            self._count_bytes()
        return marks

    def _count_bytes(self) -> None:
        columns = sum(loaded.column.n_bytes for loaded in self._loaded.values())
        self.n_bytes = self.n_run_bytes() + columns

    def _is_fresh(self, names: Collection[str], changes: ChangeLog) -> bool:
        nothing = set[int]()
        n_runs = 0 if self._runs is None else len(self._runs)
        return changes.since("run", self._runs_mark) == nothing and all(
            name in self._loaded
            and not self._loaded[name].touched
            # A new run without a value does not change the column, but needs a slot.
            and len(self._loaded[name].column.kinds) == n_runs
            and changes.since(part_of(name), self._loaded[name].mark) == nothing
            for name in names
        )

    def _read_runs(self, tx: Transaction, changes: ChangeLog, marks: Mapping[Part, int]) -> Runs:
        runs, mark = self._runs, self._runs_mark
        table = self._metadata.run_columns
        touched = None if runs is None else changes.since("run", mark)
        if runs is not None and touched is not None:
            if touched:
                rows = table.base(tx, self._project_id, sorted(touched))
                runs = with_runs(runs, touched, rows)
        else:
            runs = None
        if runs is None:
            self._loaded.clear()
            self._numbering += 1
            runs = self._read_all_runs(tx, marks)
        self._runs, self._runs_mark = runs, marks["run"]
        return runs

    def _read_all_runs(self, tx: Transaction, marks: Mapping[Part, int]) -> Runs:
        table = self._metadata.run_columns
        self._save = None
        save = None if self._saves is None else self._saves.open(tx, self._project_id, marks)
        if save is not None:
            runs: Runs | None = save.runs
            touched = set(save.touched["run"])
            if touched:
                rows = table.base(tx, self._project_id, sorted(touched))
                runs = with_runs(save.runs, touched, rows)
            if runs is not None:
                self._save = CurrentSave(save, self._metadata.changes)
                return runs
        return runs_from_rows(table.base(tx, self._project_id))

    def _read_columns(
        self,
        tx: Transaction,
        changes: ChangeLog,
        marks: Mapping[Part, int],
        runs: Runs,
        names: Collection[str],
    ) -> None:
        """Bring columns up to date.

        Those of one root are read together if few runs changed (a live run changes hundreds of
        columns), or if many columns changed: PostgreSQL keeps the fields of a run together.
        """
        stale = {name: self._stale_slots(changes, runs, name) for name in dict.fromkeys(names)}
        for group, slots in groups_of_columns(stale, len(runs)):
            row_ids = (runs.row_ids if slots is None else runs.row_ids[slots]).tolist()
            cells: dict[str, list[Sequence[Row]]] = {}
            if len(group) > 1:
                cells = self._reader.cells_of_paths(tx, group, row_ids)
            elif row_ids:
                name = group[0]
                cells[name] = self._reader.cells(tx, name, row_ids, are_all=slots is None)
            for name in group:
                self._update(name, marks, runs, slots, cells.get(name, []))

    def _stale_slots(self, changes: ChangeLog, runs: Runs, name: str) -> Int64 | None:
        """Slots of a column in memory that must be read again, or None if all must be."""
        loaded = self._loaded.get(name) or self._load(name)
        touched = None if loaded is None else changes.since(part_of(name), loaded.mark)
        if loaded is None or touched is None:
            return None
        touched.update(loaded.touched)
        n_slots = len(loaded.column.kinds)
        slots = runs.slots_of(touched)
        # New runs are always read: they may have come from elsewhere with values.
        more = np.arange(n_slots, len(runs), dtype=np.int64)
        slots = np.concatenate([slots[slots < n_slots], more])
        # All are read, too, if most texts are no longer used.
        is_renewed = len(loaded.column.texts) > 2 * len(runs) + 1000
        return None if is_renewed or len(slots) > len(runs) // 4 + 16 else slots

    def _update(
        self,
        name: str,
        marks: Mapping[Part, int],
        runs: Runs,
        slots: Int64 | None,
        answers: Sequence[Sequence[Row]],
    ) -> None:
        """Put the cells that were read of these slots, or of all, into a column."""
        mark = marks[part_of(name)]
        if slots is None:
            empty = empty_column(len(runs), is_list=_is_list(name))
            column = with_cells(empty, runs.row_ids, np.zeros(0, np.int64), answers)
            self._loaded[name] = _Loaded(column, mark, self.used)
            return
        loaded = self._loaded[name]
        if len(slots):
            loaded.column = with_cells(loaded.column, runs.row_ids, slots, answers)
        loaded.mark = mark
        loaded.touched = ()

    def _load(self, name: str) -> _Loaded | None:
        """Take a column from the save."""
        column = None if self._save is None else self._save.column(name)
        if self._save is None or column is None:
            return None
        part, save = part_of(name), self._save.save
        loaded = _Loaded(column, save.marks[part], self.used, save.touched[part])
        self._loaded[name] = loaded
        return loaded

    def _read_page(self, names: Sequence[str], row_ids: Int64) -> dict[str, TypedColumn]:
        """Read columns of some runs only; `row_ids` must ascend."""
        listed = row_ids.tolist()
        nothing = np.zeros(0, np.int64)
        with self._metadata.read() as tx:
            answers = self._reader.cells_of_paths(
                tx, [name for name in names if has_path(name)], listed
            )
            for name in names:
                if name not in answers:
                    answers[name] = self._reader.cells(tx, name, listed, are_all=False)
        return {
            name: with_cells(
                empty_column(len(row_ids), is_list=_is_list(name)), row_ids, nothing, answers[name]
            )
            for name in names
        }


def _values(column: TypedColumn, ids: Int64, requested: Int64) -> list[Any]:
    if not len(ids):
        return [MISSING] * len(requested)
    slots = np.minimum(np.searchsorted(ids, requested), len(ids) - 1)
    is_there = (ids[slots] == requested) & (slots < len(column.kinds))
    if is_there.all():
        return column.take(slots).values()
    values = [MISSING] * len(requested)
    for at, value in zip(
        np.flatnonzero(is_there).tolist(), column.take(slots[is_there]).values(), strict=True
    ):
        values[at] = value
    return values


def _is_list(name: str) -> bool:
    return name in _LISTS or name.startswith("writer.")
