"""Running minimum, maximum, mean, first and best of metrics whose summary shows them.

No I/O. `weft.sdk.rows.history` feeds one `Aggregate` per key that `define_metric(summary=...)`
named, and none for any other key. The server computes the same over all writers of a run; these
cover this process only, for `run.summary` and the closing lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_INFINITY: Final = float("inf")


class Aggregate:
    """Aggregates of one key's values so far. Bools count as 0 and 1.

    Only finite numbers count for minimum, maximum, mean and best; any number counts for first.

    >>> loss = Aggregate()
    >>> for value in (3.0, float("nan"), 1, 2.0): loss.add(value)
    >>> loss.shown(("min", "mean", "first", "last"), None, 2.0)
    {'min': 1, 'mean': 2.0, 'first': 3.0, 'last': 2.0}
    """

    __slots__ = ("count", "first", "has_first", "high", "low", "mean")

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.low: float = _INFINITY
        self.high: float = -_INFINITY
        self.first: Any = None
        self.has_first = False

    def add(self, value: Any) -> None:
        """Add one logged value, which is plain."""
        if value.__class__ is float or value.__class__ is int or value.__class__ is bool:
            if not self.has_first:
                self.first = value
                self.has_first = True
            if value - value != 0:  # 0 for a finite number only
                return
            value = +value
            if value < self.low:
                self.low = value
            if value > self.high:
                self.high = value
            # Halves keep the difference of two huge numbers of either sign finite.
            count = self.count = self.count + 1
            self.mean += (value / 2 - self.mean / 2) / count * 2

    def go_on(self, before: Mapping[str, Any]) -> None:
        """Start from the aggregates of the run that this one continues.

        Args:
            before: one key's entry of `weft.wire.continuation.Continuation.aggregates`.
        """
        self.count = before.get("count", 0)
        self.mean = before.get("mean", 0.0)
        self.low = before.get("min", _INFINITY)
        self.high = before.get("max", -_INFINITY)
        if "first" in before:
            self.first, self.has_first = before["first"], True

    def join(self, later: Aggregate) -> None:
        """Add all values of another aggregate that follow this one's."""
        if not self.has_first:
            self.first, self.has_first = later.first, later.has_first
        self.low = min(self.low, later.low)
        self.high = max(self.high, later.high)
        self.count += later.count
        if later.count:
            share = later.count / self.count
            self.mean += (later.mean / 2 - self.mean / 2) * share * 2

    def correct(self, whole: Aggregate) -> None:
        """Copy `whole`, unless it has seen fewer values."""
        if whole.count >= self.count:
            for name in self.__slots__:
                setattr(self, name, getattr(whole, name))

    def shown(self, kinds: tuple[str, ...], goal: str | None, last: Any) -> dict[str, Any]:
        """Return the values that the summary shows, without those that need a missing number.

        Args:
            kinds: names from `weft.records.definition.AGGREGATES`.
            goal: which value is `best`. If None, the minimum.
            last: the last logged value.
        """
        values: dict[str, Any] = {}
        for kind in kinds:
            if kind == "last":
                values[kind] = last
            elif kind == "first":
                if self.has_first:
                    values[kind] = self.first
            elif kind == "mean":
                if self.count:
                    values[kind] = self.mean
            elif kind == "max" or (kind == "best" and goal == "maximize"):
                if self.high != -_INFINITY:
                    values[kind] = self.high
            elif self.low != _INFINITY:
                values[kind] = self.low
        return values
