"""All folds of one metric, for the aggregates that its summary shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from weft.records.aggregates.fold import LATEST, Fold, StoredNumbers, UploadedNumbers
from weft.records.aggregates.registry import fold_of
from weft.records.merge import Stamp
from weft.records.value import INT64_MAX, INT64_MIN


class Folds:
    """Several folds of the same numbers; `n_added` were added one by one or joined.

    >>> from weft.records.aggregates import folds_of
    >>> folds = Folds(folds_of(["min", "mean"], None))
    >>> for value in (3.0, 1.0, "text"): folds.add(value)
    >>> folds.shown(("min", "mean", "last"), None, last="text")
    {'min': 1.0, 'mean': 2.0, 'last': 'text'}
    """

    __slots__ = ("_folds", "n_added")

    def __init__(self, kinds: Iterable[type[Fold]]) -> None:
        self._folds: dict[type[Fold], Fold] = {kind: kind() for kind in kinds}
        self.n_added = 0

    def extend(self, kinds: Iterable[type[Fold]], fields: Mapping[str, Any]) -> bool:
        """Add folds that are not there yet, from `fields`: see `restore`.

        Returns whether any was missing.
        """
        missing = [kind for kind in kinds if kind not in self._folds]
        for kind in missing:
            fold = self._folds[kind] = kind()
            fold.restore(fields)
        return bool(missing)

    def add(self, value: Any, at: Stamp = LATEST) -> None:
        """Add a logged value if it is a number. Ints beyond 64 bits are not: they are objects."""
        if value.__class__ is float or value.__class__ is int or value.__class__ is bool:
            if value.__class__ is int and not INT64_MIN <= value <= INT64_MAX:
                return
            self.n_added += 1
            for fold in self._folds.values():
                fold.add(value, at)

    def add_logged(self, values: Iterable[Any]) -> None:
        """Add what a script has logged, in this order. Faster than `add` for each."""
        numbers = [
            value
            for value in values
            if value.__class__ is float
            or (value.__class__ is int and INT64_MIN <= value <= INT64_MAX)
            or value.__class__ is bool
        ]
        self.n_added += len(numbers)
        for fold in self._folds.values():
            fold.add_logged(numbers)

    def join(self, other: Folds) -> None:
        """Add the numbers of another metric's folds, which has at least these."""
        self.n_added += other.n_added
        for kind, fold in self._folds.items():
            fold.join(other._folds[kind])

    def add_upload(self, upload: UploadedNumbers) -> bool:
        """Add an upload's numbers. See `Fold.add_upload`."""
        are_current = [fold.add_upload(upload) for fold in self._folds.values()]
        return all(are_current)

    def add_stored(self, stored: StoredNumbers) -> None:
        """Add what the metric store has of the metric."""
        for fold in self._folds.values():
            fold.add_stored(stored)

    def refresh(self, stored: Folds) -> bool:
        """Add what was read from the store. See `Fold.refresh`."""
        folds = self._folds.items()
        are_current = [fold.refresh(stored._folds[kind]) for kind, fold in folds]
        return all(are_current)

    def fields(self) -> dict[str, Any]:
        """The state for a script that continues the run. See `Fold.fields`."""
        merged: dict[str, Any] = {}
        for fold in self._folds.values():
            merged |= fold.fields()
        return merged

    def restore(self, fields: Mapping[str, Any]) -> None:
        """Begin again, with the `fields` of a run that is continued."""
        self.n_added = 0
        for kind in self._folds:
            fold = self._folds[kind] = kind()
            fold.restore(fields)

    def shown(self, kinds: Iterable[str], goal: str | None, last: Any) -> dict[str, Any]:
        """The aggregates that have a value, by name.

        `goal` decides what `best` is; `last` is the last logged value, number or not.
        """
        values: dict[str, Any] = {}
        for kind in kinds:
            fold = fold_of(kind, goal)
            value = last if fold is None else self._folds[fold].value
            if value is not None or fold is None:
                values[kind] = value
        return values
