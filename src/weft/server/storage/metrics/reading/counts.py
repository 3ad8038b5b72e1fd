"""Counts of points by metric, as arrays: a run may have 200,000 metrics, a project more. Pure.

In fresh batches only the lengths of columns are read; no value is decoded. Counts are cached, so
that the next query counts only newer batches. Used by `keys`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Int64, Origin
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.reading.cache import Cache

ORIGIN_BITS: Final[Mapping[Origin, int]] = {"logged": 16, "system": 32}


class KeyCounts(NamedTuple):
    """Counts of some metrics, as parallel arrays.

    `keys` ascend; `kinds` are bits of `KIND_BITS`, and of `ORIGIN_BITS` for the rows that have the
    metric.
    """

    keys: Int64
    kinds: Int64
    n_points: Int64
    n_runs: Int64

    def where(self, chosen: NDArray[Any] | slice) -> KeyCounts:
        """The counts of some of the metrics."""
        return KeyCounts(*(column[chosen] for column in self))


NO_COUNTS: Final = KeyCounts(*(np.empty(0, dtype=np.int64) for _ in range(4)))
"""The counts of no metric."""


def make_counts(
    rows: Sequence[tuple[int, int, int]], *, origin: Origin | None = None
) -> KeyCounts:
    """Make the counts of one run from rows of key, kinds and points.

    A key may occur repeatedly. Without `origin`, kinds include its bits.
    """
    if not rows:
        return NO_COUNTS
    table: Int64 = np.array(rows, dtype=np.int64)
    ones = np.ones(len(rows), dtype=np.int64)
    bit = 0 if origin is None else ORIGIN_BITS[origin]
    once = KeyCounts(table[:, 0], table[:, 1] | bit, table[:, 2], ones)
    return add_counts([once], of_one_run=True)


def add_counts(parts: Sequence[KeyCounts], *, of_one_run: bool) -> KeyCounts:
    """Add up counts.

    If they are all `of_one_run`, a metric in several of them still counts as one run.

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
    """Counts of a run's chunks, and what shows whether they are still valid.

    `stamp` is the largest chunk number, never reused, and the number of chunks. Each deletion of
    metrics replaces the object `tombs`.
    """

    stamp: tuple[int, int]
    tombs: Mapping[int, Mapping[int, int]] | None
    counts: KeyCounts


CACHED_KEYS: Final = 2_000_000
"""Metrics in all counts cached per store: 64 MB for fresh rows, and as much for chunks."""


class CountCaches:
    """The caches of one store's counts: of fresh rows, and of chunks by run and `system`."""

    def __init__(self) -> None:
        self.fresh: Cache[RowClass, FreshCounts] = Cache(
            CACHED_KEYS,
            CACHED_KEYS,
            lambda cached: 1 + len(cached.batches) + len(cached.counts.keys),
        )
        self.chunks: Cache[tuple[int, bool | None], RunCounts] = Cache(
            CACHED_KEYS, CACHED_KEYS, lambda cached: 1 + len(cached.counts.keys)
        )
