"""Thins rows without losing an extreme, for `history?samples=`. Pure.

W&B samples at random and loses spikes. Here a range of rows is represented by the rows that hold
the lowest or highest value of a metric, and by each metric's first row with a nonfinite value.
(M4 does so for one series: Jugel et al., VLDB 2014.) Evenly spaced rows fill up the number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]


class _IndexedRow(NamedTuple):
    """A row and its position among all rows."""

    position: int
    row: Row


class _Extremes:
    """The rows of a range where one metric is lowest, highest, and first nonfinite."""

    __slots__ = ("high", "highest", "low", "lowest", "nonfinite")

    def __init__(self) -> None:
        self.low = math.inf
        self.high = -math.inf
        self.lowest: _IndexedRow | None = None
        self.highest: _IndexedRow | None = None
        self.nonfinite: _IndexedRow | None = None

    def add(self, value: float, indexed: _IndexedRow) -> None:
        if not math.isfinite(value):
            self.nonfinite = self.nonfinite or indexed
            return
        if value < self.low:
            self.low, self.lowest = value, indexed
        if value > self.high:
            self.high, self.highest = value, indexed

    def merge(self, later: _Extremes) -> None:
        if later.low < self.low:
            self.low, self.lowest = later.low, later.lowest
        if later.high > self.high:
            self.high, self.highest = later.high, later.highest
        self.nonfinite = self.nonfinite or later.nonfinite


class _RowRange:
    """Rows with the same `index // width`: the rows that hold an extreme, or else the first."""

    __slots__ = ("by_key", "first", "number")

    def __init__(self, number: int, first: _IndexedRow) -> None:
        self.number = number
        self.first = first
        self.by_key: dict[str, _Extremes] = {}

    def add(self, indexed: _IndexedRow) -> None:
        for key, value in indexed.row.items():
            if isinstance(value, (int, float)) and key not in _TIMES:
                extremes = self.by_key.get(key)
                if extremes is None:
                    extremes = self.by_key[key] = _Extremes()
                try:
                    extremes.add(value, indexed)
                except OverflowError:  # an int too large for a float
                    extremes.add(math.copysign(math.inf, value), indexed)

    def merge(self, later: _RowRange) -> None:
        for key, extremes in later.by_key.items():
            own = self.by_key.get(key)
            if own is None:
                self.by_key[key] = extremes
            else:
                own.merge(extremes)

    def representatives(self) -> dict[int, Row]:
        rows = {
            indexed.position: indexed.row
            for extremes in self.by_key.values()
            for indexed in (extremes.lowest, extremes.highest, extremes.nonfinite)
            if indexed is not None
        }
        # Rows of only texts or objects have no extremes; the first one represents them.
        return rows or {self.first.position: self.first.row}


_TIMES = frozenset({"_step", "_runtime", "_timestamp", "_writer"})


class Thinner:
    """Takes rows in order and keeps about `4 * samples` of them at a time.

    Attributes:
        width: number of rows in a range: rows with the same `index // width` belong together.
            It only grows, by doubling, so a caller that knows the extremes of such a range may
            leave out its other rows, except those at multiples of `stride`.
        stride: rows whose index is a multiple of it fill up the result. It only grows, by
            doubling.
    """

    def __init__(self, samples: int) -> None:
        self.width = 1
        self.stride = 1
        self._samples = samples
        self._spaced: dict[int, Row] = {}
        self._ranges: list[_RowRange] = []
        self._n_representatives = 0
        self._ends: list[_IndexedRow] = []

    @property
    def last_index(self) -> int:
        """The index of the last row; -1 if there was no row yet."""
        return self._ends[-1].position if self._ends else -1

    def add(self, index: int, row: Row) -> None:
        """Take the next row; its index must be above all earlier ones."""
        indexed = _IndexedRow(index, row)
        self._ends[1:] = [indexed]
        while index // self.stride >= 2 * self._samples:
            self.stride *= 2
            self._spaced = {at: row for at, row in self._spaced.items() if at % self.stride == 0}
        if index % self.stride == 0:
            self._spaced[index] = row
        ranges = self._ranges
        if not ranges or ranges[-1].number != index // self.width:
            if ranges:
                self._n_representatives += len(ranges[-1].representatives())
            while self._n_representatives > 2 * self._samples and len(ranges) > 1:
                self._halve()
            if not ranges or ranges[-1].number != index // self.width:
                ranges.append(_RowRange(index // self.width, indexed))
        ranges[-1].add(indexed)

    def rows(self) -> list[Row]:
        """The rows that represent all rows taken."""
        ends = {indexed.position: indexed.row for indexed in self._ends}
        while True:
            chosen = {
                index: row
                for row_range in self._ranges
                for index, row in row_range.representatives().items()
            }
            if len(chosen | ends) <= self._samples or len(self._ranges) < 2:
                chosen |= ends
                chosen |= self._filling(chosen)
                return [chosen[index] for index in sorted(chosen)]
            self._halve()

    def _filling(self, chosen: Mapping[int, Row]) -> dict[int, Row]:
        """Evenly spaced rows that are not chosen, as many as the result still lacks."""
        indexes = [index for index in self._spaced if index not in chosen]
        n_lacking = min(max(self._samples - len(chosen), 0), len(indexes))
        filling = [indexes[nth * len(indexes) // n_lacking] for nth in range(n_lacking)]
        return {index: self._spaced[index] for index in filling}

    def _halve(self) -> None:
        self.width *= 2
        merged: list[_RowRange] = []
        for row_range in self._ranges:
            row_range.number //= 2
            if merged and merged[-1].number == row_range.number:
                merged[-1].merge(row_range)
            else:
                merged.append(row_range)
        self._ranges[:] = merged
        # The last range may still grow; it is counted when it ends.
        self._n_representatives = sum(
            len(row_range.representatives()) for row_range in merged[:-1]
        )


def thinned(rows: Iterable[Row], samples: int) -> list[Row]:
    """`samples` of the rows, in order; all of them if there are no more than that.

    The result has the first and the last row and, for each range of equally many rows, the rows
    where a metric has its lowest, highest or first nonfinite value. Evenly spaced rows fill it up.
    If there are more than `samples` extremes even with a single range, all of them are returned:
    no extreme is lost.

    Cost: one pass; memory for about `4 * samples` rows.

    >>> rows = [{"_step": step, "loss": 9.0 if step == 637 else 0.5} for step in range(1000)]
    >>> thin = thinned(rows, 10)
    >>> len(thin), max(row["loss"] for row in thin), thin[0]["_step"], thin[-1]["_step"]
    (10, 9.0, 0, 999)
    """
    thinner = Thinner(samples)
    for index, row in enumerate(rows):
        thinner.add(index, row)
    return thinner.rows()
