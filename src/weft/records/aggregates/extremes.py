"""The lowest and the highest finite number of a metric. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from weft.records.aggregates.fold import INFINITY, Fold, StoredNumbers, UploadedNumbers
from weft.records.merge import Stamp


class Minimum(Fold):
    """The lowest finite number.

    >>> fold = Minimum()
    >>> for value in (3.0, float("nan"), True): fold.add(value, Stamp(0, "w", 0))
    >>> fold.value
    1
    """

    __slots__ = ("_low",)
    needs_points = False

    def __init__(self) -> None:
        self._low: int | float = INFINITY

    @property
    def value(self) -> int | float | None:
        return None if self._low == INFINITY else self._low

    def add(self, value: int | float, _at: Stamp, /) -> None:
        if -INFINITY < value < self._low:
            self._low = +value

    def add_logged(self, numbers: Sequence[int | float], /) -> None:
        self._low = +min(self._low, min(filter(isfinite, numbers), default=INFINITY))

    def join(self, other: Any) -> None:
        self._low = min(self._low, other._low)

    def fields(self) -> dict[str, Any]:
        return {} if self.value is None else {"min": self._low}

    def restore(self, fields: Mapping[str, Any]) -> None:
        self._low = fields.get("min", INFINITY)

    def add_upload(self, upload: UploadedNumbers, /) -> bool:
        if upload.low is not None:
            self._low = min(self._low, upload.low)
        return True

    def add_stored(self, stored: StoredNumbers) -> None:
        if stored.count:
            self._low = stored.low


class Maximum(Fold):
    """The highest finite number."""

    __slots__ = ("_high",)
    needs_points = False

    def __init__(self) -> None:
        self._high: int | float = -INFINITY

    @property
    def value(self) -> int | float | None:
        return None if self._high == -INFINITY else self._high

    def add(self, value: int | float, _at: Stamp, /) -> None:
        if self._high < value < INFINITY:
            self._high = +value

    def add_logged(self, numbers: Sequence[int | float], /) -> None:
        self._high = +max(self._high, max(filter(isfinite, numbers), default=-INFINITY))

    def join(self, other: Any) -> None:
        self._high = max(self._high, other._high)

    def fields(self) -> dict[str, Any]:
        return {} if self.value is None else {"max": self._high}

    def restore(self, fields: Mapping[str, Any]) -> None:
        self._high = fields.get("max", -INFINITY)

    def add_upload(self, upload: UploadedNumbers, /) -> bool:
        if upload.high is not None:
            self._high = max(self._high, upload.high)
        return True

    def add_stored(self, stored: StoredNumbers) -> None:
        if stored.count:
            self._high = stored.high
