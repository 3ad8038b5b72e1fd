"""The first number of a metric. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weft.records.aggregates.fold import LATEST, Fold, StoredNumbers, UploadedNumbers
from weft.records.merge import NEVER, Stamp


class First(Fold):
    """The first number by time, finite or not.

    The store says only before which time it was logged. If a number from before that time is added
    later, only the store can tell which of the two is first.

    >>> fold = First()
    >>> fold.add(2.0, Stamp(20, "w", 1)); fold.add(3.0, Stamp(10, "w", 0))
    >>> fold.value
    3.0
    """

    __slots__ = ("_at", "_before", "_value")
    needs_points = False

    def __init__(self) -> None:
        self._value: Any = None
        self._at: Stamp | None = None
        self._before: int | None = None

    @property
    def value(self) -> Any:
        return self._value

    def add(self, value: int | float, at: Stamp, /) -> None:
        if self._at is None or at < self._at:
            self._value, self._at = value, at

    def add_logged(self, numbers: Sequence[int | float], /) -> None:
        if self._at is None and numbers:
            self.add(numbers[0], LATEST)

    def join(self, other: Any) -> None:
        if other._at is not None:
            self.add(other._value, other._at)

    def fields(self) -> dict[str, Any]:
        return {} if self._value is None else {"first": self._value}

    def restore(self, fields: Mapping[str, Any]) -> None:
        if "first" in fields:
            self._value, self._at = fields["first"], NEVER

    def add_upload(self, upload: UploadedNumbers, /) -> bool:
        value, at = upload.first
        if self._before is not None:
            return at.micros >= self._before
        self.add(value, at)
        return True

    def add_stored(self, stored: StoredNumbers) -> None:
        self._value, self._before = stored.first, stored.first_before

    def refresh(self, stored: Any) -> bool:
        at, self._at = self._at, None
        self._value, self._before = stored._value, stored._before
        return at is None or self._before is None or at.micros >= self._before
