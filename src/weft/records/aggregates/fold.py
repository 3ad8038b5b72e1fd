"""Folds: the memory of one metric's numbers, from which an aggregate is computed. Pure.

A script folds its own numbers, one by one. The server folds the numbers of all of a run's writers,
an upload at a time, and reads in from its metric store what it does not remember.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol

from weft.records.merge import Stamp

INFINITY: Final = float("inf")

LATEST: Final = Stamp(2**63 - 1, "", 0)
"""The stamp of all numbers that a script adds as it logs them, in this order.

Elsewhere a stamp belongs to one number, and the upload's and the store's are equal.
"""


class UploadedNumbers(Protocol):
    """A metric's numbers in one upload.

    Bools are 0 and 1. The range is of the finite numbers, None without any; `first` may be
    nonfinite.
    """

    @property
    def low(self) -> int | float | None: ...
    @property
    def high(self) -> int | float | None: ...
    @property
    def first(self) -> tuple[int | float, Stamp]: ...
    def points(self) -> Iterator[tuple[int | float, Stamp]]:
        """All numbers, finite or not, in any order."""
        ...


class StoredNumbers(Protocol):
    """All of a metric's numbers in the metric store that count.

    All but `points` cost nothing more; the store has them for its charts. Range and mean are of
    finite numbers, NaN without any; `first` may be nonfinite. `first_before` is a time after it,
    in µs since 1970.
    """

    @property
    def count(self) -> int: ...
    @property
    def low(self) -> int | float: ...
    @property
    def high(self) -> int | float: ...
    @property
    def mean(self) -> float: ...
    @property
    def first(self) -> int | float: ...
    @property
    def first_before(self) -> int: ...
    def points(self) -> Iterator[tuple[int | float, Stamp]]:
        """All numbers, finite or not, in order of time. Cost: reads all of them."""
        ...


class Fold(ABC):
    """The memory of a metric's numbers that an aggregate is computed from.

    A subclass is right as soon as it has the five abstract methods. The others have a faster way
    for those who know one: here they go through the numbers one by one. If it `needs_points`,
    `add_stored` reads points, and a script that continues a run receives the fold's fields only
    for metrics whose summary asks for it.
    """

    __slots__ = ()
    needs_points: ClassVar[bool] = True

    @property
    @abstractmethod
    def value(self) -> Any:
        """The aggregate. None if there is none yet."""

    @abstractmethod
    def add(self, value: int | float, at: Stamp, /) -> None:
        """Add a number, which may be NaN, infinite or a bool, at its stamp.

        Numbers come in any order of stamps.
        """

    @abstractmethod
    def join(self, other: Any) -> None:
        """Add the numbers of another fold of this class.

        Of numbers with the stamp `LATEST`, this fold's come first. Two with the same other
        stamp are one number.
        """

    @abstractmethod
    def fields(self) -> dict[str, Any]:
        """The state for a script that continues the run, as JSON; empty without a number.

        They are entries of `weft.wire.runs.continuation.Continuation.aggregates`: name new ones in
        the document of the HTTP API. Names must differ from other folds' names. Numbers of the
        script that continues are all later.
        """

    @abstractmethod
    def restore(self, fields: Mapping[str, Any]) -> None:
        """Begin with the `fields` of a run that is continued, which may be missing."""

    def add_logged(self, numbers: Sequence[int | float], /) -> None:
        """Add numbers that a script has logged, in this order; they are later than all others."""
        for value in numbers:
            self.add(value, LATEST)

    def add_upload(self, upload: UploadedNumbers, /) -> bool:
        """Add the numbers of an upload to the whole run's.

        False if the aggregate is out of date until it is read from the store again.
        """
        for value, at in upload.points():
            self.add(value, at)
        return True

    def add_stored(self, stored: StoredNumbers) -> None:
        """Add the numbers that the store has. The fold is empty."""
        for value, at in stored.points():
            self.add(value, at)

    def refresh(self, stored: Any) -> bool:
        """Add a fold of this class that was read from the store, with most or all of the numbers.

        False if the store has to be read once more.
        """
        self.join(stored)
        return True
