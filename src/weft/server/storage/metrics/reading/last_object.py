"""`last_object`, `object_steps`: one object of a metric, and the steps at which it has any.

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

from weft.server.storage.contract import Int64, ObjectPoint, Source, Steps
from weft.server.storage.metrics.database import Database, Snapshot, fetch_blobs
from weft.server.storage.metrics.encoding.block import KIND_BITS
from weft.server.storage.metrics.encoding.chunk import split_objects
from weft.server.storage.metrics.encoding.codec import unpack_object
from weft.server.storage.metrics.reading.parts import counted_rows, number_writers, parts_of
from weft.server.storage.metrics.reading.units import Unit, load_headers, read_units

_OBJECT: Final = KIND_BITS["object"]


def read_object_steps(
    database: Database, run: str, key: str, sources: Sequence[Source]
) -> list[int | float]:
    """The steps of a metric's objects. See `MetricStore.object_steps`.

    Cost: decodes the steps of the chunks that have objects of the metric, and no object.
    """
    steps: set[int | float] = set()
    for view, units, number in _units(database, run, key, sources):
        for unit in units:
            rows = _rows_with_objects(view, unit, number)
            if rows is not None:
                inside = counted_rows(rows.steps, unit.limit)
                steps.update((rows.steps if inside is None else rows.steps[inside]).tolist())
    return sorted(steps)


def read_last_object(
    database: Database, run: str, key: str, sources: Sequence[Source], at: float | None
) -> ObjectPoint | None:
    """The last object of a metric up to a step. See `MetricStore.last_object`.

    Cost: decodes one object in each chunk that may have the last, mostly a single one.
    """
    bound = math.inf if at is None else at
    best: ObjectPoint | None = None
    for view, units, number in _units(database, run, key, sources):
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
    """The rows of a unit that have an object of a metric.

    Attributes:
        values: the objects, or of a chunk their encoded form.
    """

    rows: Int64
    steps: Steps
    times: Int64
    values: list[Any] | memoryview


def _units(
    database: Database, run: str, key: str, sources: Sequence[Source]
) -> Iterator[tuple[Snapshot, list[Unit], int]]:
    """All units of a run in one snapshot, and the number of the metric; nothing if it has none."""
    number = database.find_key(key)
    if number is None:
        return
    parts = parts_of(database, run, sources)
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        units = list(read_units(database, view, parts))
        load_headers(view, units, [number])
        yield view, units, number


def _rows_with_objects(view: Snapshot, unit: Unit, key: int) -> _Rows | None:
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
        ordinals, values = split_objects(fetch_blobs(view.db, "part", "part", [part])[part])
    block = unit.axes(view)
    if ordinals is None:
        return _Rows(block.rows, block.steps, block.times, values)
    return _Rows(block.rows[ordinals], block.steps[ordinals], block.times[ordinals], values)


def _last_of_unit(view: Snapshot, unit: Unit, key: int, bound: float) -> ObjectPoint | None:
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
