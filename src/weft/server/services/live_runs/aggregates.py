"""The aggregates of a live run's metrics, where defined.

`define_metric(summary=...)` chooses the aggregates of a metric (`weft.records.definition`); the
summary then has a value for each below the metric's name: `loss.min`. `refreshing` initializes
them from the metric store and adds each upload; `projection` writes new values. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from weft.records.aggregates import Fold, Folds, folds_of
from weft.records.definition import aggregates_of, definition_of
from weft.records.merge import Stamp, join_path
from weft.records.record import MetricDefinition
from weft.server.services.live_runs.latest import first_of, last_of
from weft.server.storage.contract import Column, RowBlock, StepMetric
from weft.server.storage.metadata import FieldChange

_MAX_KNOWN_KEYS: Final = 100_000


class _Rule(NamedTuple):
    """The values of a metric that the summary shows.

    Attributes:
        kinds: names of aggregates; None for the last value, () for nothing.
        goal: the direction of `best`. If None, the lowest.
        folds: the computations of the aggregates.
    """

    kinds: tuple[str, ...] | None = None
    goal: str | None = None
    folds: Sequence[type[Fold]] = ()


_LAST_VALUE: Final = _Rule()


class Rules:
    """The values of each metric that a run's summary shows.

    Attributes:
        is_plain: whether it shows only the last value of every metric.
        step_metrics: the step metric of other metrics, by the name or glob of those metrics.
    """

    def __init__(self, definitions: Sequence[MetricDefinition]) -> None:
        self._definitions = {definition.name: definition for definition in definitions}
        self._rules: dict[str, _Rule] = {}
        self.is_plain = not any(definition.summary for definition in definitions)
        self.step_metrics = {
            definition.name: StepMetric(definition.step_metric, definition.step_sync is not False)
            for definition in definitions
            if definition.step_metric is not None
        }

    def kinds(self, key: str) -> tuple[str, ...] | None:
        """The aggregates of a metric that are shown; None for its last value, () for nothing.

        >>> rules = Rules([MetricDefinition("loss", summary=["min"])])
        >>> rules.kinds("loss"), rules.kinds("acc")
        (('min',), None)
        """
        return self._rule(key).kinds

    def folds(self, keys: Iterable[str]) -> dict[str, Sequence[type[Fold]]]:
        """The folds to compute of each metric; metrics without aggregates are left out."""
        return {key: folds for key in keys if (folds := self._rule(key).folds)}

    def shown(self, key: str, folds: Folds, last: Any) -> dict[str, Any]:
        """The aggregates of a metric by name."""
        kinds, goal, _ = self._rule(key)
        return folds.shown(kinds or (), goal, last)

    def _rule(self, key: str) -> _Rule:
        if self.is_plain:
            return _LAST_VALUE
        try:
            return self._rules[key]
        except KeyError:
            if len(self._rules) >= _MAX_KNOWN_KEYS:
                self._rules.clear()
            definition = definition_of(key, self._definitions)
            kinds = aggregates_of(definition)
            goal = None if definition is None else definition.goal
            rule = self._rules[key] = _Rule(kinds, goal, folds_of(kinds or (), goal))
            return rule


class _Metric:
    """The state of one metric: its folds, and its last value of any type."""

    __slots__ = ("folds", "last", "last_stamp")

    def __init__(self, folds: Folds) -> None:
        self.folds = folds
        self.last: Any = None
        self.last_stamp: Stamp | None = None

    def note_last(self, value: Any, stamp: Stamp) -> None:
        if self.last_stamp is None or stamp > self.last_stamp:
            self.last, self.last_stamp = value, stamp


class _BlockNumbers:
    """A metric's numbers in one upload. See `weft.records.aggregates.fold.UploadedNumbers`."""

    def __init__(
        self, columns: Sequence[Column], block: RowBlock, writer: str, offset_micros: int
    ) -> None:
        self._columns = columns
        self._block = block
        self._writer = writer
        self._offset_micros = offset_micros
        self.low, self.high = _range(columns)

    @property
    def first(self) -> tuple[int | float, Stamp]:
        earliest = first_of(self._columns, self._block.times)
        assert earliest is not None, "an upload's numbers are only passed on if there are any"
        ordinal, value = earliest
        return value, self.stamp(ordinal)

    def points(self) -> Iterator[tuple[int | float, Stamp]]:
        for column in self._columns:
            ordinals = range(len(column.values)) if column.rows is None else column.rows.tolist()
            values = cast("NDArray[Any]", column.values).tolist()
            for ordinal, value in zip(ordinals, values, strict=True):
                yield value, self.stamp(ordinal)

    def stamp(self, ordinal: int) -> Stamp:
        block = self._block
        micros = int(block.times[ordinal]) + self._offset_micros
        return Stamp(micros, self._writer, block.row_lo + ordinal)


class Aggregates:
    """The aggregates of one run. Not thread-safe: callers hold the run's lock.

    Most are updated from each upload; adding a row twice changes nothing. Those that can't be,
    such as a mean, are read from the metric store when needed (`old_folds`).
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._metrics: dict[str, _Metric] = {}
        self._touched: set[str] = set()
        self._shown: dict[str, FieldChange] = {}
        self._unwritten: set[str] = set()
        self._old: dict[str, int] = {}
        self._n_blocks = 0

    def add_rows(self, block: RowBlock, *, writer: str, offset_micros: int) -> None:
        """Add the rows of an upload. Cost: 20 µs per metric that has aggregates."""
        self._n_blocks += 1
        for key, columns in block.columns.items():
            kinds = self._rules.kinds(key)
            if not kinds:
                continue
            metric = self._get(key)
            last = last_of(columns, block.times)
            numbers = [
                column for column in columns if column.kind != "object" and len(column.values)
            ]
            upload = _BlockNumbers(numbers, block, writer, offset_micros)
            if last is not None:
                metric.note_last(last[1], upload.stamp(last[0]))
            if numbers and not metric.folds.add_upload(upload):
                self._old[key] = self._n_blocks

    def add_last(self, key: str, value: Any, stamp: Stamp) -> None:
        """Add the last value of a metric in the store."""
        if self._rules.kinds(key):
            self._get(key).note_last(value, stamp)

    @property
    def n_old(self) -> int:
        """Number of metrics to read from the store."""
        return len(self._old)

    def old_folds(self) -> tuple[dict[str, Sequence[type[Fold]]], int]:
        """The folds to read from the store, and the number of blocks added."""
        return self._rules.folds(sorted(self._old)), self._n_blocks

    def add_stored(self, key: str, stored: Folds, *, n_blocks: int = 0) -> None:
        """Add the store's numbers of a metric; `n_blocks` is what `old_folds` returned before the
        store was read.
        """
        is_current = self._get(key).folds.refresh(stored)
        if self._old.get(key, n_blocks + 1) <= n_blocks:
            del self._old[key]
        if not is_current:
            self._old[key] = self._n_blocks

    def forget(self, key: str) -> None:
        """Drop a deleted metric."""
        self._metrics.pop(key, None)
        self._touched.discard(key)
        self._old.pop(key, None)
        for kind in self._rules.kinds(key) or ():
            path = join_path((key, kind))
            self._shown.pop(path, None)
            self._unwritten.discard(path)

    def unwritten(self) -> dict[str, FieldChange]:
        """Values that metadata does not have yet, by joined path."""
        for key in self._touched:
            metric = self._metrics[key]
            if metric.last_stamp is None:
                continue
            for kind, value in self._rules.shown(key, metric.folds, metric.last).items():
                path = join_path((key, kind))
                self._shown[path] = FieldChange(value, metric.last_stamp)
                self._unwritten.add(path)
        self._touched.clear()
        return {path: self._shown[path] for path in self._unwritten}

    def without_outdated(self, changes: Mapping[str, FieldChange]) -> Mapping[str, FieldChange]:
        """The changes but those of aggregates that have other values by now.

        A late row changes a mean without changing its stamp, by which metadata would tell them
        apart.
        """
        return {
            path: change
            for path, change in changes.items()
            if self._shown.get(path, change) is change
        }

    def set_written(self, changes: Mapping[str, FieldChange]) -> None:
        """Note that metadata has these values now."""
        for path, change in changes.items():
            if self._shown.get(path) is change:
                self._unwritten.discard(path)

    @property
    def n_values(self) -> int:
        """Number of values that are written to metadata from time to time."""
        return len(self._shown)

    @property
    def is_written(self) -> bool:
        """Whether metadata has all values."""
        return not self._touched and not self._unwritten and not self._old

    def _get(self, key: str) -> _Metric:
        self._touched.add(key)
        metric = self._metrics.get(key)
        if metric is None:
            folds = Folds(self._rules.folds([key]).get(key, ()))
            metric = self._metrics[key] = _Metric(folds)
        return metric


def _range(columns: Iterable[Column]) -> tuple[int | float | None, int | float | None]:
    """The lowest and the highest finite number. None if there are none."""
    low: int | float | None = None
    high: int | float | None = None
    for column in columns:
        values = cast("NDArray[Any]", column.values)
        if column.kind == "float":
            values = values[np.isfinite(values)]
        if len(values):
            least, most = +values.min().item(), +values.max().item()
            low = least if low is None else min(low, least)
            high = most if high is None else max(high, most)
    return low, high
