"""Caches all runs of one project and the requested columns.

Receives rows of `storage.metadata.runs.columns`; passes `View`s to `evaluate`, `ordering` and
`groups`. The next request reads again what a commit changed (`storage.metadata.database.changes`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.records.run_columns import ARTIFACT_COLUMNS, columns_of_kind
from weft.server.services.access.actors import Actor
from weft.server.services.columns.cells import OWN_COLUMNS, CellReader, has_path
from weft.server.services.columns.texts import Bools
from weft.server.services.columns.typed_column import (
    MISSING,
    TypedColumn,
    empty_column,
    with_cells,
)
from weft.server.services.columns.visible_versions import visible_versions
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import (
    PARTS,
    PERMANENT,
    BaseRow,
    ChangeLog,
    MetadataStore,
    Part,
    Row,
    Transaction,
)

_MAX_TOGETHER: Final = 1000
"""Maximum number of changed runs whose values of many columns are read in one statement."""

_LISTS: Final = frozenset(columns_of_kind("texts"))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a project by slot, in the order of their row ids.

    A deleted run, which is not alive, keeps its slot for a while. One in the trash is alive.
    `encoded_ids` are in UTF-8, because a million of them would be 57 MB as Python texts.
    """

    row_ids: Int64
    encoded_ids: NDArray[np.bytes_]
    created: Int64
    is_alive: Bools
    is_trashed: Bools

    def __len__(self) -> int:
        return len(self.row_ids)

    @property
    def n_bytes(self) -> int:
        """Approximate memory of the runs."""
        arrays = (self.row_ids, self.encoded_ids, self.created, self.is_alive, self.is_trashed)
        return sum(array.nbytes for array in arrays)

    def ids_of(self, slots: Int64) -> list[str]:
        """Run ids of the given slots."""
        return [encoded.decode() for encoded in self.encoded_ids[slots].tolist()]

    def slots_of(self, row_ids: Collection[int] | Int64) -> Int64:
        """Slots of the given row ids, in their order; unknown ones are left out."""
        return slots_among(self.row_ids, row_ids)


def slots_among(ascending: Int64, row_ids: Collection[int] | Int64) -> Int64:
    """Indices of row ids among ascending ones, in the order of `row_ids`, without unknown ids."""
    requested = np.fromiter(row_ids, np.int64, len(row_ids))
    if not len(ascending):
        return requested[:0]
    slots = np.minimum(np.searchsorted(ascending, requested), len(ascending) - 1)
    return slots[ascending[slots] == requested]


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
    column: TypedColumn
    mark: int
    used: int


class ProjectColumns:
    """One project's runs and columns. Thread-safe; views don't change.

    Attributes:
        used: the last use.
        n_bytes: approximate memory of the runs and the columns. Counted when some are read, not at
            each look at it, as the cache looks at all projects for each list of runs.
    """

    def __init__(
        self, metadata: MetadataStore, project_id: int, clock: itertools.count[int]
    ) -> None:
        self._metadata = metadata
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
            self.used = next(self._clock)
            changes = self._metadata.changes
            # Taken before the snapshot, so that the next request reads commits made meanwhile.
            marks: dict[Part, int] = {part: changes.mark(part) for part in PARTS}
            if self._runs is None or not self._is_fresh(names, changes):
                with self._metadata.snapshot() as tx:
                    runs = self._read_runs(tx, changes, marks)
                    self._read_columns(tx, changes, marks, runs, names)
                self._count_bytes()
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
            n_runs = 0 if self._runs is None else len(self._runs)
            is_page = 4 * len(row_ids) < n_runs or n_runs == 0
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

    def _count_bytes(self) -> None:
        columns = sum(loaded.column.n_bytes for loaded in self._loaded.values())
        self.n_bytes = self.n_run_bytes() + columns

    def _is_fresh(self, names: Collection[str], changes: ChangeLog) -> bool:
        nothing = set[int]()
        n_runs = 0 if self._runs is None else len(self._runs)
        return changes.since("run", self._runs_mark) == nothing and all(
            name in self._loaded
            # A new run without a value does not change the column, but needs a slot.
            and len(self._loaded[name].column.kinds) == n_runs
            and changes.since(_part_of(name), self._loaded[name].mark) == nothing
            for name in names
        )

    def _read_runs(self, tx: Transaction, changes: ChangeLog, marks: Mapping[Part, int]) -> Runs:
        runs, mark = self._runs, self._runs_mark
        table = self._metadata.run_columns
        touched = None if runs is None else changes.since("run", mark)
        if runs is not None and touched is not None:
            if touched:
                rows = table.base(tx, self._project_id, sorted(touched))
                runs = _with_runs(runs, touched, rows)
        else:
            runs = None
        if runs is None:
            runs = _runs_from_rows(table.base(tx, self._project_id))
            self._loaded.clear()
        self._runs, self._runs_mark = runs, marks["run"]
        return runs

    def _read_columns(
        self,
        tx: Transaction,
        changes: ChangeLog,
        marks: Mapping[Part, int],
        runs: Runs,
        names: Collection[str],
    ) -> None:
        """Bring columns up to date.

        Those of one root are read together if few runs changed: a live run changes hundreds.
        """
        batches: dict[str, dict[str, Int64 | None]] = {}
        for name in dict.fromkeys(names):
            slots = self._stale_slots(changes, runs, name)
            n_stale = len(runs) if slots is None else len(slots)
            if has_path(name) and 0 < n_stale <= _MAX_TOGETHER:
                batches.setdefault(name.partition(".")[0], {})[name] = slots
                continue
            answers: list[Sequence[Row]] = []
            if slots is None or n_stale:
                row_ids = runs.row_ids if slots is None else runs.row_ids[slots]
                answers = self._reader.cells(tx, name, row_ids.tolist(), are_all=slots is None)
            self._update(name, marks, runs, slots, answers)
        for batch in batches.values():
            all_slots = np.arange(len(runs), dtype=np.int64)
            stale = [all_slots if slots is None else slots for slots in batch.values()]
            union = np.unique(np.concatenate(stale))
            cells = self._reader.cells_of_paths(tx, list(batch), runs.row_ids[union].tolist())
            for name, slots in batch.items():
                self._update(name, marks, runs, None if slots is None else union, cells[name])

    def _stale_slots(self, changes: ChangeLog, runs: Runs, name: str) -> Int64 | None:
        """Slots of a column in memory that must be read again, or None if all must be."""
        loaded = self._loaded.get(name)
        touched = None if loaded is None else changes.since(_part_of(name), loaded.mark)
        if loaded is None or touched is None:
            return None
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
        mark = marks[_part_of(name)]
        if slots is None:
            empty = empty_column(len(runs), is_list=_is_list(name))
            column = with_cells(empty, runs.row_ids, np.zeros(0, np.int64), answers)
            self._loaded[name] = _Loaded(column, mark, self.used)
            return
        loaded = self._loaded[name]
        if len(slots):
            loaded.column = with_cells(loaded.column, runs.row_ids, slots, answers)
        loaded.mark = mark

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
    return [
        column.value(int(slot)) if is_present else MISSING
        for slot, is_present in zip(slots, is_there, strict=True)
    ]


def _part_of(name: str) -> Part:
    if name in OWN_COLUMNS:
        return "run"
    if name in ARTIFACT_COLUMNS:
        return "artifacts"
    root = name.partition(".")[0]
    return "writers" if root == "writer" else "config" if root == "config" else "summary"


def _is_list(name: str) -> bool:
    return name in _LISTS or name.startswith("writer.")


def _runs_from_rows(rows: Sequence[BaseRow]) -> Runs:
    return Runs(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1].encode() for row in rows], np.bytes_),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] != PERMANENT for row in rows], np.bool_),
        np.array([row[3] is not None for row in rows], np.bool_),
    )


def _with_runs(runs: Runs, touched: set[int], rows: Sequence[BaseRow]) -> Runs | None:
    """The runs after the touched ones were read again; None if all must be read."""
    last = int(runs.row_ids[-1]) if len(runs) else 0
    present_ids = set(runs.row_ids[runs.slots_of(touched)].tolist())
    new = [row for row in rows if row[0] not in present_ids]
    # PostgreSQL may commit a lower row id later, which would need a slot in the middle.
    if any(row[0] <= last for row in new):
        return None
    slots = runs.slots_of(present_ids)
    is_alive: Bools = np.array(runs.is_alive)
    is_trashed: Bools = np.array(runs.is_trashed)
    is_alive[slots] = False
    present = [row for row in rows if row[0] in present_ids]
    slots = runs.slots_of([row[0] for row in present])
    created: Int64 = np.array(runs.created)
    created[slots] = [row[2] for row in present]  # a log that began earlier may arrive later
    is_alive[slots] = [row[3] != PERMANENT for row in present]
    is_trashed[slots] = [row[3] is not None for row in present]
    if 2 * int(is_alive.sum()) < len(runs):
        return None
    pairs = (created, runs.created), (is_alive, runs.is_alive), (is_trashed, runs.is_trashed)
    if not new and all(np.array_equal(*pair) for pair in pairs):
        return runs  # only other parts of their rows changed
    more = _runs_from_rows(new)
    return Runs(
        np.concatenate([runs.row_ids, more.row_ids]),
        np.concatenate([runs.encoded_ids, more.encoded_ids]),
        np.concatenate([created, more.created]),
        np.concatenate([is_alive, more.is_alive]),
        np.concatenate([is_trashed, more.is_trashed]),
    )
