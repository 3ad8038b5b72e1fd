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
from weft.server.storage.metrics.database import Database, Snapshot, axis_shift, fetch_blobs
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

SLICE_POINTS: Final = 1_000_000

Taken = tuple[NDArray[np.intp], Any]
"""Values of one metric in a unit's rows that count: ordinals among these rows, and the values."""


@dataclass(slots=True)
class WriterPoints:
    """The values of one metric in some rows of one writer, by row.

    Attributes:
        name: name of the writer.
        x: on the requested axis. All points count and have a finite x.
        values: float64, or a list of objects.
    """

    name: str
    x: Steps
    steps: Steps
    times: Int64
    rows: Int64
    values: Any


def read_points(
    database: Database,
    run: str,
    key: str,
    place: AxisSpec,
    *,
    lo: float | None,
    hi: float | None,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
    in_log_order: bool,
) -> Iterator[Points]:
    """A metric's numeric points. See `MetricStore.points`.

    Cost: O(points). All of them are in memory at once, 40 bytes each.
    """
    found = _stretches(database, run, key, place, writers, sources, bases, objects=False)
    kept = [one for stretch in found if len((one := _between(stretch, lo, hi)).x)]
    if not kept:
        return
    points = _join(kept)
    order: NDArray[np.intp] | None = None
    if in_log_order:
        order = sorted_by(points.rows, points.writer)
    else:
        order = sorted_by(points.rows, points.writer, points.times, points.x)
    for start in range(0, len(points), SLICE_POINTS):
        some = slice(start, start + SLICE_POINTS)
        at = some if order is None else order[some]
        yield Points(
            points.x[at], points.values[at], points.times[at], points.writer[at],
            points.rows[at], points.writers,
        )  # fmt: skip


def read_objects(
    database: Database,
    run: str,
    key: str,
    place: AxisSpec,
    *,
    lo: float | None,
    hi: float | None,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
) -> Iterator[ObjectPoint]:
    """A metric's values that are not numbers. See `MetricStore.objects`."""
    found: list[ObjectPoint] = []
    stretches = _stretches(database, run, key, place, writers, sources, bases, objects=True)
    for stretch in stretches:
        inside = _inside(stretch.x, lo, hi)
        for at in range(len(stretch.x)) if inside is None else np.flatnonzero(inside).tolist():
            found.append(
                ObjectPoint(
                    stretch.x[at].item(), int(stretch.times[at]), stretch.name,
                    int(stretch.rows[at]), stretch.values[at],
                )
            )  # fmt: skip
    found.sort(key=lambda one: (one.x, one.micros, one.writer, one.row))
    yield from found


def read_first_nonfinite(
    database: Database, run: str, key: str, sources: Sequence[Source]
) -> NonFinite | None:
    """Where a metric was first NaN or infinite. See `MetricStore.first_nonfinite`.

    Cost: reads the coarsest cells of each chunk, and the points of chunks with such a value.
    """
    best: NonFinite | None = None
    for stretch in _stretches(
        database, run, key, BY_STEP, None, sources, {}, objects=False, is_asked=_may_be_nonfinite
    ):
        at = np.flatnonzero(~np.isfinite(stretch.values))
        if len(at):
            steps = stretch.steps[at]
            at = at[steps == steps.min()]
            first = int(at[np.argmin(stretch.times[at])])
            one = NonFinite(
                stretch.steps[first].item(), int(stretch.times[first]), stretch.name,
                int(stretch.rows[first]), float(stretch.values[first]),
            )  # fmt: skip
            if best is None or _place_of(one) < _place_of(best):
                best = one
    return best


def _may_be_nonfinite(view: Snapshot, unit: Unit, key: int) -> bool:
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
    blob = fetch_blobs(view.db, "part", "part", [part])[part]
    return len(decode_cells(blob, level, unit.chunk.row_lo).nonfinite_index) > 0


def _place_of(one: NonFinite) -> tuple[float, int, str, int]:
    return one.step, one.micros, one.writer, one.row


def _stretches(
    database: Database,
    run: str,
    key: str,
    place: AxisSpec,
    writers: Collection[str] | None,
    sources: Sequence[Source],
    bases: Bases,
    *,
    objects: bool,
    is_asked: Callable[[Snapshot, Unit, int], bool] | None = None,
) -> Iterator[WriterPoints]:
    number = database.find_key(key)
    if number is None:
        return
    axis_key = None if place.metric is None else database.find_key(place.metric)
    if place.axis == "metric" and axis_key is None:
        return
    parts = parts_of(database, run, sources)
    wanted = [number] if axis_key is None else [number, axis_key]
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        units = list(read_units(database, view, parts, writers=writers))
        load_headers(view, units, wanted)
        if place.axis == "metric":
            assert axis_key is not None
            by_writer: dict[tuple[int, bool], list[Unit]] = {}
            for unit in units:
                by_writer.setdefault((unit.writer, unit.system), []).append(unit)
            for some in by_writer.values():
                rows = join_units(view, some, [number, axis_key], objects=objects)
                yield from _by_metric(rows, number, axis_key, place, objects=objects)
        else:
            for unit in units:
                if is_asked is not None and not is_asked(view, unit, number):
                    continue
                base = bases.get(unit.name, unit.part.origin)
                yield from _of_unit(view, unit, number, place, base, objects=objects)


def _of_unit(
    view: Snapshot, unit: Unit, key: int, place: AxisSpec, base: int | None, *, objects: bool
) -> Iterator[WriterPoints]:
    axes = counted_axes(unit, view)
    taken = take_values(view, unit, axes, key, objects=objects)
    if taken is None:
        return
    at, values = taken
    steps, times = axes.steps[at], axes.times[at] + unit.offset
    x: Steps = steps
    if place.axis == "time":
        x = axes.times[at] + axis_shift(unit.offset, base)
    yield WriterPoints(unit.name, x, steps, times, axes.rows[at], values)


def take_values(
    view: Snapshot, unit: Unit, axes: CountedAxes, key: int, *, objects: bool = False
) -> Taken | None:
    """The numbers of one metric as float64, or its objects, in the rows that count."""
    columns = unit.columns(view, key)
    ordinals: NDArray[Any] | None
    values: Any
    if objects:
        found = [column for column in columns if column.kind == "object"]
        if not found:
            return None
        ordinals, values = found[0].rows, found[0].values
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
    """All system rows, or all other rows, of one writer that count, by row number.

    Attributes:
        name: name of the writer.
        taken: by metric, the ordinals of the rows with numbers, and the numbers.
        objects: by metric, the ordinals of the rows with objects, and the objects.
    """

    name: str
    rows: Int64
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    taken: dict[int, tuple[NDArray[np.intp], Float64]]
    objects: dict[int, tuple[NDArray[np.intp], list[Any]]]


def join_units(
    view: Snapshot, units: Sequence[Unit], keys: Sequence[int], *, objects: bool = False
) -> WriterRows:
    """Join units of one writer, which must all be of system rows or all of other rows.

    Args:
        objects: whether to read the metrics' objects as well.
    """
    units = sorted(units, key=lambda unit: unit.row_span)
    axes = [counted_axes(unit, view) for unit in units]
    bases = np.cumsum([0, *(len(one.rows) for one in axes)])
    rows = np.concatenate([one.rows for one in axes])
    steps: Any = np.concatenate([one.steps for one in axes])
    times = np.concatenate(
        [one.times + unit.offset for one, unit in zip(axes, units, strict=True)]
    )
    continues = None
    if any(one.continues is not None for one in axes):
        continues = np.concatenate(
            [
                np.zeros(len(one.rows), dtype=np.bool_) if one.continues is None else one.continues
                for one in axes
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
            found: list[Taken] = []
            for unit, one, base in zip(units, axes, bases, strict=False):
                taken = take_values(view, unit, one, key, objects=as_objects)
                if taken is not None:
                    found.append((taken[0] + base, taken[1]))
            if not found:
                continue
            at = np.concatenate([taken[0] for taken in found])
            values: Any
            if as_objects:
                values = [value for taken in found for value in taken[1]]
            else:
                values = np.concatenate([taken[1] for taken in found])
            if moved is not None:
                at = moved[at]
                sorting = np.argsort(at, kind="stable")
                at = at[sorting]
                values = pick_values(values, sorting)
            if as_objects:
                joined.objects[key] = at, values
            else:
                joined.taken[key] = at, values
    return joined


NO_VALUES: Final[Own] = np.empty(0, dtype=np.int64), np.empty(0)
"""The values of a metric that no row has."""


def _by_metric(
    rows: WriterRows, key: int, axis_key: int, place: AxisSpec, *, objects: bool
) -> Iterator[WriterPoints]:
    taken: Taken | None = rows.objects.get(key) if objects else rows.taken.get(key)
    if taken is None:
        return
    own = rows.taken.get(axis_key, NO_VALUES)
    x = place_rows(len(rows.rows), rows.continues, own, step_sync=place.step_sync)
    at, values = taken
    finite = np.isfinite(x[at])
    if not bool(finite.all()):
        values = pick_values(values, finite)
        at = at[finite]
    yield WriterPoints(rows.name, x[at], rows.steps[at], rows.times[at], rows.rows[at], values)


def _inside(x: Steps, lo: float | None, hi: float | None) -> NDArray[np.bool_] | None:
    """Which x are in `[lo, hi)`, exactly. None if neither end is given."""
    inside: NDArray[np.bool_] | None = None
    if lo is not None:
        inside = at_least(x, lo)
    if hi is not None:
        below = ~at_least(x, hi)
        inside = below if inside is None else inside & below
    return inside


def _between(stretch: WriterPoints, lo: float | None, hi: float | None) -> WriterPoints:
    inside = _inside(stretch.x, lo, hi)
    if inside is None or bool(inside.all()):
        return stretch
    return WriterPoints(
        stretch.name, stretch.x[inside], stretch.steps[inside], stretch.times[inside],
        stretch.rows[inside], stretch.values[inside],
    )  # fmt: skip


def _join(kept: Sequence[WriterPoints]) -> Points:
    writers = sorted({one.name for one in kept})
    place = {name: nth for nth, name in enumerate(writers)}
    sizes = [len(one.x) for one in kept]
    x: Any = np.concatenate([one.x for one in kept])
    return Points(
        x,
        np.concatenate([one.values for one in kept]),
        np.concatenate([one.times for one in kept]),
        np.repeat(np.array([place[one.name] for one in kept]), sizes),
        np.concatenate([one.rows for one in kept]),
        writers,
    )
