"""The twin's answers about points and columns, by brute force. See `memory`. No I/O."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from weft.records.value import KINDS, Kind, kind_of
from weft.server.storage.contract import (
    AxisSpec,
    Column,
    ColumnBatch,
    JoinedRow,
    NonFinite,
    ObjectPoint,
    Points,
)


@dataclass(slots=True)
class StoredRow:
    """A row as it came; `time` is µs since 1970 with the writer's offset."""

    writer: str
    row: int
    step: int | float
    time: int
    fragment: bool
    system: bool
    values: dict[str, Any]


@dataclass(slots=True)
class Spot:
    """One value of one metric: any kind, `x` on the asked axis."""

    x: int | float
    time: int
    writer: str
    row: int
    step: int | float
    value: Any

    @property
    def order(self) -> tuple[float, int, str, int]:
        return self.x, self.time, self.writer, self.row


Counted = Iterable[tuple[str, int, StoredRow]]
"""Rows that make up a run: the run each is stored in, that run's origin, and the row."""


def place_values(counted: Counted, axis: AxisSpec, keys: Sequence[str]) -> dict[str, list[Spot]]:
    """All values of some metrics that have an x, by metric."""
    spots: dict[str, list[Spot]] = {key: [] for key in keys}
    if axis.axis == "metric":
        placed = _by_metric(counted, axis)
    else:
        by_step = axis.axis == "step"
        placed = ((row.step if by_step else row.time - origin, row) for _, origin, row in counted)
    for x, row in placed:
        for key in spots.keys() & row.values.keys():
            spot = Spot(x, row.time, row.writer, row.row, row.step, row.values[key])
            spots[key].append(spot)
    return spots


def _by_metric(counted: Counted, axis: AxisSpec) -> Iterator[tuple[float, StoredRow]]:
    sequences: dict[tuple[str, str, bool], list[StoredRow]] = {}
    for run, _, row in counted:
        sequences.setdefault((run, row.writer, row.system), []).append(row)
    for rows in sequences.values():
        joined: list[list[StoredRow]] = []
        for row in sorted(rows, key=lambda row: row.row):
            if row.fragment and joined:
                joined[-1].append(row)
            else:
                joined.append([row])
        x: float | None = None
        for fragments in joined:
            own = [
                float(row.values[axis.metric])
                for row in fragments
                if axis.metric in row.values and kind_of(row.values[axis.metric]) != "object"
            ]
            if own or not axis.step_sync:
                x = own[-1] if own else None
            if x is not None and math.isfinite(x):
                for row in fragments:
                    yield x, row


def numbers_among(spots: Iterable[Spot]) -> list[Spot]:
    """The numeric values, as float64."""
    return [
        Spot(spot.x, spot.time, spot.writer, spot.row, spot.step, float(spot.value))
        for spot in spots
        if kind_of(spot.value) != "object"
    ]


def within(spots: Iterable[Spot], lo: float | None, hi: float | None) -> list[Spot]:
    """Those in `[lo, hi)`, in order."""
    inside = [
        spot for spot in spots if (lo is None or spot.x >= lo) and (hi is None or spot.x < hi)
    ]
    return sorted(inside, key=lambda spot: spot.order)


def points_of(spots: Sequence[Spot]) -> Points:
    """As arrays, in the order given."""
    writers = sorted({spot.writer for spot in spots})
    return Points(
        _numbers([spot.x for spot in spots]),
        np.array([spot.value for spot in spots], dtype=np.float64),
        _numbers([spot.step for spot in spots]),
        np.array([spot.time for spot in spots], dtype=np.int64),
        np.array([writers.index(spot.writer) for spot in spots], dtype=np.int64),
        np.array([spot.row for spot in spots], dtype=np.int64),
        writers,
    )


def _numbers(numbers: Sequence[float]) -> Any:
    whole = all(isinstance(number, int) for number in numbers)
    return np.array(numbers, dtype=np.int64 if whole else np.float64)


def objects_among(spots: Iterable[Spot]) -> Iterator[ObjectPoint]:
    """The values that are no numbers."""
    for spot in spots:
        if kind_of(spot.value) == "object":
            yield ObjectPoint(spot.x, spot.time, spot.writer, spot.row, spot.value)


def first_nonfinite(spots: Iterable[Spot]) -> NonFinite | None:
    """The first value that is not finite; spots on the axis of steps."""
    nonfinite = [spot for spot in spots if not math.isfinite(spot.value)]
    if not nonfinite:
        return None
    first = min(nonfinite, key=lambda spot: spot.order)
    return NonFinite(first.step, first.time, first.writer, first.row, first.value)


def columns_of(run: str, rows: Sequence[JoinedRow]) -> ColumnBatch:
    """Joined rows, in the order given, as columns."""
    writers = sorted({row.writer for row in rows})
    columns: dict[str, dict[Kind, dict[int, Any]]] = {}
    for nth, row in enumerate(rows):
        for key, value in row.values.items():
            columns.setdefault(key, {}).setdefault(kind_of(value), {})[nth] = value
    whole = all(isinstance(row.step, int) for row in rows)
    steps: Any = np.array([row.step for row in rows], dtype=np.int64 if whole else np.float64)
    return ColumnBatch(
        run,
        writers,
        np.array([writers.index(row.writer) for row in rows], dtype=np.int64),
        np.array([row.row for row in rows], dtype=np.int64),
        steps,
        np.array([row.micros for row in rows], dtype=np.int64),
        {
            key: [_column(kind, kinds[kind], len(rows)) for kind in KINDS if kind in kinds]
            for key, kinds in columns.items()
        },
    )


def _column(kind: Kind, values: Mapping[int, Any], n_rows: int) -> Column:
    at = None if len(values) == n_rows else np.array(list(values), dtype=np.uint32)
    plain = list(values.values())
    if kind == "object":
        return Column(kind, at, plain)
    dtype = {"int": np.int64, "float": np.float64, "bool": np.bool_}[kind]
    return Column(kind, at, np.array(plain, dtype=dtype))
