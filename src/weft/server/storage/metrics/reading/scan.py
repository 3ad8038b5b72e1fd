"""One panel's buckets, from the coarsest stored cells that suffice, or from the points.

`shared_series` asks for what it does not have in memory. Reads the file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

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
    CutName,
    GridName,
)
from weft.server.storage.metrics.reading.folds import Fold, FoldName, fold_blocks, large_blocks
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
from weft.server.storage.metrics.reading.panel import Panel, Shown, open_panel
from weft.server.storage.metrics.reading.parts import ALL, NONE
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
    panel: Panel
    chunks: Mapping[int, ChunkHeader]
    whole: Sequence[_Whole]
    large_cuts: Sequence[_KeptCut]
    folded: Sequence[_Folded]
    points: Sequence[LoosePoints]

    def ends(self) -> dict[tuple[str, str], list[float]]:
        """The first and the last x in each chunk and block, by run and metric."""
        ends: dict[int, list[float]] = {}
        for header, numbers in self.whole:
            for number in numbers:
                ends.setdefault(number, []).extend(header.range_on(self.panel.query.axis) or ())
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
            run, key, _ = self.panel.names[number]
            by_name.setdefault((run, key), []).extend(of_series)
        return by_name

    def series(self, window: Window) -> list[Series]:
        """The buckets of a chart."""
        level, buckets = window
        view, panel, chunks = self.view, self.panel, self.chunks
        ranks = panel.rank_writers(view)
        pieces = list(_fold_points(ranks, self.points, level, buckets))
        pieces += _fold_fresh(ranks, self.folded, level, buckets)
        pieces += _fold_cuts(view, panel, ranks, chunks, self.large_cuts, level, buckets)
        pieces += _fold_chunks(self.caches, view, panel, ranks, chunks, self.whole, level, buckets)
        return merge_pieces(pieces, panel.names)


@contextmanager
def open_reading(
    database: MetricDatabase, caches: ChartCaches, query: SeriesQuery
) -> Generator[Reading | None]:
    """Find the points of a query; None if its runs or metrics are unknown.

    Cost: a few statements for all series; O(buckets) cells for each, plus all fresh points. The
    first query also reads all points of chunks with rows that do not count, or whose times have
    another base.
    """
    panel = open_panel(database, query)
    if not panel.shown or not panel.keys:
        yield None
        return
    with database.snapshot(panel.shown) as view:
        panel.read_writers(view)
        chunks = view.chunks(panel.shown)
        whole, cuts = _divide(panel, chunks, _read_headers(view, panel))
        large_cuts, points = _read_cuts(caches, view, panel, chunks, cuts)
        folded, fresh = _read_fresh(database, caches, view, panel)
        points += fresh
        yield Reading(caches, view, panel, chunks, whole, large_cuts, folded, points)


def _read_headers(view: View, panel: Panel) -> list[ColumnHeader]:
    headers = view.columns(panel.shown, panel.keys)
    return [header for header in headers if header.kinds & NUMERIC_BITS]


_Whole = tuple[ColumnHeader, Sequence[int]]
"""A metric in a chunk whose points all count, and the series that they belong to."""


def _divide(
    panel: Panel, chunks: Mapping[int, ChunkHeader], headers: Sequence[ColumnHeader]
) -> tuple[list[_Whole], list[Cut]]:
    whole: list[_Whole] = []
    cut: list[Cut] = []
    for header in headers:
        nth = panel.keys[header.key]
        chunk = chunks[header.chunk]
        series: list[int] = []
        for show in panel.shown[header.run]:
            number = show.series(nth, chunk.writer)
            if number is None:
                continue
            limit, base = ALL, show.bases.get(chunk.writer)
            if not show.part.is_whole:
                limit = show.part.limit_of(chunk)
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
            whole.append((header, series))
    return whole, cut


@dataclass(slots=True)
class _Folded:
    """A metric in large fresh blocks: its cells, and a function that reads its points."""

    series: list[int]
    writer: int
    fold: Fold
    points: Callable[[], Iterable[LoosePoints]]


def _read_fresh(
    database: MetricDatabase, caches: ChartCaches, view: View, panel: Panel
) -> tuple[list[_Folded], list[LoosePoints]]:
    folded: list[_Folded] = []
    points: list[LoosePoints] = []
    for run, listing in view.listings.items():
        for row_class, entries in listing.items():
            limits = [
                (show, limit)
                for show in panel.shown[run]
                if (limit := show.part.limit(row_class.writer, system=row_class.system)) != NONE
            ]
            if not limits:
                continue
            blocks = database.fresh_blocks(view, run, row_class, entries)
            large = large_blocks(blocks) if all(limit == ALL for _, limit in limits) else []
            numbers = {id(block) for block in large}
            small = [block for block in blocks if id(block) not in numbers]
            for base in {show.bases.get(row_class.writer) for show, _ in limits}:
                same_base = [
                    entry for entry in limits if entry[0].bases.get(row_class.writer) == base
                ]
                since = panel.origins[run] if base is None else base
                shift = axis_shift(row_class.offset, since)
                points += _loose_points(panel, row_class, small, same_base, shift, panel.keys)
                for key in panel.keys if large else ():
                    raw = partial(_loose_points, panel, row_class, large, same_base, shift, [key])
                    name = FoldName(row_class, key, panel.query.axis, base)
                    fold = fold_blocks(caches.folds, name, large, shift)
                    series = [
                        show.series(panel.keys[key], row_class.writer) for show, _ in same_base
                    ]
                    shown = [number for number in series if number is not None]
                    if fold is None:
                        points += raw()
                    elif shown:
                        folded.append(_Folded(shown, row_class.writer, fold, raw))
    return folded, points


def _loose_points(
    panel: Panel,
    row_class: RowClass,
    blocks: Sequence[Block],
    limits: Sequence[tuple[Shown, float]],
    shift: int,
    keys: Iterable[int],
) -> Iterator[LoosePoints]:
    for block in blocks:
        axis = BlockAxis(block.steps, block.rows, block.steps)
        if panel.query.axis == "time":
            axis.x = block.times + shift
        for key in keys:
            numbers = numbers_of(block.columns.get(key, ()), len(block))
            if numbers is None:
                continue
            for show, limit in limits:
                number = show.series(panel.keys[key], row_class.writer)
                if number is None:
                    continue
                points = axis.points(number, row_class.writer, numbers, limit)
                if points is not None:
                    yield points


def _fold_fresh(
    ranks: dict[int, int],
    folded: Sequence[_Folded],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    for entry in folded:
        if entry.fold.cells.level > level:
            yield from _fold_points(ranks, list(entry.points()), level, buckets)
        else:
            clipped = clip_cells(coarsen(entry.fold.cells, level), buckets)
            for number in entry.series:
                yield Piece(number, ranks[entry.writer], clipped)


def _read_cuts(
    caches: ChartCaches,
    view: View,
    panel: Panel,
    chunks: Mapping[int, ChunkHeader],
    cuts: Sequence[Cut],
) -> tuple[list[_KeptCut], list[LoosePoints]]:
    """The cells of large cuts, which are cached, and the points of small cuts."""
    axis = panel.query.axis
    large: list[_KeptCut] = []
    missing: list[Cut] = []
    for cut in cuts:
        cells = caches.cuts.get(_name_of(cut, axis))
        if cells is None:
            missing.append(cut)
        else:
            large.append((cut, cells))
    points: list[LoosePoints] = []
    grids = CutGrids()
    folded: dict[CutName, CutCells] = {}
    for cut, cut_points in read_cuts(view, chunks, panel.origins, axis, missing):
        name = _name_of(cut, axis)
        # Other forks from the same step share these cells.
        cells = folded.get(name) or cut_cells(cut, axis, cut_points, grids)
        if cells is None:
            points.append(cut_points)
        else:
            folded[name] = cells
            caches.cuts.put(name, cells)
            large.append((cut, cells))
    return large, points


_KeptCut = tuple[Cut, CutCells]


def _name_of(cut: Cut, axis: Axis) -> CutName:
    return CutName(cut.header.chunk, cut.header.key, axis, cut.limit, cut.base)


def _fold_cuts(
    view: View,
    panel: Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    large: Sequence[_KeptCut],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    close_up: list[Cut] = []
    for cut, (ends, cells) in large:
        if not meets(ends, level, buckets):
            continue
        if cells.level > level:
            close_up.append(cut)
        else:
            clipped = clip_cells(coarsen(cells, level), buckets)
            yield Piece(cut.series, ranks[chunks[cut.header.chunk].writer], clipped)
    close_up.sort(key=lambda cut: cut.header.chunk)
    for group in _groups(close_up):
        cuts = read_cuts(view, chunks, panel.origins, panel.query.axis, group)
        yield from _fold_points(ranks, [points for _, points in cuts], level, buckets)


def _fold_points(
    ranks: dict[int, int],
    loose: Sequence[LoosePoints],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    grids: dict[int, Grid] = {}
    shared = SharedGrids()

    def columns() -> Iterator[tuple[Grid, int, int, Float64]]:
        for points in loose:
            grid = grids.get(id(points.x))
            if grid is None:
                grid = shared.share(make_grid(points.x, points.rows, level, buckets))
                grids[id(points.x)] = grid
            yield grid, ranks[points.writer], points.series, points.values

    yield from fold_pieces(columns())


def _fold_chunks(
    caches: ChartCaches,
    view: View,
    panel: Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    whole: Sequence[_Whole],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    axis = panel.query.axis
    from_cells: list[tuple[_Whole, int, int]] = []
    from_points: list[_Whole] = []
    for column in whole:
        header = column[0]
        if not _touches(header, axis, level, buckets):
            continue
        stored = header.cell_part(axis, level)
        if stored is None:
            from_points.append(column)
        else:
            from_cells.append((column, *stored))
    blobs = view.parts(sorted(part for _, _, part in from_cells))
    for (header, series), stored_level, part in from_cells:
        chunk = chunks[header.chunk]
        cells = coarsen(decode_cells(blobs[part], stored_level, chunk.row_lo), level)
        cells = clip_cells(cells, buckets)
        for number in series:
            yield Piece(number, ranks[chunk.writer], cells)
    # Sorted by chunk, so that a chunk's steps are decoded and sorted once for all its metrics.
    from_points.sort(key=lambda column: column[0].chunk)
    for group in _groups(from_points):
        columns = _columns_of(caches, view, panel, ranks, chunks, group, level, buckets)
        yield from fold_pieces(columns)


def _touches(header: ColumnHeader, axis: Axis, level: int, buckets: tuple[int, int]) -> bool:
    span = header.range_on(axis)
    return span is not None and meets(span, level, buckets)


_Columns = TypeVar("_Columns", _Whole, Cut)


def _groups(columns: Sequence[_Columns]) -> Iterator[list[_Columns]]:
    group: list[_Columns] = []
    n_points = 0
    for column in columns:
        n = column[0].n
        if n_points + n > POINTS_PER_FETCH and group:
            yield group
            group, n_points = [], 0
        group.append(column)
        n_points += n
    if group:
        yield group


def _columns_of(
    caches: ChartCaches,
    view: View,
    panel: Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    whole: Sequence[_Whole],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[tuple[Grid, int, int, Float64]]:
    axis = panel.query.axis
    axis_part = STEPS_PART if axis == "step" else TIMES_PART
    grids: dict[int, Grid] = {}
    shared = SharedGrids()
    parts: set[int] = set()
    for header, _ in whole:
        chunk = chunks[header.chunk]
        parts.update(number_parts(header))
        if header.chunk not in grids:
            grid = caches.grids.get(GridName(header.chunk, axis, level, buckets))
            if grid is not None:
                grids[header.chunk] = shared.share(grid)
        if header.chunk not in grids or not _is_full(header, chunk):
            parts.update((chunk.part_lo + ROWS_PART, chunk.part_lo + axis_part))
    blobs = view.parts(sorted(parts))
    decoded: tuple[int, Steps, Int64] | None = None
    for header, series in whole:
        chunk = chunks[header.chunk]
        ordinals, values = numbers_in(header, chunk, blobs)
        grid = grids.get(header.chunk) if ordinals is None else None
        if grid is None:
            if decoded is None or decoded[0] != header.chunk:
                x: Steps = unpack_array(blobs[chunk.part_lo + axis_part])
                if axis == "time":
                    x = x + axis_shift(chunk.offset, panel.origins[header.run])
                decoded = header.chunk, x, decode_rows(blobs[chunk.part_lo + ROWS_PART])[0]
            _, x, rows = decoded
            if ordinals is None:
                grid = shared.share(make_grid(x, rows, level, buckets))
                grids[header.chunk] = grid
                caches.grids.put(GridName(header.chunk, axis, level, buckets), grid)
            else:
                grid = make_grid(x[ordinals], rows[ordinals], level, buckets)
        for number in series:
            yield grid, ranks[chunk.writer], number, values


def _is_full(header: ColumnHeader, chunk: ChunkHeader) -> bool:
    """Whether the header shows that every row has a number."""
    return header.n == chunk.n and header.kinds & ~NUMERIC_BITS == 0
