"""`points`, `objects`, `first_nonfinite`: individual values of a metric, which cells do not hold.

Receives queries from `services.charting` and reads the units of one run. Reads the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import (
    BY_STEP,
    AxisSpec,
    Bases,
    Float64,
    Int64,
    NonFinite,
    ObjectPoint,
    Points,
    Source,
    Steps,
)
from weft.server.storage.grid.levels import LEVEL_STRIDE
from weft.server.storage.metrics.encoding.block import KIND_BITS, numbers_of, pick_values
from weft.server.storage.metrics.encoding.chunk import decode_cells
from weft.server.storage.metrics.encoding.placing import Own, place_rows
from weft.server.storage.metrics.reading.joined import sorted_by
from weft.server.storage.metrics.reading.parts import at_least, number_writers, parts_of
from weft.server.storage.metrics.reading.units import (
    CountedAxes,
    Unit,
    counted_axes,
    load_headers,
    read_units,
)
from weft.server.storage.metrics.view import MetricDatabase, View, axis_shift

SLICE_POINTS: Final = 1_000_000

Taken = tuple[NDArray[np.intp], Any]
"""Values of one metric in a unit's rows that count: ordinals among these rows, and the values."""


@dataclass(slots=True)
class WriterPoints:
    """The values of one metric in some rows of one writer, by row, each at a finite x.

    Values are float64, or objects.
    """

    name: str
    x: Steps
    steps: Steps
    times: Int64
    rows: Int64
    values: Any


def read_points(
    database: MetricDatabase,
    run: str,
    key: str,
    axis: AxisSpec,
    *,
    lo: float | None,
    hi: float | None,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
    in_log_order: bool,
) -> Iterator[Points]:
    """A metric's numeric points. See `MetricStore.points`.

    Cost: O(points). All of them are in memory at once, 48 bytes each.
    """
    rows_of_writers = _rows_of_writers(
        database, run, key, axis, writers, sources, bases, objects=False
    )
    parts = [within for rows in rows_of_writers if len((within := _between(rows, lo, hi)).x)]
    if not parts:
        return
    points = _join(parts)
    order: NDArray[np.intp] | None = None
    if in_log_order:
        order = sorted_by(points.rows, points.writer)
    else:
        order = sorted_by(points.rows, points.writer, points.times, points.x)
    for start in range(0, len(points), SLICE_POINTS):
        span = slice(start, start + SLICE_POINTS)
        at = span if order is None else order[span]
        yield Points(
            points.x[at], points.values[at], points.steps[at], points.times[at],
            points.writer[at], points.rows[at], points.writers,
        )  # fmt: skip


def read_objects(
    database: MetricDatabase,
    run: str,
    key: str,
    axis: AxisSpec,
    *,
    lo: float | None,
    hi: float | None,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
) -> Iterator[ObjectPoint]:
    """A metric's values that are not numbers. See `MetricStore.objects`."""
    objects: list[ObjectPoint] = []
    rows_of_writers = _rows_of_writers(
        database, run, key, axis, writers, sources, bases, objects=True
    )
    for rows in rows_of_writers:
        inside = _inside(rows.x, lo, hi)
        for at in range(len(rows.x)) if inside is None else np.flatnonzero(inside).tolist():
            objects.append(
                ObjectPoint(
                    rows.x[at].item(), int(rows.times[at]), rows.name,
                    int(rows.rows[at]), rows.values[at],
                )
            )  # fmt: skip
    objects.sort(key=lambda point: (point.x, point.micros, point.writer, point.row))
    yield from objects


def read_first_nonfinite(
    database: MetricDatabase, run: str, key: str, sources: Sequence[Source]
) -> NonFinite | None:
    """The first NaN or infinite value of a metric. See `MetricStore.first_nonfinite`.

    Cost: reads the coarsest cells of each chunk, and the points of chunks with such a value.
    """
    best: NonFinite | None = None
    for rows in _rows_of_writers(
        database, run, key, BY_STEP, None, sources, {}, objects=False, is_read=_may_be_nonfinite
    ):
        at = np.flatnonzero(~np.isfinite(rows.values))
        if len(at):
            steps = rows.steps[at]
            at = at[steps == steps.min()]
            first = int(at[np.argmin(rows.times[at])])
            point = NonFinite(
                rows.steps[first].item(), int(rows.times[first]), rows.name,
                int(rows.rows[first]), float(rows.values[first]),
            )  # fmt: skip
            if best is None or _sort_key_of(point) < _sort_key_of(best):
                best = point
    return best


def _may_be_nonfinite(view: View, unit: Unit, key: int) -> bool:
    """Whether a unit may have a nonfinite value of a metric."""
    header = unit.headers.get(key)
    if header is None or unit.chunk is None:
        return unit.chunk is None
    if not header.kinds & KIND_BITS["float"]:
        return False
    if not header.n_step:
        return True
    part = header.part + header.n_points_parts + header.n_step - 1
    level = header.step_level + LEVEL_STRIDE * (header.n_step - 1)
    blob = view.parts([part])[part]
    return len(decode_cells(blob, level, unit.chunk.row_lo).nonfinite_index) > 0


def _sort_key_of(point: NonFinite) -> tuple[float, int, str, int]:
    return point.step, point.micros, point.writer, point.row


def _rows_of_writers(
    database: MetricDatabase,
    run: str,
    key: str,
    axis: AxisSpec,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
    *,
    objects: bool,
    is_read: Callable[[View, Unit, int], bool] | None = None,
) -> Iterator[WriterPoints]:
    number = database.find_key(key)
    if number is None:
        return
    axis_key = None if axis.metric is None else database.find_key(axis.metric)
    if axis.axis == "metric" and axis_key is None:
        return
    parts = parts_of(database, run, sources)
    keys = [number] if axis_key is None else [number, axis_key]
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        units = list(read_units(database, view, parts, writers=writers))
        load_headers(view, units, keys)
        if axis.axis == "metric":
            assert axis_key is not None
            by_writer: dict[tuple[int, bool], list[Unit]] = {}
            for unit in units:
                by_writer.setdefault((unit.writer, unit.system), []).append(unit)
            for writer_units in by_writer.values():
                rows = join_units(view, writer_units, [number, axis_key], objects=objects)
                yield from _by_metric(rows, number, axis_key, axis, objects=objects)
        else:
            for unit in units:
                if is_read is not None and not is_read(view, unit, number):
                    continue
                base = bases.get(unit.name, unit.part.origin)
                yield from _of_unit(view, unit, number, axis, base, objects=objects)


def _of_unit(
    view: View, unit: Unit, key: int, axis: AxisSpec, base: int | None, *, objects: bool
) -> Iterator[WriterPoints]:
    axes = counted_axes(unit, view)
    values_at = take_values(view, unit, axes, key, objects=objects)
    if values_at is None:
        return
    at, values = values_at
    steps, times = axes.steps[at], axes.times[at] + unit.offset
    x: Steps = steps
    if axis.axis == "time":
        x = axes.times[at] + axis_shift(unit.offset, base)
    yield WriterPoints(unit.name, x, steps, times, axes.rows[at], values)


def take_values(
    view: View, unit: Unit, axes: CountedAxes, key: int, *, objects: bool = False
) -> Taken | None:
    """The numbers of one metric as float64, or its objects, in the rows that count."""
    columns = unit.columns(view, key)
    ordinals: NDArray[Any] | None
    values: Any
    if objects:
        object_columns = [column for column in columns if column.kind == "object"]
        if not object_columns:
            return None
        ordinals, values = object_columns[0].rows, object_columns[0].values
    else:
        numbers = numbers_of(columns, unit.n_rows)
        if numbers is None:
            return None
        ordinals, values = numbers
    at = np.arange(unit.n_rows) if ordinals is None else ordinals.astype(np.intp)
    if axes.inside is not None:
        inside = axes.inside[at]
        values = pick_values(values, inside)
        at = (np.cumsum(axes.inside) - 1)[at[inside]]
    return (at, values) if len(at) else None


@dataclass(slots=True)
class WriterRows:
    """All system rows, or all other rows, of one writer that count, by row number: by metric, the
    ordinals of rows with numbers or objects, and these.
    """

    name: str
    rows: Int64
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    numbers: dict[int, tuple[NDArray[np.intp], Float64]]
    objects: dict[int, tuple[NDArray[np.intp], list[Any]]]


def join_units(
    view: View, units: Sequence[Unit], keys: Sequence[int], *, objects: bool = False
) -> WriterRows:
    """Join units of one writer, which must all be of system rows or all of other rows.

    `objects` reads the metrics' objects as well.
    """
    units = sorted(units, key=lambda unit: unit.row_span)
    axes = [counted_axes(unit, view) for unit in units]
    bases = np.cumsum([0, *(len(axis.rows) for axis in axes)])
    rows = np.concatenate([axis.rows for axis in axes])
    steps: Any = np.concatenate([axis.steps for axis in axes])
    times = np.concatenate(
        [axis.times + unit.offset for axis, unit in zip(axes, units, strict=True)]
    )
    continues = None
    if any(axis.continues is not None for axis in axes):
        continues = np.concatenate(
            [
                np.zeros(len(axis.rows), dtype=np.bool_)
                if axis.continues is None
                else axis.continues
                for axis in axes
            ]
        )
    order = moved = None
    if not bool((rows[1:] > rows[:-1]).all()):
        order = np.argsort(rows, kind="stable")
        moved = np.empty_like(order)
        moved[order] = np.arange(len(order))
        rows, steps, times = rows[order], steps[order], times[order]
        continues = None if continues is None else continues[order]
    joined = WriterRows(units[0].name, rows, steps, times, continues, {}, {})
    for key in dict.fromkeys(keys):
        for as_objects in (False, True) if objects else (False,):
            parts: list[Taken] = []
            for unit, axis, base in zip(units, axes, bases, strict=False):
                unit_values = take_values(view, unit, axis, key, objects=as_objects)
                if unit_values is not None:
                    parts.append((unit_values[0] + base, unit_values[1]))
            if not parts:
                continue
            at: NDArray[np.intp] = np.concatenate([part[0] for part in parts])
            values: Any
            if as_objects:
                values = [value for part in parts for value in part[1]]
            else:
                values = np.concatenate([part[1] for part in parts])
            if moved is not None:
                at = moved[at]
                sorting = np.argsort(at, kind="stable")
                at = at[sorting]
                values = pick_values(values, sorting)
            if as_objects:
                joined.objects[key] = (at, values)  # pyrefly: ignore[unsupported-operation]
            else:
                joined.numbers[key] = (at, values)  # pyrefly: ignore[unsupported-operation]
    return joined


NO_VALUES: Final[Own] = np.empty(0, dtype=np.int64), np.empty(0)
"""The values of a metric that no row has."""


def _by_metric(
    rows: WriterRows, key: int, axis_key: int, axis: AxisSpec, *, objects: bool
) -> Iterator[WriterPoints]:
    values_at: Taken | None = rows.objects.get(key) if objects else rows.numbers.get(key)
    if values_at is None:
        return
    own = rows.numbers.get(axis_key, NO_VALUES)
    x = place_rows(len(rows.rows), rows.continues, own, step_sync=axis.step_sync)
    at, values = values_at
    finite = np.isfinite(x[at])
    if not bool(finite.all()):
        values = pick_values(values, finite)
        at = at[finite]
    yield WriterPoints(rows.name, x[at], rows.steps[at], rows.times[at], rows.rows[at], values)


def _inside(x: Steps, lo: float | None, hi: float | None) -> NDArray[np.bool_] | None:
    """A mask of the x in `[lo, hi)`, exactly. None if neither end is given."""
    inside: NDArray[np.bool_] | None = None
    if lo is not None:
        inside = at_least(x, lo)
    if hi is not None:
        below = ~at_least(x, hi)
        inside = below if inside is None else inside & below
    return inside


def _between(points: WriterPoints, lo: float | None, hi: float | None) -> WriterPoints:
    inside = _inside(points.x, lo, hi)
    if inside is None or bool(inside.all()):
        return points
    return WriterPoints(
        points.name, points.x[inside], points.steps[inside], points.times[inside],
        points.rows[inside], points.values[inside],
    )  # fmt: skip


def _join(parts: Sequence[WriterPoints]) -> Points:
    writers = sorted({part.name for part in parts})
    ranks = {name: nth for nth, name in enumerate(writers)}
    sizes = [len(part.x) for part in parts]
    x: Any = np.concatenate([part.x for part in parts])
    steps: Any = np.concatenate([part.steps for part in parts])
    return Points(
        x,
        np.concatenate([part.values for part in parts]),
        steps,
        np.concatenate([part.times for part in parts]),
        np.repeat(np.array([ranks[part.name] for part in parts]), sizes),
        np.concatenate([part.rows for part in parts]),
        writers,
    )
