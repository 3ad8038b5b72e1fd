"""`series`: one panel's buckets, from the coarsest stored cells that do, else from the points.

Receives a `SeriesQuery` from `services.series`; hands back exact buckets. Reads the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from weft.server.storage.contract import Axis, Float64, Int64, Series, SeriesQuery, Steps
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
    decode_columns,
    decode_rows,
)
from weft.server.storage.metrics.codec import unpack_array
from weft.server.storage.metrics.database import (
    Database,
    RunInfo,
    Snapshot,
    axis_shift,
    chunks_of,
    fetch_blobs,
)
from weft.server.storage.metrics.grid_cache import GridName
from weft.server.storage.metrics.levels import bucket_of, bucket_range, choose_level
from weft.server.storage.metrics.merge import Piece, merge_pieces
from weft.server.storage.metrics.schema import listed

POINTS_PER_FETCH: Final = 4_000_000
"""Points decoded before their blobs are let go: bounds a panel's memory to some 64 MB."""


@dataclass(slots=True)
class _FreshPoints:
    """One metric's points in a fresh block."""

    series: int
    writer: int
    x: Steps
    rows: Int64
    values: Float64


@dataclass(slots=True)
class _Panel:
    """What one query works on."""

    query: SeriesQuery
    runs: dict[int, tuple[str, RunInfo]]
    keys: dict[int, str]
    names: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    ordinals: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])


def read_series(database: Database, query: SeriesQuery) -> list[Series]:
    """Answer one panel. See `MetricStore.series`.

    Cost: a few statements for all series; O(buckets) cells each, plus all fresh points.
    """
    panel = _open_panel(database, query)
    if not panel.runs or not panel.keys:
        return []
    with database.snapshot(panel.runs) as view:
        headers = _read_headers(view, panel)
        fresh = list(_read_fresh(database, view, panel))
        window = _plan_window(query, headers, fresh)
        if window is None:
            return []
        level, buckets = window
        ranks = _rank_writers(view, panel)
        pieces = list(_fold_fresh(ranks, fresh, level, buckets))
        pieces += _fold_chunks(database, view, panel, ranks, headers, level, buckets)
    return merge_pieces(pieces, panel.names)


def _open_panel(database: Database, query: SeriesQuery) -> _Panel:
    runs: dict[int, tuple[str, RunInfo]] = {}
    for name in query.runs:
        info = database.find_run(name)
        if info is not None:
            runs[info.run] = (name, info)
    keys: dict[int, str] = {}
    for name in query.keys:
        number = database.find_key(name)
        if number is not None:
            keys[number] = name
    panel = _Panel(query, runs, keys)
    for run, (run_name, _) in runs.items():
        for key, key_name in keys.items():
            panel.ordinals[run, key] = len(panel.names)
            panel.names.append((run_name, key_name))
    return panel


def _read_headers(view: Snapshot, panel: _Panel) -> list[ColumnHeader]:
    rows = view.db.execute(
        f"SELECT * FROM col WHERE run IN {listed(panel.runs)} AND key IN {listed(panel.keys)}"
    )
    headers = (ColumnHeader(*row) for row in rows)
    return [header for header in headers if header.kinds & NUMERIC_BITS]


def _read_fresh(database: Database, view: Snapshot, panel: _Panel) -> Iterator[_FreshPoints]:
    for run, listing in view.listings.items():
        origin = panel.runs[run][1].origin
        for row_class, entries in listing.items():
            for block in database.fresh_blocks(view, run, row_class, entries):
                x: Steps = block.steps
                if panel.query.axis == "time":
                    x = block.times + axis_shift(row_class.offset, origin)
                for key in panel.keys:
                    numbers = numbers_of(block.columns.get(key, ()), len(block))
                    if numbers is None:
                        continue
                    ordinals, values = numbers
                    series = panel.ordinals[run, key]
                    if ordinals is None:
                        yield _FreshPoints(series, row_class.writer, x, block.rows, values)
                    else:
                        rows = block.rows[ordinals]
                        yield _FreshPoints(series, row_class.writer, x[ordinals], rows, values)


def _plan_window(
    query: SeriesQuery, headers: Sequence[ColumnHeader], fresh: Sequence[_FreshPoints]
) -> tuple[int, tuple[int, int]] | None:
    """The level, and the first and last bucket of the range; None = no points."""
    ends = [end for header in headers for end in header.range_on(query.axis) or ()]
    # Columns that fill their block share its x.
    shared = {id(points.x): points.x for points in fresh}.values()
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
        f"SELECT writer FROM writer WHERE run IN {listed(panel.runs)} ORDER BY name"
    )
    return {writer: rank for rank, (writer,) in enumerate(rows)}


def _fold_fresh(
    ranks: dict[int, int],
    fresh: Sequence[_FreshPoints],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    grids: dict[int, Grid] = {}
    for points in fresh:
        grid = grids.get(id(points.x))
        if grid is None:
            grid = grids[id(points.x)] = make_grid(points.x, points.rows, level, buckets)
        yield Piece(points.series, ranks[points.writer], fold_points(grid, points.values))


def _fold_chunks(
    database: Database,
    view: Snapshot,
    panel: _Panel,
    ranks: dict[int, int],
    headers: Sequence[ColumnHeader],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    axis = panel.query.axis
    chunks = chunks_of(view.db, panel.runs)
    from_cells: list[tuple[ColumnHeader, int, int]] = []
    from_points: list[ColumnHeader] = []
    for header in headers:
        if not _touches(header, axis, level, buckets):
            continue
        stored = header.cell_part(axis, level)
        if stored is None:
            from_points.append(header)
        else:
            from_cells.append((header, *stored))
    blobs = fetch_blobs(view.db, "part", "part", sorted(part for _, _, part in from_cells))
    for header, stored_level, part in from_cells:
        chunk = chunks[header.chunk]
        cells = coarsen(decode_cells(blobs[part], stored_level, chunk.row_lo), level)
        yield Piece(
            panel.ordinals[header.run, header.key],
            ranks[chunk.writer],
            clip_cells(cells, buckets),
        )
    # Chunk by chunk, so that a chunk's steps are decoded and sorted once for all its metrics.
    from_points.sort(key=lambda header: header.chunk)
    for group in _groups(from_points):
        yield from _fold_points(database, view, panel, ranks, chunks, group, level, buckets)


def _touches(header: ColumnHeader, axis: Axis, level: int, buckets: tuple[int, int]) -> bool:
    span = header.range_on(axis)
    if span is None:
        return False
    # Compared as exact integers or fractions of two: huge steps have no rounding here.
    first, last = (bucket_of(end, level) for end in span)
    return first <= buckets[1] and last >= buckets[0]


def _groups(headers: Sequence[ColumnHeader]) -> Iterator[list[ColumnHeader]]:
    group: list[ColumnHeader] = []
    n_points = 0
    for header in headers:
        if n_points + header.n > POINTS_PER_FETCH and group:
            yield group
            group, n_points = [], 0
        group.append(header)
        n_points += header.n
    if group:
        yield group


def _fold_points(
    database: Database,
    view: Snapshot,
    panel: _Panel,
    ranks: dict[int, int],
    chunks: dict[int, ChunkHeader],
    headers: Sequence[ColumnHeader],
    level: int,
    buckets: tuple[int, int],
) -> Iterator[Piece]:
    axis = panel.query.axis
    axis_part = STEPS_PART if axis == "step" else TIMES_PART
    grids: dict[int, Grid] = {}
    wanted: set[int] = set()
    for header in headers:
        chunk = chunks[header.chunk]
        # Kinds are in order, objects last.
        wanted.update(range(header.part, header.part + _n_numeric(header)))
        if header.chunk not in grids:
            grid = database.grids.get(GridName(header.chunk, axis, level, buckets))
            if grid is not None:
                grids[header.chunk] = grid
        if header.chunk not in grids or not _is_full(header, chunk):
            wanted.update((chunk.part_lo + ROWS_PART, chunk.part_lo + axis_part))
    blobs = fetch_blobs(view.db, "part", "part", sorted(wanted))
    decoded: tuple[int, Steps, Int64] | None = None
    for header in headers:
        chunk = chunks[header.chunk]
        parts = [blobs[header.part + nth] for nth in range(_n_numeric(header))]
        numbers = numbers_of(decode_columns(header.kinds & NUMERIC_BITS, parts), chunk.n)
        assert numbers is not None
        ordinals, values = numbers
        grid = grids.get(header.chunk) if ordinals is None else None
        if grid is None:
            if decoded is None or decoded[0] != header.chunk:
                x: Steps = unpack_array(blobs[chunk.part_lo + axis_part])
                if axis == "time":
                    x = x + axis_shift(chunk.offset, panel.runs[header.run][1].origin)
                decoded = header.chunk, x, decode_rows(blobs[chunk.part_lo + ROWS_PART])[0]
            _, x, rows = decoded
            if ordinals is None:
                grid = grids[header.chunk] = make_grid(x, rows, level, buckets)
                database.grids.put(GridName(header.chunk, axis, level, buckets), grid)
            else:
                grid = make_grid(x[ordinals], rows[ordinals], level, buckets)
        cells = fold_points(grid, values)
        yield Piece(panel.ordinals[header.run, header.key], ranks[chunk.writer], cells)


def _is_full(header: ColumnHeader, chunk: ChunkHeader) -> bool:
    """Every row has a number, as far as the header tells."""
    return header.n == chunk.n and header.kinds & ~NUMERIC_BITS == 0


def _n_numeric(header: ColumnHeader) -> int:
    return (header.kinds & NUMERIC_BITS).bit_count()
