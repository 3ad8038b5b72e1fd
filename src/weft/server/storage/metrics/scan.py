"""`series`: one panel's buckets, from the coarsest stored cells that do, else from the points.

Receives a `SeriesQuery` from `services.series`; hands back exact buckets. Reads the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from weft.server.storage.contract import Axis, Int64, Series, SeriesQuery, Steps
from weft.server.storage.metrics.block import NUMERIC_BITS, numbers_of
from weft.server.storage.metrics.cells import (
    Grid,
    clip_cells,
    coarsen,
    fold_points,
    make_grid,
)
from weft.server.storage.metrics.chunk import (
    ROWS_PART,
    STEPS_PART,
    TIMES_PART,
    ChunkHeader,
    ColumnHeader,
    decode_cells,
    decode_rows,
)
from weft.server.storage.metrics.codec import unpack_array
from weft.server.storage.metrics.database import (
    Database,
    Snapshot,
    axis_shift,
    chunks_of,
    fetch_blobs,
)
from weft.server.storage.metrics.kept import CutCells, CutName, GridName
from weft.server.storage.metrics.levels import bucket_of, bucket_range, choose_level
from weft.server.storage.metrics.loose import (
    BlockAxis,
    Cut,
    CutGrids,
    Points,
    cut_cells,
    number_parts,
    numbers_in,
    read_cuts,
)
from weft.server.storage.metrics.merge import Piece, merge_pieces
from weft.server.storage.metrics.parts import (
    ALL,
    NONE,
    Part,
    number_writers,
    parts_of,
)
from weft.server.storage.metrics.schema import listed

POINTS_PER_FETCH: Final = 4_000_000
"""Points decoded before their blobs are let go: bounds a panel's memory to some 64 MB."""


@dataclass(slots=True)
class _Panel:
    """What one query works on.

    Attributes:
        shown: by run in the file: the asked runs that its rows belong to, and which of them.
        origins: by run in the file.
        keys: by number, its place among the keys.
        names: (run, key) of each series: all keys of the first asked run, then of the next.
    """

    query: SeriesQuery
    shown: dict[int, list[tuple[int, Part]]]
    origins: dict[int, int | None]
    keys: dict[int, int]
    names: list[tuple[str, str]]


def read_series(database: Database, query: SeriesQuery) -> list[Series]:
    """Answer one panel. See `MetricStore.series`.

    Cost: a few statements for all series; O(buckets) cells each, plus all fresh points, plus the
    points of those chunks of which only some rows count.
    """
    panel = _open_panel(database, query)
    if not panel.shown or not panel.keys:
        return []
    axis = query.axis
    with database.snapshot(panel.shown) as view:
        number_writers(view, (part for parts in panel.shown.values() for _, part in parts))
        chunks = chunks_of(view.db, panel.shown)
        headers = _read_headers(view, panel)
        whole, cuts = _divide(panel, chunks, headers)
        kept, points = _read_cuts(database, view, panel, chunks, cuts)
        points += _read_fresh(database, view, panel)
        ends = [end for header, _ in whole for end in header.range_on(axis) or ()]
        ends += [end for _, cells in kept for end in cells.ends]
        window = _plan_window(query, ends, points)
        if window is None:
            return []
        level, buckets = window
        ranks = _rank_writers(view, panel)
        pieces = list(_fold_points(ranks, points, level, buckets))
        pieces += _fold_cuts(view, panel, ranks, chunks, kept, level, buckets)
        pieces += _fold_chunks(database, view, panel, ranks, chunks, whole, level, buckets)
    return merge_pieces(pieces, panel.names)


def _open_panel(database: Database, query: SeriesQuery) -> _Panel:
    keys: dict[int, str] = {}
    for name in query.keys:
        number = database.find_key(name)
        if number is not None:
            keys[number] = name
    panel = _Panel(query, {}, {}, {number: nth for nth, number in enumerate(keys)}, [])
    for name in dict.fromkeys(query.runs):
        for part in parts_of(database, name, query.lineage.get(name, ())):
            panel.shown.setdefault(part.run, []).append((len(panel.names), part))
            panel.origins[part.run] = part.origin
        panel.names += [(name, key) for key in keys.values()]
    return panel


def _read_headers(view: Snapshot, panel: _Panel) -> list[ColumnHeader]:
    rows = view.db.execute(
        f"SELECT * FROM col WHERE run IN {listed(panel.shown)} AND key IN {listed(panel.keys)}"
    )
    headers = (ColumnHeader(*row) for row in rows)
    return [header for header in headers if header.kinds & NUMERIC_BITS]


_Whole = tuple[ColumnHeader, Sequence[int]]
"""A metric in a chunk, all of whose points count, and the series that they belong to."""


def _divide(
    panel: _Panel, chunks: Mapping[int, ChunkHeader], headers: Sequence[ColumnHeader]
) -> tuple[list[_Whole], list[Cut]]:
    whole: list[_Whole] = []
    cut: list[Cut] = []
    for header in headers:
        nth = panel.keys[header.key]
        series: list[int] = []
        for base, part in panel.shown[header.run]:
            if not part.is_whole:
                limit = part.limit_of(chunks[header.chunk])
                # Of this metric all points may count, or none, where of the chunk some do.
                if header.step_hi is not None and header.step_hi <= limit:
                    limit = ALL
                if limit != ALL:
                    if header.step_lo is not None and header.step_lo <= limit:
                        cut.append(Cut(header, base + nth, limit))
                    continue
            series.append(base + nth)
        if series:
            whole.append((header, series))
    return whole, cut


def _read_fresh(database: Database, view: Snapshot, panel: _Panel) -> Iterator[Points]:
    for run, listing in view.listings.items():
        for row_class, entries in listing.items():
            limits = [
                (base, part.limit(row_class.writer, system=row_class.system))
                for base, part in panel.shown[run]
            ]
            limits = [one for one in limits if one[1] != NONE]
            if not limits:
                continue
            for block in database.fresh_blocks(view, run, row_class, entries):
                axis = BlockAxis(block.steps, block.rows, block.steps)
                if panel.query.axis == "time":
                    axis.x = block.times + axis_shift(row_class.offset, panel.origins[run])
                for key, nth in panel.keys.items():
                    numbers = numbers_of(block.columns.get(key, ()), len(block))
                    if numbers is None:
                        continue
                    for base, limit in limits:
                        found = axis.points(base + nth, row_class.writer, numbers, limit)
                        if found is not None:
                            yield found


def _read_cuts(
    database: Database,
    view: Snapshot,
    panel: _Panel,
    chunks: Mapping[int, ChunkHeader],
    cuts: Sequence[Cut],
) -> tuple[list[_KeptCut], list[Points]]:
    """The cells of large cuts, kept from before or now, and the points of small ones."""
    axis = panel.query.axis
    kept: list[_KeptCut] = []
    missing: list[Cut] = []
    for cut in cuts:
        cells = database.cuts.get(_name_of(cut, axis))
        if cells is None:
            missing.append(cut)
        else:
            kept.append((cut, cells))
    points: list[Points] = []
    grids = CutGrids()
    made: dict[CutName, CutCells] = {}
    for cut, found in read_cuts(view, chunks, panel.origins, axis, missing):
        name = _name_of(cut, axis)
        # There may be other forks from the same moment.
        cells = made.get(name) or cut_cells(cut, axis, found, grids)
        if cells is None:
            points.append(found)
        else:
            made[name] = cells
            database.cuts.put(name, cells)
            kept.append((cut, cells))
    return kept, points


_KeptCut = tuple[Cut, CutCells]


def _name_of(cut: Cut, axis: Axis) -> CutName:
    return CutName(cut.header.chunk, cut.header.key, axis, cut.limit)


def _fold_cuts(
    view: Snapshot,
    panel: _Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    kept: Sequence[_KeptCut],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    close_up: list[Cut] = []
    for cut, (_, cells) in kept:
        if cells.level > level:
            close_up.append(cut)
        else:
            clipped = clip_cells(coarsen(cells, level), buckets)
            yield Piece(cut.series, ranks[chunks[cut.header.chunk].writer], clipped)
    close_up.sort(key=lambda cut: cut.header.chunk)
    for group in _groups(close_up):
        cuts = read_cuts(view, chunks, panel.origins, panel.query.axis, group)
        yield from _fold_points(ranks, [points for _, points in cuts], level, buckets)


def _plan_window(
    query: SeriesQuery, ends: Sequence[float], loose: Sequence[Points]
) -> tuple[int, tuple[int, int]] | None:
    """The level, and the first and last bucket of the range; None = no points.

    Args:
        ends: of the points that are not loose.
    """
    ends = list(ends)
    # Columns that fill their block share its x.
    shared = {id(points.x): points.x for points in loose}.values()
    for x in shared:
        ends += [x.min().item(), x.max().item()]
    if not ends:
        return None
    closed = query.hi is None
    lo = min(ends) if query.lo is None else query.lo
    hi = max(ends) if query.hi is None else query.hi
    if lo > hi or (lo == hi and not closed):
        return None
    whole = all(isinstance(end, int) for end in ends)
    level = choose_level(lo, hi, query.n_buckets, closed=closed, whole=whole)
    return level, bucket_range(lo, hi, level, closed=closed)


def _rank_writers(view: Snapshot, panel: _Panel) -> dict[int, int]:
    """The place of each writer's name: which of two points at one x comes first."""
    rows = view.db.execute(
        f"SELECT writer FROM writer WHERE run IN {listed(panel.shown)} ORDER BY name"
    )
    return {writer: rank for rank, (writer,) in enumerate(rows)}


def _fold_points(
    ranks: dict[int, int],
    loose: Sequence[Points],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    grids: dict[int, Grid] = {}
    for points in loose:
        grid = grids.get(id(points.x))
        if grid is None:
            grid = grids[id(points.x)] = make_grid(points.x, points.rows, level, buckets)
        yield Piece(points.series, ranks[points.writer], fold_points(grid, points.values))


def _fold_chunks(
    database: Database,
    view: Snapshot,
    panel: _Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    whole: Sequence[_Whole],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    axis = panel.query.axis
    from_cells: list[tuple[_Whole, int, int]] = []
    from_points: list[_Whole] = []
    for one in whole:
        header = one[0]
        if not _touches(header, axis, level, buckets):
            continue
        stored = header.cell_part(axis, level)
        if stored is None:
            from_points.append(one)
        else:
            from_cells.append((one, *stored))
    blobs = fetch_blobs(view.db, "part", "part", sorted(part for _, _, part in from_cells))
    for (header, series), stored_level, part in from_cells:
        chunk = chunks[header.chunk]
        cells = coarsen(decode_cells(blobs[part], stored_level, chunk.row_lo), level)
        cells = clip_cells(cells, buckets)
        for number in series:
            yield Piece(number, ranks[chunk.writer], cells)
    # Chunk by chunk, so that a chunk's steps are decoded and sorted once for all its metrics.
    from_points.sort(key=lambda one: one[0].chunk)
    for group in _groups(from_points):
        yield from _fold_points_of(database, view, panel, ranks, chunks, group, level, buckets)


def _touches(header: ColumnHeader, axis: Axis, level: int, buckets: tuple[int, int]) -> bool:
    span = header.range_on(axis)
    if span is None:
        return False
    # Compared as exact integers or fractions of two: huge steps have no rounding here.
    first, last = (bucket_of(end, level) for end in span)
    return first <= buckets[1] and last >= buckets[0]


_Columns = TypeVar("_Columns", _Whole, Cut)


def _groups(columns: Sequence[_Columns]) -> Iterator[list[_Columns]]:
    group: list[_Columns] = []
    n_points = 0
    for one in columns:
        n = one[0].n
        if n_points + n > POINTS_PER_FETCH and group:
            yield group
            group, n_points = [], 0
        group.append(one)
        n_points += n
    if group:
        yield group


def _fold_points_of(
    database: Database,
    view: Snapshot,
    panel: _Panel,
    ranks: dict[int, int],
    chunks: Mapping[int, ChunkHeader],
    whole: Sequence[_Whole],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    axis = panel.query.axis
    axis_part = STEPS_PART if axis == "step" else TIMES_PART
    grids: dict[int, Grid] = {}
    wanted: set[int] = set()
    for header, _ in whole:
        chunk = chunks[header.chunk]
        wanted.update(number_parts(header))
        if header.chunk not in grids:
            grid = database.grids.get(GridName(header.chunk, axis, level, buckets))
            if grid is not None:
                grids[header.chunk] = grid
        if header.chunk not in grids or not _is_full(header, chunk):
            wanted.update((chunk.part_lo + ROWS_PART, chunk.part_lo + axis_part))
    blobs = fetch_blobs(view.db, "part", "part", sorted(wanted))
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
                grid = grids[header.chunk] = make_grid(x, rows, level, buckets)
                database.grids.put(GridName(header.chunk, axis, level, buckets), grid)
            else:
                grid = make_grid(x[ordinals], rows[ordinals], level, buckets)
        cells = fold_points(grid, values)
        for number in series:
            yield Piece(number, ranks[chunk.writer], cells)


def _is_full(header: ColumnHeader, chunk: ChunkHeader) -> bool:
    """Every row has a number, as far as the header tells."""
    return header.n == chunk.n and header.kinds & ~NUMERIC_BITS == 0
