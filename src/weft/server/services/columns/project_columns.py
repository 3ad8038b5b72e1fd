"""Caches all runs of one project and the requested columns.

Receives rows of `storage.metadata.runs.columns`; passes `View`s to `evaluate`, `ordering` and
`groups`. The next request reads again what a commit changed (`storage.metadata.database.changes`).
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from weft.records.merge import join_path, split_path
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS, columns_of_kind
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
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
    TEXT,
    BaseRow,
    ChangeLog,
    MetadataStore,
    Part,
    Row,
    Scope,
    Transaction,
)

_MAX_DOTS: Final = 6
"""A path with more dots is read only as nested dicts or as one key that contains dots."""

_SCOPES: Final[dict[str, tuple[Scope, ...]]] = {
    "config": ("config",),
    "summary": ("logged", "set"),
}
"""By root, the scopes of its values. If a run has several, the last one counts."""

_OWN: Final = frozenset({*RUN_COLUMNS, "color"}.difference(ARTIFACT_COLUMNS))
"""Columns of the runs' own rows. No query names `color`, but every table row has it."""


_LISTS: Final = frozenset(columns_of_kind("texts"))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a project by slot, in the order of their row ids.

    A deleted run, which is not alive, keeps its slot for a while. One in the trash is alive.
    """

    row_ids: Int64
    ids: NDArray[np.object_]
    created: Int64
    is_alive: Bools
    is_trashed: Bools

    def __len__(self) -> int:
        return len(self.row_ids)

    @property
    def n_bytes(self) -> int:
        """Approximate memory of the runs."""
        return len(self) * 90

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
        self._owners: dict[str, ProjectPath] = {}
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
                    for name in names:
                        self._read_column(tx, changes, marks, runs, name)
                self._count_bytes()
            assert self._runs is not None
            for name in names:
                self._loaded[name].used = self.used
            columns = {name: self._loaded[name].column for name in names}
            runs, owners = self._runs, dict(self._owners)
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
                    column = visible_versions(actor, column, self._owners)
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

    def _read_column(
        self,
        tx: Transaction,
        changes: ChangeLog,
        marks: Mapping[Part, int],
        runs: Runs,
        name: str,
    ) -> None:
        part = _part_of(name)
        loaded = self._loaded.get(name)
        touched = None if loaded is None else changes.since(part, loaded.mark)
        if loaded is not None and touched is not None:
            column = loaded.column
            slots = runs.slots_of(touched)
            slots = slots[slots < len(column.kinds)]
            # New runs are always read: they may have come from elsewhere with values.
            more = np.arange(len(column.kinds), len(runs), dtype=np.int64)
            slots = np.concatenate([slots, more])
            if len(column.texts) > 2 * len(runs) + 1000:
                loaded = None  # most texts are no longer used
            elif len(slots) <= len(runs) // 4 + 16:
                if len(slots):
                    row_ids = runs.row_ids[slots].tolist()
                    answers = self._cells(tx, name, row_ids, are_all=False)
                    column = with_cells(column, runs.row_ids, slots, answers)
                loaded.column, loaded.mark = column, marks[part]
                return
        answers = self._cells(tx, name, runs.row_ids.tolist(), are_all=True)
        column = empty_column(len(runs), is_list=_is_list(name))
        column = with_cells(column, runs.row_ids, np.zeros(0, np.int64), answers)
        self._loaded[name] = _Loaded(column, marks[part], self.used)

    def _read_page(self, names: Sequence[str], row_ids: Int64) -> dict[str, TypedColumn]:
        """Read columns of some runs only; `row_ids` must ascend."""
        listed = row_ids.tolist()
        nothing = np.zeros(0, np.int64)
        answers: dict[str, list[Sequence[Row]]] = {}
        with self._metadata.read() as tx:
            paths = {name: _paths_of_column(name) for name in names if _has_path(name)}
            ids = self._metadata.run_columns.path_ids(
                tx, sorted({path for alternatives in paths.values() for path in alternatives})
            )
            cells: dict[tuple[int, str], list[Row]] = {}
            for root, scopes in _SCOPES.items():
                path_ids = {
                    ids[path]
                    for name, alternatives in paths.items()
                    if name.startswith(root)
                    for path in alternatives
                    if path in ids
                }
                read = self._metadata.run_columns.of_some(tx, scopes, sorted(path_ids), listed)
                for path_id, scope, *cell in read:
                    row = cast("Row", tuple(cell))
                    cells.setdefault((path_id, scope), []).append(row)
            for name in names:
                if name not in paths:
                    answers[name] = self._cells(tx, name, listed, are_all=False)
                    continue
                answers[name] = [
                    cells.get((ids[path], scope), [])
                    for path in reversed(paths[name])
                    if path in ids
                    for scope in _SCOPES[name.partition(".")[0]]
                ]
        return {
            name: with_cells(
                empty_column(len(row_ids), is_list=_is_list(name)), row_ids, nothing, answer
            )
            for name, answer in answers.items()
        }

    def _cells(
        self, tx: Transaction, name: str, row_ids: Sequence[int], *, are_all: bool
    ) -> list[Sequence[Row]]:
        table = self._metadata.run_columns
        requested = None if are_all else row_ids
        if name in _OWN:
            return [table.of_runs(tx, self._project_id, name, requested)]
        if name in ARTIFACT_COLUMNS:
            action = "use" if name == "used" else "log"
            uses = self._metadata.artifact_uses
            versions = uses.versions_of_runs(tx, self._project_id, action, requested)
            for version in versions:
                if version.prefix:
                    self._owners[version.prefix] = ProjectPath(version.entity, version.project)
            return [_cells_of_texts([(version.run_row_id, version.name) for version in versions])]
        root, _, path = name.partition(".")
        if root == "writer":
            return [_cells_of_label(table.labels(tx, self._project_id, requested), path)]
        paths = paths_of(path)
        ids = table.path_ids(tx, paths)
        return [
            table.of_fields(tx, ids[joined], scope, row_ids, are_all=are_all)
            for joined in reversed(paths)
            if joined in ids
            for scope in _SCOPES[root]
        ]


def paths_of(path: str) -> list[str]:
    r"""Joined paths that a path in a filter may mean, itself first: keys may contain dots.

    >>> paths_of("val.acc")
    ['val.acc', 'val\\.acc']
    """
    parts = split_path(path)
    n_dots = len(parts) - 1
    joined_paths = [path, join_path(parts)]
    if n_dots > _MAX_DOTS:
        joined_paths.append(join_path([".".join(parts)]))
    else:
        for joins in itertools.product((False, True), repeat=n_dots):
            joined = [parts[0]]
            for is_joined, part in zip(joins, parts[1:], strict=True):
                if is_joined:
                    joined[-1] += f".{part}"
                else:
                    joined.append(part)
            joined_paths.append(join_path(joined))
    return list(dict.fromkeys(joined_paths))


def _has_path(name: str) -> bool:
    return name.startswith(("config.", "summary."))


def _paths_of_column(name: str) -> list[str]:
    return paths_of(name.partition(".")[2])


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
    if name in _OWN:
        return "run"
    if name in ARTIFACT_COLUMNS:
        return "artifacts"
    root = name.partition(".")[0]
    return "writers" if root == "writer" else "config" if root == "config" else "summary"


def _is_list(name: str) -> bool:
    return name in _LISTS or name.startswith("writer.")


def _cells_of_label(rows: Sequence[tuple[int, str]], label: str) -> list[Row]:
    values: set[tuple[int, str]] = set()
    parsed: dict[str, Any] = {}
    for row_id, text in rows:
        labels = parsed.get(text)
        if labels is None:
            labels = parsed[text] = json.loads(text)
        if label in labels:
            values.add((row_id, str(labels[label])))
    return _cells_of_texts(sorted(values))


def _cells_of_texts(rows: Sequence[tuple[int, str]]) -> list[Row]:
    """One cell for each run, with its texts in the order of the rows."""
    values: dict[int, list[str]] = {}
    for row_id, text in rows:
        values.setdefault(row_id, []).append(text)
    return [
        (row_id, TEXT, None, json.dumps(texts, ensure_ascii=False))
        for row_id, texts in values.items()
    ]


def _runs_from_rows(rows: Sequence[BaseRow]) -> Runs:
    return Runs(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.object_),
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
        np.concatenate([runs.ids, more.ids]),
        np.concatenate([created, more.created]),
        np.concatenate([is_alive, more.is_alive]),
        np.concatenate([is_trashed, more.is_trashed]),
    )
