"""One resolved's buckets, from the coarsest stored cells that suffice, or from the points.

`shared_series` asks for what it does not have in memory. Reads the file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeVar

from weft.server.storage.contract import Axis, Float64, Int64, Series, SeriesQuery, Steps
from weft.server.storage.grid.cells import (
    Grid,
    SharedGrids,
    clip_cells,
    coarsen,
    make_grid,
)
from weft.server.storage.grid.levels import Window
from weft.server.storage.grid.merge import Piece, fold_pieces, merge_pieces
from weft.server.storage.metrics.encoding.block import NUMERIC_BITS, Block, RowClass, numbers_of
from weft.server.storage.metrics.encoding.chunk import (
    ROWS_PART,
    STEPS_PART,
    TIMES_PART,
    ChunkHeader,
    ColumnHeader,
    decode_cells,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.reading.by_metric import meets
from weft.server.storage.metrics.reading.chart_caches import (
    ChartCaches,
    CutCells,
    CutKey,
    GridKey,
)
from weft.server.storage.metrics.reading.folds import Fold, FoldKey, fold_blocks, large_blocks
from weft.server.storage.metrics.reading.loose import (
    BlockAxis,
    Cut,
    CutGrids,
    LoosePoints,
    cut_cells,
    number_parts,
    numbers_in,
    read_cuts,
)
from weft.server.storage.metrics.reading.parts import ALL, NONE
from weft.server.storage.metrics.reading.resolved_query import (
    ResolvedQuery,
    RunPart,
    resolve_query,
)
from weft.server.storage.metrics.view import MetricDatabase, View, axis_shift

POINTS_PER_FETCH: Final = 4_000_000
"""Points decoded before their blobs are released: bounds a panel's memory to some 64 MB."""


@dataclass(slots=True)
class Reading:
    """The points of a query's series, found but not yet added up.

    Attributes:
        whole: metrics of chunks whose points all count.
        large_cuts: cells of chunks of which some points count, or whose times have another base.
        folded: cells of fresh rows.
        points: those that no cells cover.
    """

    caches: ChartCaches
    view: View
    resolved: ResolvedQuery
    chunks: Mapping[int, ChunkHeader]
    whole: Sequence[_WholeColumn]
    large_cuts: Sequence[_LargeCut]
    folded: Sequence[_Folded]
    points: Sequence[LoosePoints]

    def ends(self) -> dict[tuple[str, str], list[float]]:
        """The first and the last x in each chunk and block, by run and metric."""
        ends: dict[int, list[float]] = {}
        for header, numbers in self.whole:
            for number in numbers:
                ends.setdefault(number, []).extend(header.range_on(self.resolved.query.axis) or ())
        for cut, cells in self.large_cuts:
            ends.setdefault(cut.series, []).extend(cells.ends)
        for fresh in self.folded:
            for number in fresh.series:
                ends.setdefault(number, []).extend(fresh.fold.ends)
        # Columns with a value in every row of their block share its x.
        shared = {id(points.x): points.x for points in self.points}
        spans = {name: (x.min().item(), x.max().item()) for name, x in shared.items()}
        for points in self.points:
            ends.setdefault(points.series, []).extend(spans[id(points.x)])
        by_name: dict[tuple[str, str], list[float]] = {}
        for number, of_series in ends.items():
            run, key, _ = self.resolved.names[number]
            by_name.setdefault((run, key), []).extend(of_series)
        return by_name

    def series(self, window: Window) -> list[Series]:
        """The buckets of a chart."""
        level, buckets = window
        view, resolved, chunks = self.view, self.resolved, self.chunks
        frame = _Frame(view, resolved, resolved.rank_writers(view), chunks, level, buckets)
        pieces = list(_fold_points(frame, self.points))
        pieces += _fold_fresh(frame, self.folded)
        pieces += _fold_cuts(frame, self.large_cuts)
        pieces += _fold_chunks(frame, self.caches, self.whole)
        return merge_pieces(pieces, resolved.names)


@contextmanager
def open_reading(
    database: MetricDatabase, caches: ChartCaches, query: SeriesQuery
) -> Generator[Reading | None]:
    """Find the points of a query; None if its runs or metrics are unknown.

    Cost: a few statements for all series; O(buckets) cells for each, plus all fresh points. The
    first query also reads all points of chunks with rows that do not count, or whose times have
    another base.
    """
    resolved = resolve_query(database, query)
    if not resolved.run_parts or not resolved.keys:
        yield None
        return
    with database.snapshot(resolved.run_parts) as view:
        resolved.read_writers(view)
        chunks = view.chunks(resolved.run_parts)
        whole, cuts = _divide(resolved, chunks, _read_headers(view, resolved))
        large_cuts, points = _read_cuts(caches, view, resolved, chunks, cuts)
        folded, fresh = _read_fresh(database, caches, view, resolved)
        points += fresh
        yield Reading(caches, view, resolved, chunks, whole, large_cuts, folded, points)


def _read_headers(view: View, resolved: ResolvedQuery) -> list[ColumnHeader]:
    headers = view.columns(resolved.run_parts, resolved.keys)
    return [header for header in headers if header.kinds & NUMERIC_BITS]


class _WholeColumn(NamedTuple):
    """A metric in a chunk whose points all count, and the series that they belong to."""

    header: ColumnHeader
    series: Sequence[int]


class _LargeCut(NamedTuple):
    """A cut with its cells, which are cached."""

    cut: Cut
    cells: CutCells


@dataclass(slots=True, frozen=True)
class _Frame:
    """The view, runs, chunks and buckets of one answer.

    `ranks` are those of writers' names, by number of the writer.
    """

    view: View
    resolved: ResolvedQuery
    ranks: dict[int, int]
    chunks: Mapping[int, ChunkHeader]
    level: int
    buckets: tuple[int, int]

    @property
    def axis(self) -> Axis:
        return self.resolved.query.axis


def _divide(
    resolved: ResolvedQuery, chunks: Mapping[int, ChunkHeader], headers: Sequence[ColumnHeader]
) -> tuple[list[_WholeColumn], list[Cut]]:
    whole: list[_WholeColumn] = []
    cut: list[Cut] = []
    for header in headers:
        nth = resolved.keys[header.key]
        chunk = chunks[header.chunk]
        series: list[int] = []
        for run_part in resolved.run_parts[header.run]:
            number = run_part.series(nth, chunk.writer)
            if number is None:
                continue
            limit, base = ALL, run_part.base_by_writer.get(chunk.writer)
            if not run_part.part.is_whole:
                limit = run_part.part.limit_of(chunk)
                # Only some rows of the chunk count, but this metric's points may all count, or
                # none.
                if header.step_hi is not None and header.step_hi <= limit:
                    limit = ALL
                elif header.step_lo is None or header.step_lo > limit:
                    continue
            if limit == ALL and base is None:
                series.append(number)
            else:
                cut.append(Cut(header, number, limit, base))
        if series:
            whole.append(_WholeColumn(header, series))
    return whole, cut


@dataclass(slots=True)
class _Folded:
    """A metric in large fresh blocks: its cells, and a function that reads its points."""

    series: list[int]
    writer: int
    fold: Fold
    points: Callable[[], Iterable[LoosePoints]]


def _read_fresh(
    database: MetricDatabase, caches: ChartCaches, view: View, resolved: ResolvedQuery
) -> tuple[list[_Folded], list[LoosePoints]]:
    folded: list[_Folded] = []
    points: list[LoosePoints] = []
    for run, listing in view.listings.items():
        for row_class, entries in listing.items():
            limits = [
                (run_part, limit)
                for run_part in resolved.run_parts[run]
                if (limit := run_part.part.limit(row_class.writer, system=row_class.system))
                != NONE
            ]
            if not limits:
                continue
            blocks = database.fresh_blocks(view, run, row_class, entries)
            large = large_blocks(blocks)
            large_ids = {id(block) for block in large}
            small = [block for block in blocks if id(block) not in large_ids]
            for base in {run_part.base_by_writer.get(row_class.writer) for run_part, _ in limits}:
                same_base = [
                    entry
                    for entry in limits
                    if entry[0].base_by_writer.get(row_class.writer) == base
                ]
                # A fork's cut must not change the way to its source's buckets: sums in another
                # order differ in their last bit.
                whole = [entry for entry in same_base if entry[1] == ALL]
                cut = [entry for entry in same_base if entry[1] != ALL]
                since = resolved.origins[run] if base is None else base
                shift = axis_shift(row_class.offset, since)
                points += _loose_points(
                    resolved, row_class, small, same_base, shift, resolved.keys
                )
                points += _loose_points(resolved, row_class, large, cut, shift, resolved.keys)
                for key in resolved.keys if large and whole else ():
                    raw = partial(_loose_points, resolved, row_class, large, whole, shift, [key])
                    name = FoldKey(row_class, key, resolved.query.axis, base)
                    fold = fold_blocks(caches.folds, name, large, shift)
                    series = [
                        run_part.series(resolved.keys[key], row_class.writer)
                        for run_part, _ in whole
                    ]
                    shown = [number for number in series if number is not None]
                    if fold is None:
                        points += raw()
                    elif shown:
                        folded.append(_Folded(shown, row_class.writer, fold, raw))
    return folded, points


def _loose_points(
    resolved: ResolvedQuery,
    row_class: RowClass,
    blocks: Sequence[Block],
    limits: Sequence[tuple[RunPart, float]],
    shift: int,
    keys: Iterable[int],
) -> Iterator[LoosePoints]:
    for block in blocks:
        axis = BlockAxis(block.steps, block.rows, block.steps)
        if resolved.query.axis == "time":
            axis.x = block.times + shift
        for key in keys:
            numbers = numbers_of(block.columns.get(key, ()), len(block))
            if numbers is None:
                continue
            for run_part, limit in limits:
                number = run_part.series(resolved.keys[key], row_class.writer)
                if number is None:
                    continue
                points = axis.points(number, row_class.writer, numbers, limit)
                if points is not None:
                    yield points


def _fold_fresh(frame: _Frame, folded: Sequence[_Folded]) -> Iterator[Piece]:
    for entry in folded:
        if entry.fold.cells.level > frame.level:
            yield from _fold_points(frame, list(entry.points()))
        else:
            clipped = clip_cells(coarsen(entry.fold.cells, frame.level), frame.buckets)
            for number in entry.series:
                yield Piece(number, frame.ranks[entry.writer], clipped)


def _read_cuts(
    caches: ChartCaches,
    view: View,
    resolved: ResolvedQuery,
    chunks: Mapping[int, ChunkHeader],
    cuts: Sequence[Cut],
) -> tuple[list[_LargeCut], list[LoosePoints]]:
    """The cells of large cuts, which are cached, and the points of small cuts."""
    axis = resolved.query.axis
    large: list[_LargeCut] = []
    missing: list[Cut] = []
    for cut in cuts:
        cells = caches.cuts.get(_name_of(cut, axis))
        if cells is None:
            missing.append(cut)
        else:
            large.append(_LargeCut(cut, cells))
    points: list[LoosePoints] = []
    grids = CutGrids()
    folded: dict[CutKey, CutCells] = {}
    for cut, cut_points in read_cuts(view, chunks, resolved.origins, axis, missing):
        name = _name_of(cut, axis)
        # Other forks from the same step share these cells.
        cells = folded.get(name) or cut_cells(cut, axis, cut_points, grids)
        if cells is None:
            points.append(cut_points)
        else:
            folded[name] = cells
            caches.cuts.put(name, cells)
            large.append(_LargeCut(cut, cells))
    return large, points


def _name_of(cut: Cut, axis: Axis) -> CutKey:
    return CutKey(cut.header.chunk, cut.header.key, axis, cut.limit, cut.base)


def _fold_cuts(frame: _Frame, large: Sequence[_LargeCut]) -> Iterator[Piece]:
    close_up: list[Cut] = []
    for cut, (ends, cells) in large:
        if not meets(ends, frame.level, frame.buckets):
            continue
        if cells.level > frame.level:
            close_up.append(cut)
        else:
            clipped = clip_cells(coarsen(cells, frame.level), frame.buckets)
            yield Piece(cut.series, frame.ranks[frame.chunks[cut.header.chunk].writer], clipped)
    close_up.sort(key=lambda cut: cut.header.chunk)
    for group in _groups(close_up):
        cuts = read_cuts(frame.view, frame.chunks, frame.resolved.origins, frame.axis, group)
        yield from _fold_points(frame, [points for _, points in cuts])


def _fold_points(frame: _Frame, loose: Sequence[LoosePoints]) -> Iterator[Piece]:
    grids: dict[int, Grid] = {}
    shared = SharedGrids()

    def columns() -> Iterator[tuple[Grid, int, int, Float64]]:
        for points in loose:
            grid = grids.get(id(points.x))
            if grid is None:
                grid = shared.share(make_grid(points.x, points.rows, frame.level, frame.buckets))
                grids[id(points.x)] = grid
            yield grid, frame.ranks[points.writer], points.series, points.values

    yield from fold_pieces(columns())


def _fold_chunks(
    frame: _Frame, caches: ChartCaches, whole: Sequence[_WholeColumn]
) -> Iterator[Piece]:
    from_cells: list[tuple[_WholeColumn, int, int]] = []
    from_points: list[_WholeColumn] = []
    for column in whole:
        if not _touches(column.header, frame):
            continue
        stored = column.header.cell_part(frame.axis, frame.level)
        if stored is None:
            from_points.append(column)
        else:
            from_cells.append((column, *stored))
    blobs = frame.view.parts(sorted(part for _, _, part in from_cells))
    for (header, series), stored_level, part in from_cells:
        chunk = frame.chunks[header.chunk]
        cells = coarsen(decode_cells(blobs[part], stored_level, chunk.row_lo), frame.level)
        cells = clip_cells(cells, frame.buckets)
        for number in series:
            yield Piece(number, frame.ranks[chunk.writer], cells)
    # Sorted by chunk, so that a chunk's steps are decoded and sorted once for all its metrics.
    from_points.sort(key=lambda column: column.header.chunk)
    for group in _groups(from_points):
        yield from fold_pieces(_columns_of(frame, caches, group))


def _touches(header: ColumnHeader, frame: _Frame) -> bool:
    span = header.range_on(frame.axis)
    return span is not None and meets(span, frame.level, frame.buckets)


_Columns = TypeVar("_Columns", _WholeColumn, Cut)


def _groups(columns: Sequence[_Columns]) -> Iterator[list[_Columns]]:
    group: list[_Columns] = []
    n_points = 0
    for column in columns:
        n = column.header.n
        if n_points + n > POINTS_PER_FETCH and group:
            yield group
            group, n_points = [], 0
        group.append(column)
        n_points += n
    if group:
        yield group


def _columns_of(
    frame: _Frame, caches: ChartCaches, whole: Sequence[_WholeColumn]
) -> Iterator[tuple[Grid, int, int, Float64]]:
    axis, level, buckets = frame.axis, frame.level, frame.buckets
    axis_part = STEPS_PART if axis == "step" else TIMES_PART
    grids: dict[int, Grid] = {}
    shared = SharedGrids()
    parts: set[int] = set()
    for header, _ in whole:
        chunk = frame.chunks[header.chunk]
        parts.update(number_parts(header))
        if header.chunk not in grids:
            grid = caches.grids.get(GridKey(header.chunk, axis, level, buckets))
            if grid is not None:
                grids[header.chunk] = shared.share(grid)
        if header.chunk not in grids or not _is_full(header, chunk):
            parts.update((chunk.part_lo + ROWS_PART, chunk.part_lo + axis_part))
    blobs = frame.view.parts(sorted(parts))
    decoded: tuple[int, Steps, Int64] | None = None
    for header, series in whole:
        chunk = frame.chunks[header.chunk]
        ordinals, values = numbers_in(header, chunk, blobs)
        grid = grids.get(header.chunk) if ordinals is None else None
        if grid is None:
            if decoded is None or decoded[0] != header.chunk:
                x: Steps = unpack_array(blobs[chunk.part_lo + axis_part])
                if axis == "time":
                    x = x + axis_shift(chunk.offset, frame.resolved.origins[header.run])
                decoded = header.chunk, x, decode_rows(blobs[chunk.part_lo + ROWS_PART])[0]
            _, x, rows = decoded
            if ordinals is None:
                grid = shared.share(make_grid(x, rows, level, buckets))
                grids[header.chunk] = grid
                caches.grids.put(GridKey(header.chunk, axis, level, buckets), grid)
            else:
                grid = make_grid(x[ordinals], rows[ordinals], level, buckets)
        for number in series:
            yield grid, frame.ranks[chunk.writer], number, values


def _is_full(header: ColumnHeader, chunk: ChunkHeader) -> bool:
    """Whether the header shows that every row has a number."""
    return header.n == chunk.n and header.kinds & ~NUMERIC_BITS == 0
