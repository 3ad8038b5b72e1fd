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


class _Placed(NamedTuple):
    """A row and its place: its index among all rows."""

    place: int
    row: Row


class _Extremes:
    """The rows of a stretch where one metric is lowest, highest, and first nonfinite (`odd`)."""

    __slots__ = ("high", "highest", "low", "lowest", "odd")

    def __init__(self) -> None:
        self.low = math.inf
        self.high = -math.inf
        self.lowest: _Placed | None = None
        self.highest: _Placed | None = None
        self.odd: _Placed | None = None

    def add(self, value: float, placed: _Placed) -> None:
        if not math.isfinite(value):
            self.odd = self.odd or placed
            return
        if value < self.low:
            self.low, self.lowest = value, placed
        if value > self.high:
            self.high, self.highest = value, placed

    def merge(self, later: _Extremes) -> None:
        if later.low < self.low:
            self.low, self.lowest = later.low, later.lowest
        if later.high > self.high:
            self.high, self.highest = later.high, later.highest
        self.odd = self.odd or later.odd


class _Stretch:
    """Rows with the same `place // width`: those that hold an extreme, or else the first."""

    __slots__ = ("by_key", "first", "index")

    def __init__(self, index: int, first: _Placed) -> None:
        self.index = index
        self.first = first
        self.by_key: dict[str, _Extremes] = {}

    def add(self, placed: _Placed) -> None:
        for key, value in placed.row.items():
            if isinstance(value, (int, float)) and key not in _TIMES:
                found = self.by_key.get(key)
                if found is None:
                    found = self.by_key[key] = _Extremes()
                try:
                    found.add(value, placed)
                except OverflowError:  # an int too large for a float
                    found.add(math.copysign(math.inf, value), placed)

    def merge(self, later: _Stretch) -> None:
        for key, extremes in later.by_key.items():
            mine = self.by_key.get(key)
            if mine is None:
                self.by_key[key] = extremes
            else:
                mine.merge(extremes)

    def kept(self) -> dict[int, Row]:
        found = {
            placed.place: placed.row
            for one in self.by_key.values()
            for placed in (one.lowest, one.highest, one.odd)
            if placed is not None
        }
        # Rows of only texts or objects have no extremes; the first one represents them.
        return found or {self.first.place: self.first.row}


_TIMES = frozenset({"_step", "_runtime", "_timestamp", "_writer"})


class Thinner:
    """Takes rows in order and keeps about `4 * samples` of them at a time.

    Attributes:
        width: number of places in a stretch: rows with the same `place // width` belong together.
            It only grows, by doubling, so a caller that knows the extremes of such a stretch may
            leave out its other rows, except those at multiples of `stride`.
        stride: rows whose place is a multiple of it fill up the result. It only grows, by
            doubling.
    """

    def __init__(self, samples: int) -> None:
        self.width = 1
        self.stride = 1
        self._samples = samples
        self._spaced: dict[int, Row] = {}
        self._stretches: list[_Stretch] = []
        self._n_kept = 0
        self._ends: list[_Placed] = []

    @property
    def last_place(self) -> int:
        """The place of the last row; -1 if there was no row yet."""
        return self._ends[-1].place if self._ends else -1

    def add(self, place: int, row: Row) -> None:
        """Take the next row; its place must be after all earlier places."""
        placed = _Placed(place, row)
        self._ends[1:] = [placed]
        while place // self.stride >= 2 * self._samples:
            self.stride *= 2
            self._spaced = {at: row for at, row in self._spaced.items() if at % self.stride == 0}
        if place % self.stride == 0:
            self._spaced[place] = row
        stretches = self._stretches
        if not stretches or stretches[-1].index != place // self.width:
            if stretches:
                self._n_kept += len(stretches[-1].kept())
            while self._n_kept > 2 * self._samples and len(stretches) > 1:
                self._halve()
            if not stretches or stretches[-1].index != place // self.width:
                stretches.append(_Stretch(place // self.width, placed))
        stretches[-1].add(placed)

    def rows(self) -> list[Row]:
        """The rows that represent all rows taken."""
        ends = {placed.place: placed.row for placed in self._ends}
        while True:
            kept = {place: row for one in self._stretches for place, row in one.kept().items()}
            if len(kept | ends) <= self._samples or len(self._stretches) < 2:
                kept |= ends
                kept |= self._filling(kept)
                return [kept[place] for place in sorted(kept)]
            self._halve()

    def _filling(self, kept: Mapping[int, Row]) -> dict[int, Row]:
        """Evenly spaced rows that are not kept, as many as the result still lacks."""
        places = [place for place in self._spaced if place not in kept]
        n_lacking = min(max(self._samples - len(kept), 0), len(places))
        chosen = [places[nth * len(places) // n_lacking] for nth in range(n_lacking)]
        return {place: self._spaced[place] for place in chosen}

    def _halve(self) -> None:
        self.width *= 2
        merged: list[_Stretch] = []
        for one in self._stretches:
            one.index //= 2
            if merged and merged[-1].index == one.index:
                merged[-1].merge(one)
            else:
                merged.append(one)
        self._stretches[:] = merged
        # The last stretch may still grow; it is counted when it ends.
        self._n_kept = sum(len(one.kept()) for one in merged[:-1])


def thinned(rows: Iterable[Row], samples: int) -> list[Row]:
    """`samples` of the rows, in order; all of them if there are no more than that.

    The result has the first and the last row and, for each stretch of equally many rows, the rows
    where a metric has its lowest, highest or first nonfinite value. Evenly spaced rows fill it up.
    If there are more than `samples` extremes even with a single stretch, all of them are returned:
    no extreme is lost.

    Cost: one pass; memory for about `4 * samples` rows.

    >>> rows = [{"_step": step, "loss": 9.0 if step == 637 else 0.5} for step in range(1000)]
    >>> kept = thinned(rows, 10)
    >>> len(kept), max(row["loss"] for row in kept), kept[0]["_step"], kept[-1]["_step"]
    (10, 9.0, 0, 999)
    """
    thinner = Thinner(samples)
    for place, row in enumerate(rows):
        thinner.add(place, row)
    return thinner.rows()
