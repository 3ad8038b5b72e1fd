"""Minimum, maximum, mean, first, last and best of a live run's metrics, where defined.

`define_metric(summary=...)` says which of these a metric has (`weft.records.definition`); the
summary then has a value for each below the metric's name: `loss.min`. `refreshing` initializes
them from the metric store and adds each upload; `projection` writes new values. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from weft.records.definition import aggregates_of, definition_of
from weft.records.merge import Stamp, join_path
from weft.records.record import MetricDefinition
from weft.server.services.live_runs.latest import first_of, last_of
from weft.server.services.live_runs.stored_aggregates import StoredAggregate
from weft.server.storage.contract import Column, RowBlock, StepMetric
from weft.server.storage.metadata.field_rows import FieldChange

_MAX_KNOWN_KEYS: Final = 100_000

_INFINITY: Final = float("inf")


class Rules:
    """Which values of each metric a run's summary shows.

    Attributes:
        is_plain: whether it shows only the last value of every metric.
        step_metrics: the step metric of other metrics, by the name or glob of those metrics.
    """

    def __init__(self, definitions: Sequence[MetricDefinition]) -> None:
        self._definitions = {one.name: one for one in definitions}
        self._kinds: dict[str, tuple[str, ...] | None] = {}
        self.is_plain = not any(one.summary for one in definitions)
        self.step_metrics = {
            one.name: StepMetric(one.step_metric, one.step_sync is not False)
            for one in definitions
            if one.step_metric is not None
        }

    def kinds(self, key: str) -> tuple[str, ...] | None:
        """Which aggregates of a metric are shown; None for its last value, () for nothing.

        >>> rules = Rules([MetricDefinition("loss", summary=["min"])])
        >>> rules.kinds("loss"), rules.kinds("acc")
        (('min',), None)
        """
        if self.is_plain:
            return None
        try:
            return self._kinds[key]
        except KeyError:
            if len(self._kinds) >= _MAX_KNOWN_KEYS:
                self._kinds.clear()
            kinds = aggregates_of(definition_of(key, self._definitions))
            self._kinds[key] = kinds
            return kinds

    def goal(self, key: str) -> str | None:
        """The goal that decides a metric's `best`; if None, the lowest value is best."""
        definition = definition_of(key, self._definitions)
        return None if definition is None else definition.goal


class _Figures:
    """What was seen of one metric. Bools count as 0 and 1.

    Low, high and mean count finite numbers, first counts any number, and last any value.
    """

    __slots__ = (
        "first",
        "first_before",
        "first_stamp",
        "high",
        "last",
        "last_stamp",
        "low",
        "mean",
    )

    def __init__(self) -> None:
        self.low: float = _INFINITY
        self.high: float = -_INFINITY
        self.mean: float | None = None
        self.first: Any = None
        self.first_stamp: Stamp | None = None
        # If the first value is from the store, its time is only known to be before this.
        self.first_before: int | None = None
        self.last: Any = None
        self.last_stamp: Stamp | None = None

    def note_range(self, low: float, high: float) -> None:
        self.low = min(low, self.low)
        self.high = max(high, self.high)

    def note_first(self, value: Any, stamp: Stamp) -> bool:
        """Take a value that may be the first; False if only the store can tell."""
        if self.first_before is not None:
            return stamp.micros >= self.first_before
        if self.first_stamp is None or stamp < self.first_stamp:
            self.first, self.first_stamp = value, stamp
        return True

    def note_last(self, value: Any, stamp: Stamp) -> None:
        if self.last_stamp is None or stamp > self.last_stamp:
            self.last, self.last_stamp = value, stamp

    def shown(self, kinds: Iterable[str], goal: str | None) -> dict[str, Any]:
        """The value of each kind that has one."""
        best = "max" if goal == "maximize" else "min"
        values = {
            "min": None if self.low == _INFINITY else self.low,
            "max": None if self.high == -_INFINITY else self.high,
            "mean": self.mean,
        }
        found: dict[str, Any] = {}
        for kind in kinds:
            if kind == "last":
                found[kind] = self.last
            elif kind == "first":
                if self.first is not None:
                    found[kind] = self.first
            else:
                value = values[best if kind == "best" else kind]
                if value is not None:
                    found[kind] = value
        return found


class Aggregates:
    """The aggregates of one run. Not thread-safe: callers hold the run's lock.

    Most are updated from each upload; adding a row twice changes nothing. Those that can't be,
    such as a mean, are read from the metric store when needed (`old_keys`).
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._figures: dict[str, _Figures] = {}
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
            figures = self._get(key)

            def stamp(ordinal: int) -> Stamp:
                micros = int(block.times[ordinal]) + offset_micros
                return Stamp(micros, writer, block.row_lo + ordinal)

            last = last_of(columns, block.times)
            if last is not None:
                figures.note_last(last[1], stamp(last[0]))
            numbers = [column for column in columns if column.kind != "object"]
            for column in numbers:
                _note_range(figures, column)
            first = first_of(numbers, block.times)
            if first is None:
                continue
            if not figures.note_first(first[1], stamp(first[0])) or "mean" in kinds:
                self._old[key] = self._n_blocks

    def add_last(self, key: str, value: Any, stamp: Stamp) -> None:
        """Add the last value of a metric in the store."""
        if self._rules.kinds(key):
            self._get(key).note_last(value, stamp)

    @property
    def n_old(self) -> int:
        """How many metrics have to be read from the store."""
        return len(self._old)

    def old_keys(self) -> tuple[list[str], int]:
        """Metrics that have to be read from the store, and how many blocks were added so far."""
        return sorted(self._old), self._n_blocks

    def add_stored(
        self, stored: StoredAggregate, *, origin_micros: int, n_blocks: int = 0
    ) -> None:
        """Add what the store says about a metric.

        Args:
            stored: the metric's aggregates in the store.
            origin_micros: origin of the run's times in the store, µs since 1970.
            n_blocks: what `old_keys` returned before the store was read.
        """
        figures = self._get(stored.key)
        if stored.count:
            figures.note_range(stored.low, stored.high)
            figures.mean = stored.mean
        figures.first = stored.first
        figures.first_before = origin_micros + stored.first_before
        if self._old.get(stored.key, n_blocks + 1) <= n_blocks:
            del self._old[stored.key]

    def forget(self, key: str) -> None:
        """Drop a deleted metric."""
        self._figures.pop(key, None)
        self._touched.discard(key)
        self._old.pop(key, None)
        for kind in self._rules.kinds(key) or ():
            path = join_path((key, kind))
            self._shown.pop(path, None)
            self._unwritten.discard(path)

    def unwritten(self) -> dict[str, FieldChange]:
        """Values that metadata does not have yet, by joined path."""
        for key in self._touched:
            figures = self._figures[key]
            if figures.last_stamp is None:
                continue
            values = figures.shown(self._rules.kinds(key) or (), self._rules.goal(key))
            for kind, value in values.items():
                path = join_path((key, kind))
                self._shown[path] = FieldChange(value, figures.last_stamp)
                self._unwritten.add(path)
        self._touched.clear()
        return {path: self._shown[path] for path in self._unwritten}

    def set_written(self, changes: Mapping[str, FieldChange]) -> None:
        """Note that metadata has these values now."""
        for path, change in changes.items():
            if self._shown.get(path) is change:
                self._unwritten.discard(path)

    @property
    def n_values(self) -> int:
        """How many values are written to metadata from time to time."""
        return len(self._shown)

    @property
    def is_written(self) -> bool:
        """Whether metadata has all values."""
        return not self._touched and not self._unwritten and not self._old

    def _get(self, key: str) -> _Figures:
        self._touched.add(key)
        figures = self._figures.get(key)
        if figures is None:
            figures = self._figures[key] = _Figures()
        return figures


def _note_range(figures: _Figures, column: Column) -> None:
    if not len(column.values):
        return
    values = cast("NDArray[Any]", column.values)
    if column.kind == "float":
        values = values[np.isfinite(values)]
        if not len(values):
            return
    low, high = values.min().item(), values.max().item()
    figures.note_range(+low, +high)
