"""Counts of points by metric, as arrays: a run may have 200,000 metrics, a project more.

Of fresh batches only the lengths of columns are looked at, no value is decoded. What was counted
is kept, so that the next question counts only what came since. `keys` asks. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Int64, Origin
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.reading.kept import Kept

ORIGIN_BITS: Final[Mapping[Origin, int]] = {"logged": 16, "system": 32}


class KeyCounts(NamedTuple):
    """What there is of each of some metrics.

    Attributes:
        keys: numbers, ascending.
        kinds: bits of `KIND_BITS`, and of `ORIGIN_BITS`: which rows have it.
        n_points, n_runs: how many points, in how many runs.
    """

    keys: Int64
    kinds: Int64
    n_points: Int64
    n_runs: Int64

    def where(self, chosen: NDArray[Any] | slice) -> KeyCounts:
        """Some of them."""
        return KeyCounts(*(column[chosen] for column in self))


NO_COUNTS: Final = KeyCounts(*(np.empty(0, dtype=np.int64) for _ in range(4)))
"""Of no metric."""


def make_counts(
    rows: Sequence[tuple[int, int, int]], *, origin: Origin | None = None
) -> KeyCounts:
    """Counts of one run: key, kinds, points; a key may come several times.

    Args:
        origin: of all of them; None if their kinds say it.
    """
    if not rows:
        return NO_COUNTS
    table: Int64 = np.array(rows, dtype=np.int64)
    ones = np.ones(len(rows), dtype=np.int64)
    bit = 0 if origin is None else ORIGIN_BITS[origin]
    once = KeyCounts(table[:, 0], table[:, 1] | bit, table[:, 2], ones)
    return add_counts([once], of_one_run=True)


def add_counts(parts: Sequence[KeyCounts], *, of_one_run: bool) -> KeyCounts:
    """Counts of several places together.

    Args:
        of_one_run: a metric that is in several of them is still in one run.

    >>> one = make_counts([(7, 1, 10), (3, 2, 5)])
    >>> add_counts([one, one], of_one_run=False).n_points
    array([10, 20])
    """
    if not parts:
        return NO_COUNTS
    keys, kinds, n_points, n_runs = (
        np.concatenate([part[nth] for part in parts]) for nth in range(4)
    )
    if bool((keys[1:] > keys[:-1]).all()):
        return KeyCounts(keys, kinds, n_points, n_runs)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    new = np.ones(len(keys), dtype=np.bool_)
    new[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(new)
    count = np.maximum if of_one_run else np.add
    return KeyCounts(
        keys[starts],
        np.bitwise_or.reduceat(kinds[order], starts),
        np.add.reduceat(n_points[order], starts),
        count.reduceat(n_runs[order], starts),
    )


@dataclass(slots=True, frozen=True)
class FreshCounts:
    """Counts of some fresh batches of one class of rows."""

    batches: tuple[int, ...]
    counts: KeyCounts


@dataclass(slots=True, frozen=True)
class RunCounts:
    """Counts of a run's chunks, and what tells whether they are still true.

    Attributes:
        stamp: largest number of a chunk, and how many there are: numbers are never used twice.
        tombs: deleted metrics, replaced at each deletion.
    """

    stamp: tuple[int, int]
    tombs: Mapping[int, Mapping[int, int]] | None
    counts: KeyCounts


KEPT_KEYS: Final = 2_000_000
"""Metrics of all counts kept per store, for fresh rows and for chunks each: 64 MB."""


def keep_fresh_counts() -> Kept[RowClass, FreshCounts]:
    """What a store keeps of fresh rows."""
    return Kept(KEPT_KEYS, KEPT_KEYS, lambda one: 1 + len(one.batches) + len(one.counts.keys))


def keep_run_counts() -> Kept[tuple[int, bool | None], RunCounts]:
    """What a store keeps of chunks: by run, and by which of its rows are counted."""
    return Kept(KEPT_KEYS, KEPT_KEYS, lambda one: 1 + len(one.counts.keys))
