"""The rows of a writer that are stored, as disjoint intervals, nearly always a single one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Int64


class RowSet:
    """A set of row numbers.

    >>> present = RowSet([(0, 9), (20, 29)])
    >>> present.missing_in(np.arange(5, 25))[:6]
    array([False, False, False, False, False,  True])
    >>> present.add(np.arange(10, 20)); present.spans()
    [(0, 29)]
    """

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._los: list[int] = []
        self._his: list[int] = []
        for lo, hi in spans:
            self.add_span(lo, hi)

    def spans(self) -> list[tuple[int, int]]:
        """The intervals, first and last row included."""
        return list(zip(self._los, self._his, strict=True))

    def highest(self) -> int:
        """The highest row, or -1 if the set is empty."""
        return self._his[-1] if self._his else -1

    def has_span(self, lo: int, hi: int) -> bool:
        """Whether all rows from `lo` to `hi`, both included, are in the set."""
        at = bisect_left(self._his, hi)
        return at < len(self._los) and self._los[at] <= lo

    def add_span(self, lo: int, hi: int) -> None:
        """Add rows `lo` to `hi`, both included."""
        # Intervals that overlap or touch the new one are merged into it.
        first = bisect_left(self._his, lo - 1)
        last = bisect_right(self._los, hi + 1)
        if first < last:
            lo, hi = min(lo, self._los[first]), max(hi, self._his[last - 1])
        self._los[first:last] = [lo]
        self._his[first:last] = [hi]

    def add(self, rows: Int64) -> None:
        """Add ascending row numbers."""
        for lo, hi in spans_of(rows):
            self.add_span(lo, hi)

    def missing_in(self, rows: Int64) -> NDArray[np.bool_] | None:
        """A mask of the ascending `rows` that are not in the set. None if all are missing."""
        if not len(rows) or not self._los:
            return None
        lo, hi = int(rows[0]), int(rows[-1])
        first, last = bisect_left(self._his, lo), bisect_right(self._los, hi)
        if first >= last:
            return None
        missing = np.ones(len(rows), dtype=np.bool_)
        for at in range(first, last):
            start = int(np.searchsorted(rows, self._los[at], "left"))
            stop = int(np.searchsorted(rows, self._his[at], "right"))
            missing[start:stop] = False
        return None if bool(missing.all()) else missing


def spans_of(rows: Int64) -> list[tuple[int, int]]:
    """The ranges of consecutive numbers in ascending `rows`.

    >>> spans_of(np.array([1, 2, 5]))
    [(1, 2), (5, 5)]
    """
    if not len(rows):
        return []
    if int(rows[-1]) - int(rows[0]) == len(rows) - 1:
        return [(int(rows[0]), int(rows[-1]))]
    breaks = np.flatnonzero(rows[1:] - rows[:-1] != 1)
    los = rows[np.concatenate(([0], breaks + 1))]
    his = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return list(zip(los.tolist(), his.tolist(), strict=True))
