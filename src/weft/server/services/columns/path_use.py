"""Caches the columns that the runs of a project have, as sets of paths that many runs share.

Runs of one script have the same keys of the same kinds, so each distinct set is stored once and
each run has its number. The next request reads again the runs that a commit changed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from weft.server.services.columns.runs import Runs, slots_among
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import NONE, TEXT, ChangeLog, MetadataStore, Part, Transaction

Root = Literal["config", "summary", "writer"]
ROOTS: Final[tuple[Root, ...]] = ("config", "summary", "writer")

_PART_OF: Final[dict[Root, Part]] = {
    "config": "config",
    "summary": "summary",
    "writer": "writers",
}
_KIND_BITS: Final = 16
_KINDS: Final = NONE + 1
_NO_SET: Final = -1
_BYTES_PER_NAME: Final = 200


class Use(NamedTuple):
    """The columns of one root.

    Attributes:
        names: names without the root, in the order of their code points.
        counts: int64[n, kinds], the number of runs that have a value of each kind, by name.
        set_of_run: int64[n] by slot, the number of the run's set; -1 if it has none.
        sets: by number, indices into `names`.
    """

    names: list[str]
    counts: Int64
    set_of_run: Int64
    sets: list[Int64]


class PathUse:
    """The columns under one root of one project's runs. Thread-safe."""

    def __init__(self, metadata: MetadataStore, project_id: int, root: Root) -> None:
        self._metadata = metadata
        self._project_id = project_id
        self._root: Root = root
        self._lock = threading.Lock()
        self._mark: int | None = None
        self._rows = np.zeros(0, np.int64)
        self._set_of_run = np.zeros(0, np.int64)
        self._counted: tuple[Runs, Use] | None = None
        self._number_of_text: dict[str, int] = {}
        self._number_of_saved: dict[int, int] = {}
        self._members: list[Int64] = []
        self._texts: dict[int, str] = {}
        self._labels: dict[str, int] = {}
        self._names: list[str] = []
        self._numbers = np.zeros(0, np.int64)
        self._index_of = np.zeros(0, np.int64)

    @property
    def n_bytes(self) -> int:
        """Approximate memory of the sets."""
        members = sum(members.nbytes for members in list(self._members))
        names = len(self._texts) * _BYTES_PER_NAME
        return members + names + self._set_of_run.nbytes + self._rows.nbytes

    def use(self, runs: Runs) -> Use:
        """The columns of the given runs, except deleted and trashed ones."""
        with self._lock:
            changes = self._metadata.changes
            mark = changes.mark(_PART_OF[self._root])
            is_fresh = changes.since(_PART_OF[self._root], self._mark or 0) == set()
            if is_fresh and self._counted is not None and self._counted[0] is runs:
                return self._counted[1]
            with self._metadata.snapshot() as tx:
                self._read(tx, changes, runs)
                self._name(tx)
            self._mark = mark
            use = self._count(runs)
            self._counted = (runs, use)
            return use

    def _read(self, tx: Transaction, changes: ChangeLog, runs: Runs) -> None:
        touched = None if self._mark is None else changes.since(_PART_OF[self._root], self._mark)
        n_read = len(self._rows)
        n_common = min(n_read, len(runs))
        # Slots are renumbered after many deletions, and a view may be older than this cache.
        is_same = np.array_equal(self._rows[:n_common], runs.row_ids[:n_common])
        if touched is None or not is_same:
            self._rows = runs.row_ids
            self._set_of_run = np.full(len(runs), _NO_SET, np.int64)
            self._take(tx, np.arange(len(runs)))
            return
        if len(runs) > n_read:
            more = np.full(len(runs) - n_read, _NO_SET, np.int64)
            self._set_of_run = np.concatenate([self._set_of_run, more])
            self._rows = runs.row_ids
        slots = np.union1d(slots_among(self._rows, touched), np.arange(n_read, len(self._rows)))
        if len(slots):
            self._set_of_run[slots] = _NO_SET
            self._take(tx, slots)

    def _take(self, tx: Transaction, slots: Int64) -> None:
        row_ids = self._rows[slots].tolist()
        if self._root == "writer":
            self._put(self._label_sets(tx, row_ids))
            return
        saved = self._metadata.path_sets.of_runs(tx, self._root, row_ids)
        self._learn(tx, {set_id for _, set_id in saved})
        if saved:
            saved_ids: Int64 = np.array([row_id for row_id, _ in saved], np.int64)
            numbers = [self._number_of_saved[set_id] for _, set_id in saved]
            self._set_of_run[np.searchsorted(self._rows, saved_ids)] = numbers
            row_ids = sorted(set(row_ids).difference(saved_ids.tolist()))
        if row_ids:
            self._put(self._metadata.run_columns.path_sets(tx, self._root, row_ids))

    def _put(self, sets: Sequence[tuple[int, str]]) -> None:
        # Every row id is in `_rows`, because only requested runs are returned.
        slots = np.searchsorted(self._rows, np.array([row[0] for row in sets], np.int64))
        self._set_of_run[slots] = [self._number_of(text) for _, text in sets]

    def _learn(self, tx: Transaction, set_ids: set[int]) -> None:
        unknown = sorted(set_ids - self._number_of_saved.keys())
        if unknown:
            for set_id, text in self._metadata.path_sets.members(tx, unknown).items():
                self._number_of_saved[set_id] = self._number_of(text)

    def _label_sets(self, tx: Transaction, row_ids: Sequence[int]) -> list[tuple[int, str]]:
        table = self._metadata.run_columns
        names_of: dict[int, set[int]] = {}
        parsed: dict[str, list[int]] = {}
        for row_id, text in table.labels(tx, self._project_id, row_ids):
            numbers = parsed.get(text)
            if numbers is None:
                numbers = parsed[text] = [self._label(name) for name in json.loads(text)]
            names_of.setdefault(row_id, set()).update(numbers)
        return [
            (row_id, ",".join(str(number * _KIND_BITS + TEXT) for number in sorted(numbers)))
            for row_id, numbers in names_of.items()
        ]

    def _label(self, name: str) -> int:
        number = self._labels.setdefault(name, len(self._labels) + 1)
        self._texts[number] = name
        return number

    def _number_of(self, text: str) -> int:
        if not text:
            return _NO_SET
        number = self._number_of_text.get(text)
        if number is None:
            number = self._number_of_text[text] = len(self._members)
            self._members.append(np.array(text.split(","), np.int64))
        return number

    def _name(self, tx: Transaction) -> None:
        """Read the names of new paths, and sort all names."""
        if not self._members:
            return
        numbers = np.unique(np.concatenate(self._members) // _KIND_BITS)
        if len(numbers) == len(self._numbers):
            return
        unknown = [int(number) for number in numbers if int(number) not in self._texts]
        if unknown:
            self._texts.update(self._metadata.run_columns.path_texts(tx, unknown))
        texts = [self._texts[int(number)] for number in numbers]
        order = sorted(range(len(texts)), key=texts.__getitem__)
        self._names = [texts[i] for i in order]
        self._numbers = numbers
        self._index_of = np.empty(len(texts), np.int64)
        self._index_of[np.array(order, np.int64)] = np.arange(len(texts))

    def _count(self, runs: Runs) -> Use:
        is_shown = runs.is_alive & ~runs.is_trashed
        set_of_run = np.where(is_shown, self._set_of_run[: len(runs)], _NO_SET)
        n_runs = np.bincount(set_of_run[set_of_run >= 0], minlength=len(self._members))
        lengths = [len(members) for members in self._members]
        members = np.concatenate([np.zeros(0, np.int64), *self._members])
        indices = self._index_of[np.searchsorted(self._numbers, members // _KIND_BITS)]
        counts: Int64 = np.bincount(
            indices * _KINDS + members % _KIND_BITS,
            np.repeat(n_runs, lengths),
            minlength=len(self._names) * _KINDS,
        ).astype(np.int64)
        return Use(
            self._names,
            np.reshape(counts, (-1, _KINDS)),
            set_of_run,
            np.split(indices, np.cumsum(lengths)[:-1]) if lengths else [],
        )
