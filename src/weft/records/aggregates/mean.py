"""The mean of a metric's finite numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from weft.records.aggregates.fold import Fold, StoredNumbers, UploadedNumbers
from weft.records.merge import Stamp


class Mean(Fold):
    """The mean of the finite numbers, from their count and the previous mean (Welford).

    A number that is added twice counts twice, so the server always reads it from the store.

    >>> fold = Mean()
    >>> for value in (1, 4.0, float("inf")): fold.add(value, Stamp(0, "w", 0))
    >>> fold.fields()
    {'count': 2, 'mean': 2.5}
    """

    __slots__ = ("_count", "_mean")
    needs_points = False

    def __init__(self) -> None:
        self._count = 0
        self._mean = 0.0

    @property
    def value(self) -> float | None:
        return self._mean if self._count else None

    def add(self, value: int | float, _at: Stamp, /) -> None:
        if value - value == 0:  # only for a finite number
            self._add(value, 1)

    def add_logged(self, numbers: Sequence[int | float], /) -> None:
        finite = [*filter(isfinite, numbers)]
        if finite:
            total = sum(finite)
            for value in [total / len(finite)] if isfinite(total) else finite:
                self._add(value, len(finite) if isfinite(total) else 1)

    def _add(self, mean: float, count: int) -> None:
        self._count += count
        # Halves keep the difference of two huge numbers of either sign finite.
        self._mean += (mean / 2 - self._mean / 2) * (count / self._count) * 2

    def join(self, other: Any) -> None:
        if other._count:
            self._add(other._mean, other._count)

    def fields(self) -> dict[str, Any]:
        return {"count": self._count, "mean": self._mean} if self._count else {}

    def restore(self, fields: Mapping[str, Any]) -> None:
        self._count = fields.get("count", 0)
        self._mean = fields.get("mean", 0.0)

    def add_upload(self, _upload: UploadedNumbers, /) -> bool:
        return False

    def add_stored(self, stored: StoredNumbers) -> None:
        if stored.count:
            self._count, self._mean = stored.count, stored.mean

    def refresh(self, stored: Any) -> bool:
        self._count, self._mean = stored._count, stored._mean
        return True
