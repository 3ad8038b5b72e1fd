"""The runs of a project as arrays by slot. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.server.services.columns.texts import Bools
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import PERMANENT, BaseRow


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


def runs_from_rows(rows: Sequence[BaseRow]) -> Runs:
    return Runs(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1].encode() for row in rows], np.bytes_),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] != PERMANENT for row in rows], np.bool_),
        np.array([row[3] is not None for row in rows], np.bool_),
    )


def with_runs(runs: Runs, touched: set[int], rows: Sequence[BaseRow]) -> Runs | None:
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
    more = runs_from_rows(new)
    return Runs(
        np.concatenate([runs.row_ids, more.row_ids]),
        np.concatenate([runs.encoded_ids, more.encoded_ids]),
        np.concatenate([created, more.created]),
        np.concatenate([is_alive, more.is_alive]),
        np.concatenate([is_trashed, more.is_trashed]),
    )
