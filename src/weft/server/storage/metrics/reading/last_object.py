"""`last_object`, `object_positions`: one object of a metric, and the positions of all on an axis.

Receives queries from `services.media` and reads the units of one run. Reads the file. Of a chunk
with 10,000 objects only the one that is returned is decoded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import (
    AxisSpec,
    Bases,
    Float64,
    Int64,
    ObjectPoint,
    ObjectPosition,
    Source,
    Steps,
)
from weft.server.storage.metrics.encoding.block import KIND_BITS
from weft.server.storage.metrics.encoding.chunk import split_objects
from weft.server.storage.metrics.encoding.codec import unpack_object
from weft.server.storage.metrics.encoding.placing import place_rows
from weft.server.storage.metrics.reading.parts import counted_rows, number_writers, parts_of
from weft.server.storage.metrics.reading.points import NO_VALUES, join_units
from weft.server.storage.metrics.reading.units import Unit, load_headers, read_units
from weft.server.storage.metrics.view import MetricDatabase, View, axis_shift

_OBJECT: Final = KIND_BITS["object"]


def read_object_positions(
    database: MetricDatabase,
    run: str,
    key: str,
    axis: AxisSpec,
    sources: Sequence[Source],
    bases: Bases,
) -> list[ObjectPosition]:
    """The positions of a metric's objects on an axis. See `MetricStore.object_positions`.

    Cost: decodes the steps of the chunks that have objects of the metric, and on the axis `metric`
    the numbers of that metric; no object.
    """
    ordered: list[tuple[tuple[float, int, str, int], ObjectPosition]] = []
    for view, units, numbers in _units(database, run, [key, axis.metric], sources):
        x_by_row = _metric_values(view, units, numbers, axis) if axis.axis == "metric" else None
        for unit in units:
            rows = _rows_with_objects(view, unit, numbers[0])
            if rows is None:
                continue
            inside = counted_rows(rows.steps, unit.limit)
            at = slice(None) if inside is None else inside
            ordinals, steps, times = rows.rows[at], rows.steps[at], rows.times[at]
            x: Any = steps
            if axis.axis == "time":
                x = times + axis_shift(unit.offset, bases.get(unit.name, unit.part.origin))
            elif x_by_row is not None:
                joined, values = x_by_row[unit.writer, unit.system]
                x = values[np.searchsorted(joined, ordinals)]
            ordered.extend(
                ((x, time + unit.offset, unit.name, row), ObjectPosition(x, step))
                for x, step, time, row in zip(
                    x.tolist(), steps.tolist(), times.tolist(), ordinals.tolist(), strict=True
                )
                if math.isfinite(x)
            )
    return [position for _, position in sorted(ordered, key=lambda entry: entry[0])]


def _metric_values(
    view: View, units: Sequence[Unit], numbers: Sequence[int], axis: AxisSpec
) -> dict[tuple[int, bool], tuple[Int64, Float64]]:
    """The rows of each writer, system rows apart, and the axis metric's value in each."""
    by_writer: dict[tuple[int, bool], list[Unit]] = {}
    for unit in units:
        by_writer.setdefault((unit.writer, unit.system), []).append(unit)
    values: dict[tuple[int, bool], tuple[Int64, Float64]] = {}
    for writer, writer_units in by_writer.items():
        joined = join_units(view, writer_units, numbers[1:])
        own = joined.numbers.get(numbers[1], NO_VALUES)
        x = place_rows(len(joined.rows), joined.continues, own, step_sync=axis.step_sync)
        values[writer] = joined.rows, x
    return values


def read_last_object(
    database: MetricDatabase, run: str, key: str, sources: Sequence[Source], at: float | None
) -> ObjectPoint | None:
    """The last object of a metric up to a step. See `MetricStore.last_object`.

    Cost: decodes one object in each chunk that may have the last, mostly a single one.
    """
    bound = math.inf if at is None else at
    best: ObjectPoint | None = None
    for view, units, (number,) in _units(database, run, [key], sources):
        ordered = sorted(units, key=lambda unit: min(unit.step_span[1], bound), reverse=True)
        for unit in ordered:
            lowest, highest = unit.step_span
            if best is not None and min(highest, bound) < best.x:
                break
            if lowest <= bound:
                last = _last_of_unit(view, unit, number, bound)
                if last is not None and (best is None or _sort_key_of(last) > _sort_key_of(best)):
                    best = last
    return best


@dataclass(slots=True)
class _Rows:
    """The rows of a unit that have an object of a metric; those of a chunk in their
    encoded form.
    """

    rows: Int64
    steps: Steps
    times: Int64
    values: Any


def _units(
    database: MetricDatabase, run: str, keys: Sequence[str | None], sources: Sequence[Source]
) -> Iterator[tuple[View, list[Unit], list[int]]]:
    """Units of a run in one snapshot, and the numbers of metrics; nothing if one is unknown."""
    numbers = [database.find_key(key) for key in keys if key is not None]
    if None in numbers:
        return
    key_numbers = [number for number in numbers if number is not None]
    parts = parts_of(database, run, sources)
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        units = list(read_units(database, view, parts))
        load_headers(view, units, key_numbers)
        yield view, units, key_numbers


def _rows_with_objects(view: View, unit: Unit, key: int) -> _Rows | None:
    ordinals: NDArray[np.uint32] | None
    values: Any
    if unit.chunk is None:
        object_columns = [column for column in unit.columns(view, key) if column.kind == "object"]
        if not object_columns:
            return None
        ordinals, values = object_columns[0].rows, object_columns[0].values
    else:
        header = unit.headers.get(key)
        if header is None or not header.kinds & _OBJECT:
            return None
        part = header.part + header.n_points_parts - 1
        ordinals, values = split_objects(view.parts([part])[part])
    block = unit.axes(view)
    if ordinals is None:
        return _Rows(block.rows, block.steps, block.times, values)
    return _Rows(block.rows[ordinals], block.steps[ordinals], block.times[ordinals], values)


def _last_of_unit(view: View, unit: Unit, key: int, bound: float) -> ObjectPoint | None:
    rows = _rows_with_objects(view, unit, key)
    if rows is None:
        return None
    inside = counted_rows(rows.steps, min(unit.limit, bound))
    among = np.arange(len(rows.steps)) if inside is None else np.flatnonzero(inside)
    if not len(among):
        return None
    steps = rows.steps[among]
    among = among[steps == steps.max()]
    nth = int(among[np.lexsort((rows.rows[among], rows.times[among]))[-1]])
    values = rows.values
    value = values[nth] if isinstance(values, list) else unpack_object(values, nth)
    return ObjectPoint(
        rows.steps[nth].item(), int(rows.times[nth]) + unit.offset, unit.name,
        int(rows.rows[nth]), value,
    )  # fmt: skip


def _sort_key_of(point: ObjectPoint) -> tuple[float, int, str, int]:
    return point.x, point.micros, point.writer, point.row
