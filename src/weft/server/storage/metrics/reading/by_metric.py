"""Series whose x is the value of another metric.

Chunks made while that metric was defined as the step metric have cells for it (`axis_cells`). For
other chunks the points are read, and the cells of large columns are cached. A writer's units are
read in order of their rows, since the x of a row may be a value that was logged before it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from weft.server.storage.contract import Float64, Int64, Series, SeriesQuery
from weft.server.storage.grid.cells import (
    clip_cells,
    coarsen,
    fold_points,
    make_grid,
    sort_order,
)
from weft.server.storage.grid.levels import bucket_of, plan_window, stored_levels
from weft.server.storage.grid.merge import Piece, merge_pieces
from weft.server.storage.metrics.encoding.axis_cells import (
    ONE_X,
    SAME_ROW,
    STEP_SYNC,
    decode_heads,
    own_values,
    refine,
)
from weft.server.storage.metrics.encoding.block import NUMERIC_BITS, numbers_of
from weft.server.storage.metrics.encoding.chunk import (
    ROWS_PART,
    ColumnHeader,
    decode_cells,
    decode_rows,
)
from weft.server.storage.metrics.encoding.placing import place_rows
from weft.server.storage.metrics.reading.chart_caches import (
    ChartCaches,
    CutCells,
    CutKey,
    GridKey,
    LastName,
    MetricPlace,
)
from weft.server.storage.metrics.reading.loose import LARGE_COLUMN, MOST_CELLS
from weft.server.storage.metrics.reading.parts import ALL
from weft.server.storage.metrics.reading.points import NO_VALUES, WriterRows, join_units
from weft.server.storage.metrics.reading.resolved_query import (
    ResolvedQuery,
    RunPart,
    resolve_query,
)
from weft.server.storage.metrics.reading.units import Unit, knots_of, load_headers, read_units
from weft.server.storage.metrics.view import MetricDatabase, View

POINTS_PER_CELL: Final = 64

Carry = Callable[[], float | None]
"""Returns the last value of the axis metric before a unit, or None if it has no value there."""


@dataclass(slots=True)
class _Points:
    """Points of one series that count, by row."""

    series: int
    writer: int
    x: Float64
    rows: Int64
    values: Float64


class _Placed(NamedTuple):
    """Points of one metric that count, by row."""

    key: int
    x: Float64
    rows: Int64
    values: Float64


@dataclass(slots=True)
class _Stored:
    """A column whose cells on the axis are in the file."""

    series: int
    unit: Unit
    header: ColumnHeader


@dataclass(slots=True)
class _Cached:
    """A column whose cells are cached in memory."""

    series: int
    unit: Unit
    key: int
    before: float | None
    cells: CutCells


@dataclass(slots=True)
class _Readings:
    points: list[_Points] = field(default_factory=list[_Points])
    stored: list[_Stored] = field(default_factory=list[_Stored])
    cached: list[_Cached] = field(default_factory=list[_Cached])

    def ends(self) -> list[float]:
        """First and last x of all points and cells."""
        ends = [end.item() for entry in self.points for end in (entry.x.min(), entry.x.max())]
        ends += [end for entry in self.stored for end in entry.header.range_on("metric") or ()]
        return ends + [end for entry in self.cached for end in entry.cells.ends]


def read_by_metric(
    database: MetricDatabase, caches: ChartCaches, query: SeriesQuery
) -> list[Series]:
    """Answer one resolved on the axis `metric`. See `MetricStore.series`.

    Cost: O(buckets) for each chunk with cells, O(points) for others on the first query.
    """
    axis_key = None if query.axis_metric is None else database.find_key(query.axis_metric)
    resolved = resolve_query(database, query)
    if axis_key is None or not resolved.run_parts or not resolved.keys:
        return []
    with database.snapshot(resolved.run_parts) as view:
        resolved.read_writers(view)
        reader = _Reader(database, caches, view, resolved, axis_key)
        reader.read_units()
        window = plan_window(reader.readings.ends(), query.lo, query.hi, query.n_buckets)
        if window is None:
            return []
        pieces = list(reader.fold(resolved.rank_writers(view), *window))
    return merge_pieces(pieces, resolved.names)


class _Reader:
    """Collects points and cells of one query."""

    def __init__(
        self,
        database: MetricDatabase,
        caches: ChartCaches,
        view: View,
        resolved: ResolvedQuery,
        axis_key: int,
    ) -> None:
        self.readings = _Readings()
        self._database = database
        self._caches = caches
        self._view = view
        self._resolved = resolved
        self._axis = axis_key
        self._step_sync = resolved.query.step_sync
        self._flag = STEP_SYNC if self._step_sync else SAME_ROW

    def read_units(self) -> None:
        """Read all rows of the query."""
        run_parts = [
            run_part
            for parts_of_run in self._resolved.run_parts.values()
            for run_part in parts_of_run
        ]
        by_part = read_units(self._database, self._view, [run_part.part for run_part in run_parts])
        units: dict[int, dict[tuple[int, bool], list[Unit]]] = {}
        every: list[Unit] = []
        for unit in by_part:
            of_part = units.setdefault(id(unit.part), {})
            of_part.setdefault((unit.writer, unit.system), []).append(unit)
            every.append(unit)
        load_headers(self._view, every, {*self._resolved.keys, self._axis})
        for run_part in run_parts:
            for (writer, _), writer_units in units.get(id(run_part.part), {}).items():
                if run_part.series(0, writer) is not None:
                    self._read_writer(run_part, writer_units)

    def _read_writer(self, run_part: RunPart, units: Sequence[Unit]) -> None:
        carry: Carry = _nothing
        for units_here in _groups_of_rows(units):
            unit = units_here[0]
            if len(units_here) == 1 and unit.chunk is not None:
                carry = self._read_chunk(run_part, unit, carry)
            else:
                carry = self._read_rows(run_part, units_here, carry)

    # A chunk by itself

    def _read_chunk(self, run_part: RunPart, unit: Unit, carry: Carry) -> Carry:
        own = unit.headers.get(self._axis)
        if own is not None and not own.kinds & NUMERIC_BITS:
            own = None
        rest: list[int] = []
        last: float | None = None
        for key, nth in self._resolved.keys.items():
            header = unit.headers.get(key)
            number = run_part.series(nth, unit.writer)
            if header is None or number is None or not header.kinds & NUMERIC_BITS:
                continue
            # If the axis metric's column is missing, it was deleted since: its cells are invalid.
            is_true = own is not None and unit.limit == ALL
            if not is_true or header.axis != self._axis or not header.axis_flags & self._flag:
                rest.append(key)
                continue
            last = math.nan if header.axis_last is None else header.axis_last
            self.readings.stored.append(_Stored(number, unit, header))
            if header.n_heads:
                self._read_heads(unit, header, number, carry)
        if rest:
            self._read_uncut(run_part, unit, rest, carry() if self._step_sync else None)
        if own is None or not self._step_sync:
            return carry
        if last is not None:
            return _constant(last)
        return _once(partial(self._last_own, unit, own, carry))

    def _read_heads(self, unit: Unit, header: ColumnHeader, number: int, carry: Carry) -> None:
        before = carry()
        if before is None or not math.isfinite(before):
            return
        part = header.head_part
        rows, values = decode_heads(self._view.parts([part])[part])
        x = np.full(len(rows), before)
        self.readings.points.append(_Points(number, unit.writer, x, rows, values))

    def _last_own(self, unit: Unit, header: ColumnHeader, carry: Carry) -> float | None:
        name = LastName(header.chunk, header.part, unit.limit)
        last = self._caches.lasts.get(name)
        if last is None:
            values = join_units(self._view, [unit], [self._axis]).numbers.get(self._axis)
            if values is None:
                # All its values are in rows that do not count.
                return carry()
            last = float(values[1][-1])
            self._caches.lasts.put(name, last)
        return last

    def _read_uncut(
        self,
        run_part: RunPart,
        unit: Unit,
        keys: Iterable[int],
        before: float | None,
    ) -> None:
        """Read columns without cells in the file, from cached cells or from the points."""
        missing: dict[int, tuple[int, CutKey]] = {}
        axis_cut = self._cut_of(unit, before)
        for key in keys:
            number = run_part.series(self._resolved.keys[key], unit.writer)
            if number is None or unit.chunk is None:
                continue
            name = CutKey(unit.chunk.chunk, key, axis_cut, unit.limit)
            cells = self._caches.cuts.get(name)
            if cells is not None:
                self.readings.cached.append(_Cached(number, unit, key, before, cells))
            else:
                missing[key] = number, name
        for placed in self._points_of(unit, list(missing), before):
            number, name = missing[placed.key]
            cells = _fold_large(placed)
            if cells is None:
                self.readings.points.append(_Points(number, unit.writer, *placed[1:]))
            else:
                self._caches.cuts.put(name, cells)
                self.readings.cached.append(_Cached(number, unit, placed.key, before, cells))

    def _cut_of(self, unit: Unit, before: float | None) -> MetricPlace:
        own = unit.headers.get(self._axis)
        is_there = own is not None and own.kinds & NUMERIC_BITS
        return MetricPlace(self._axis, own.part if own and is_there else None, self._step_sync,
                           before)  # fmt: skip

    def _points_of(
        self, unit: Unit, keys: Sequence[int], before: float | None
    ) -> Iterator[_Placed]:
        """The points of some metrics in a chunk."""
        if not keys:
            return
        if unit.limit != ALL:
            rows = join_units(self._view, [unit], [self._axis, *keys])
            yield from self._points_in(rows, keys, before)
            return
        assert unit.chunk is not None
        part = unit.chunk.part_lo + ROWS_PART
        rows, continues = decode_rows(self._view.parts([part])[part])
        own = own_values(unit.columns(self._view, self._axis), len(rows))
        x = place_rows(len(rows), continues, own, step_sync=self._step_sync, before=before)
        is_finite = bool(np.isfinite(x).all())
        for key in keys:
            numbers = numbers_of(unit.columns(self._view, key), len(rows))
            if numbers is None:
                continue
            ordinals, values = numbers
            if is_finite and ordinals is None:
                yield _Placed(key, x, rows, values)
                continue
            at = np.arange(len(rows)) if ordinals is None else ordinals
            finite = np.isfinite(x[at])
            at, values = at[finite], values[finite]
            if len(at):
                yield _Placed(key, x[at], rows[at], values)

    # Rows of several units, or of which some do not count

    def _read_rows(self, run_part: RunPart, units: Sequence[Unit], carry: Carry) -> Carry:
        keys = [
            key for key in self._resolved.keys if any(key in unit.known_keys() for unit in units)
        ]
        if not keys and not self._step_sync:
            return carry
        rows = join_units(self._view, units, [self._axis, *keys])
        before = carry() if self._step_sync else None
        for placed in self._points_in(rows, keys, before):
            number = run_part.series(self._resolved.keys[placed.key], units[0].writer)
            if number is not None:
                self.readings.points.append(_Points(number, units[0].writer, *placed[1:]))
        own = rows.numbers.get(self._axis)
        return carry if own is None else _constant(float(own[1][-1]))

    def _points_in(
        self, rows: WriterRows, keys: Sequence[int], before: float | None
    ) -> Iterator[_Placed]:
        own = rows.numbers.get(self._axis, NO_VALUES)
        x = place_rows(
            len(rows.rows), rows.continues, own, step_sync=self._step_sync, before=before
        )
        for key in keys:
            row_values = rows.numbers.get(key)
            if row_values is None:
                continue
            at, values = row_values
            finite = np.isfinite(x[at])
            if not bool(finite.all()):
                at, values = at[finite], values[finite]
            if len(at):
                yield _Placed(key, x[at], rows.rows[at], values)

    # Buckets

    def fold(
        self, ranks: Mapping[int, int], level: int, buckets: tuple[int, int]
    ) -> Iterator[Piece]:
        """Fold all points and cells into pieces of one level."""
        for points in self.readings.points:
            yield _fold(ranks, points, level, buckets)
        for entry in self.readings.cached:
            cells = entry.cells.cells
            if not meets(entry.cells.ends, level, buckets):
                continue
            if cells.level <= level:
                clipped = clip_cells(coarsen(cells, level), buckets)
                yield Piece(entry.series, ranks[entry.unit.writer], clipped)
            else:
                yield from self._close_up(ranks, entry.unit, entry.key, entry.series, entry.before,
                                          level, buckets)  # fmt: skip
        yield from self._fold_stored(ranks, level, buckets)

    def _fold_stored(
        self, ranks: Mapping[int, int], level: int, buckets: tuple[int, int]
    ) -> Iterator[Piece]:
        chosen: list[tuple[_Stored, int, int]] = []
        for entry in self.readings.stored:
            header = entry.header
            span = header.range_on("metric")
            assert span is not None, "columns with cells have a range"
            if not meets(span, level, buckets):
                continue
            # Below the finest stored level, cells are enough only if each has a single x.
            if level < header.axis_level and not header.axis_flags & ONE_X:
                yield from self._close_up(
                    ranks, entry.unit, header.key, entry.series, None, level, buckets
                )
                continue
            stored = header.cell_part("metric", max(level, header.axis_level))
            assert stored is not None, "it has cells"
            chosen.append((entry, *stored))
        blobs = self._view.parts(sorted(part for _, _, part in chosen))
        for entry, stored_level, part in chosen:
            chunk = entry.unit.chunk
            assert chunk is not None
            decoded = decode_cells(blobs[part], stored_level, chunk.row_lo)
            if stored_level <= level:
                cells = coarsen(decoded, level)
            else:
                cells = refine(decoded, level, buckets)
            if cells is None:
                yield from self._close_up(
                    ranks, entry.unit, entry.header.key, entry.series, None, level, buckets
                )
            else:
                yield Piece(entry.series, ranks[chunk.writer], clip_cells(cells, buckets))

    def _close_up(
        self,
        ranks: Mapping[int, int],
        unit: Unit,
        key: int,
        series: int,
        before: float | None,
        level: int,
        buckets: tuple[int, int],
    ) -> Iterator[Piece]:
        chunk = unit.chunk
        assert chunk is not None
        rank = ranks[unit.writer]
        name = GridKey(chunk.chunk, self._cut_of(unit, before), level, buckets)
        header = unit.headers[key]
        can_share = unit.limit == ALL and header.n == chunk.n
        grid = self._caches.grids.get(name) if can_share else None
        if grid is not None:
            numbers = numbers_of(unit.columns(self._view, key), chunk.n)
            if numbers is not None and numbers[0] is None:
                yield Piece(series, rank, fold_points(grid, numbers[1]))
                return
        for placed in self._points_of(unit, [key], before):
            grid = make_grid(placed.x, placed.rows, level, buckets)
            if can_share and len(placed.rows) == chunk.n:
                # Metrics with a value in every row share their x.
                self._caches.grids.put(name, grid)
            yield Piece(series, rank, fold_points(grid, placed.values))


def _groups_of_rows(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Units of one writer's system or other rows, in order, grouped if they may share a row."""
    group: list[Unit] = []
    for knot in knots_of(units):
        if group and not any(unit.opens_with_fragment for unit in knot):
            yield group
            group = []
        group.extend(knot)
    if group:
        yield group


def meets(span: tuple[float, float], level: int, buckets: tuple[int, int]) -> bool:
    """Whether a range of x has a bucket of these, from the first to the last."""
    # Compared by exact bucket numbers, so that huge steps are not rounded.
    first, last = (bucket_of(end, level) for end in span)
    return first <= buckets[1] and last >= buckets[0]


def _nothing() -> float | None:
    return None


def _constant(value: float) -> Carry:
    return lambda: value


def _once(find: Carry) -> Carry:
    values: list[float | None] = []

    def carry() -> float | None:
        if not values:
            values.append(find())
        return values[0]

    return carry


def _fold(
    ranks: Mapping[int, int], points: _Points, level: int, buckets: tuple[int, int]
) -> Piece:
    grid = make_grid(points.x, points.rows, level, buckets)
    return Piece(points.series, ranks[points.writer], fold_points(grid, points.values))


def _fold_large(points: _Placed) -> CutCells | None:
    """The cells of a column to cache. None if reading it again is as fast."""
    if len(points.values) < LARGE_COLUMN:
        return None
    x, rows, values = points.x, points.rows, points.values
    order = sort_order(x)
    if order is not None:
        x, rows, values = x[order], rows[order], values[order]
    levels = stored_levels(x, POINTS_PER_CELL, skip_alike=True)
    if not levels:
        return None
    cells = fold_points(make_grid(x, rows, levels[0]), values)
    while max(len(cells), len(cells.nonfinite_index)) > MOST_CELLS:
        cells = coarsen(cells, cells.level + 1)
    return CutCells((x[0].item(), x[-1].item()), cells)
