"""`rows`: all rows of a run in order, fragments joined.

A page looks at the steps of all the run's rows, picks the smallest beyond the cursor, and only
then decodes values, of those chunks that the picked rows lie in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Column, Int64, JoinedRow, Source, Steps
from weft.server.storage.metrics.block import Block
from weft.server.storage.metrics.chunk import ChunkHeader
from weft.server.storage.metrics.database import Database, Snapshot, chunks_of
from weft.server.storage.metrics.keys import headers_in, read_columns
from weft.server.storage.metrics.parts import (
    NONE,
    Part,
    counted_rows,
    number_writers,
    parts_of,
    picked,
)
from weft.server.storage.metrics.rewrite import read_axes

Cursor = tuple[float, int, str, int]
"""(step, corrected time, writer, row) of a joined row."""

PAGE_ROWS: Final = 10_000
"""Most joined rows made at once; a longer answer reads the run anew for each page."""


@dataclass(slots=True)
class _Unit:
    """A chunk or a fresh block, or that part of its rows that can be among the asked.

    Attributes:
        ordinals: in the chunk or block, of each of `rows`, `steps` and `times`.
    """

    writer: str
    offset: int
    block: Block
    chunk: ChunkHeader | None
    ordinals: NDArray[np.intp]
    rows: Int64
    steps: Steps
    times: Int64


@dataclass(slots=True)
class _Rows:
    """All rows of the units, by writer and row number; joined rows are stretches of them.

    Attributes:
        unit, ordinal: of each row: where its values lie.
        starts, stops: of each joined row: its stretch.
        step, time, rank, row: of each joined row: what it is ordered by.
        writers: names by rank.
    """

    unit: NDArray[Any]
    ordinal: NDArray[Any]
    starts: NDArray[np.intp]
    stops: NDArray[np.intp]
    step: NDArray[Any]
    time: NDArray[Any]
    rank: NDArray[Any]
    row: NDArray[Any]
    writers: list[str]


def read_rows(
    database: Database,
    run: str,
    keys: Sequence[str] | None,
    *,
    after: Cursor | None,
    limit: int,
    system: bool,
    sources: Sequence[Source],
) -> Iterator[JoinedRow]:
    """Joined rows after a cursor. See `MetricStore.rows`.

    Cost per page: the axes of all the run's chunks are decoded, and sorted where steps do not
    ascend; then the values of the chunks touched.
    """
    wanted: set[int] | None = None
    if keys is not None:
        wanted = {number for key in keys if (number := database.find_key(key)) is not None}
    while limit > 0:
        size = min(limit, PAGE_ROWS)
        parts = parts_of(database, run, sources)
        with database.snapshot({part.run for part in parts}) as view:
            number_writers(view, parts)
            units = [
                unit for part in parts for unit in _read_units(database, view, part, system=system)
            ]
            # A fragment may lie in another unit than the row it belongs to.
            fragmented = {unit.writer for unit in units if unit.block.continues is not None}
            units = [
                unit if unit.writer in fragmented else _narrow(unit, after, size) for unit in units
            ]
            units = [unit for unit in units if len(unit.rows)]
            if not units:
                return
            rows = _join_fragments(units)
            picked = _pick(rows, after, size)
            page = _fill(database, view, units, rows, picked, wanted)
        for joined in page:
            if joined.values or wanted is None:
                yield joined
                limit -= 1
        if len(picked) < size:
            return
        last = page[-1]
        after = (last.step, last.micros, last.writer, last.row)


def _read_units(
    database: Database, view: Snapshot, part: Part, *, system: bool
) -> Iterator[_Unit]:
    names: dict[int, str] = dict(
        view.db.execute("SELECT writer, name FROM writer WHERE run = ?", (part.run,))
    )
    for chunk in chunks_of(view.db, [part.run]).values():
        limit = part.limit_of(chunk)
        if bool(chunk.system) == system and limit != NONE:
            axes = read_axes(view.db, chunk)
            yield _unit(names[chunk.writer], chunk.offset, axes, chunk, limit)
    for row_class, entries in view.listings[part.run].items():
        limit = part.limit(row_class.writer, system=row_class.system)
        if row_class.system == system and limit != NONE:
            for block in database.fresh_blocks(view, part.run, row_class, entries):
                yield _unit(names[row_class.writer], row_class.offset, block, None, limit)


def _unit(
    writer: str, offset: int, block: Block, chunk: ChunkHeader | None, limit: float
) -> _Unit:
    inside = counted_rows(block.steps, limit)
    at = slice(None) if inside is None else picked(inside)
    return _Unit(
        writer, offset, block, chunk,
        np.arange(len(block))[at], block.rows[at], block.steps[at], block.times[at],
    )  # fmt: skip


def _narrow(unit: _Unit, after: Cursor | None, n: int) -> _Unit:
    """Leave out rows that can't be among the first `n` beyond the cursor.

    Only where steps ascend, and for a writer without fragments: then a page of a long run costs
    little more than its own rows.
    """
    steps = unit.steps
    if not bool((steps[1:] >= steps[:-1]).all()):
        return unit
    start = beyond = 0
    if after is not None:
        start = int(np.searchsorted(steps, after[0], "left"))
        beyond = int(np.searchsorted(steps, after[0], "right"))
    stop = len(steps)
    if beyond + n < stop:
        last_step: float = steps[beyond + n].item()
        stop = int(np.searchsorted(steps, last_step, "right"))
    part = slice(start, stop)
    return _Unit(
        unit.writer, unit.offset, unit.block, unit.chunk,
        unit.ordinals[part], unit.rows[part], steps[part], unit.times[part],
    )  # fmt: skip


def _join_fragments(units: Sequence[_Unit]) -> _Rows:
    writers = sorted({unit.writer for unit in units})
    rank_of = {name: rank for rank, name in enumerate(writers)}
    sizes = [len(unit.rows) for unit in units]
    unit_at = np.repeat(np.arange(len(units)), sizes)
    ordinal = np.concatenate([unit.ordinals for unit in units])
    rank = np.repeat(np.array([rank_of[unit.writer] for unit in units]), sizes)
    row = np.concatenate([unit.rows for unit in units])
    step = np.concatenate([unit.steps for unit in units])
    time = np.concatenate([unit.times + unit.offset for unit in units])
    fragment = np.concatenate(
        [
            np.zeros(len(unit.rows), dtype=np.bool_)
            if unit.block.continues is None
            else unit.block.continues[unit.ordinals]
            for unit in units
        ]
    )
    order = np.lexsort((row, rank))
    row, rank, fragment = row[order], rank[order], fragment[order]
    # A fragment belongs to the row before it, whatever number that has: system samples between
    # the two have numbers, too.
    opens = np.ones(len(row), dtype=np.bool_)
    opens[1:] = ~(fragment[1:] & (rank[1:] == rank[:-1]))
    starts = np.flatnonzero(opens)
    stops = np.append(starts[1:], len(row))
    return _Rows(
        unit_at[order],
        ordinal[order],
        starts,
        stops,
        step[order[starts]],
        time[order[stops - 1]],
        rank[starts],
        row[starts],
        writers,
    )


def _pick(rows: _Rows, after: Cursor | None, n: int) -> NDArray[np.intp]:
    """The first `n` joined rows beyond the cursor, in order."""
    left = np.arange(len(rows.starts))
    if after is not None:
        step, time, writer, row = after
        place = bisect_left(rows.writers, writer)
        known = place < len(rows.writers) and rows.writers[place] == writer
        later = (rows.rank > place) | ((rows.rank == place) & (rows.row > row))
        if not known:
            later = rows.rank >= place
        later = (rows.time > time) | ((rows.time == time) & later)
        left = left[(rows.step > step) | ((rows.step == step) & later)]
    if len(left) > n:
        # Only those that can be among the first n need to be sorted.
        steps = rows.step[left]
        left = left[steps <= np.partition(steps, n - 1)[n - 1]]
    columns = (rows.row[left], rows.rank[left], rows.time[left], rows.step[left])
    return left[np.lexsort(columns)][:n]


def _fill(
    database: Database,
    view: Snapshot,
    units: Sequence[_Unit],
    rows: _Rows,
    picked: NDArray[np.intp],
    wanted: set[int] | None,
) -> list[JoinedRow]:
    """Decode the values of picked rows."""
    lengths = (rows.stops - rows.starts)[picked]
    owner = np.repeat(np.arange(len(picked)), lengths)
    first = np.repeat(rows.starts[picked] - np.cumsum(lengths) + lengths, lengths)
    at = first + np.arange(len(first))
    unit_at, ordinal = rows.unit[at], rows.ordinal[at]
    values: list[dict[str, Any]] = [{} for _ in picked]
    # By key: places among the picked rows, and values there.
    found: dict[int, list[tuple[int, Any]]] = {}
    for number in {int(unit) for unit in np.unique(unit_at)}:
        places = np.flatnonzero(unit_at == number)
        for key, columns in _columns_of(view, units[number], wanted):
            for column in columns:
                found.setdefault(key, []).extend(_take(column, places, ordinal[places]))
    for key, entries in found.items():
        name = database.key_name(key)
        # A later fragment's value wins.
        entries.sort(key=_place)
        for place, value in entries:
            values[owner[place]][name] = value
    joined: list[JoinedRow] = []
    for nth, inner in zip(picked.tolist(), values, strict=True):
        start = rows.starts[nth]
        step = units[int(rows.unit[start])].block.steps[rows.ordinal[start]].item()
        writer = rows.writers[int(rows.rank[nth])]
        joined.append(JoinedRow(writer, int(rows.row[nth]), step, int(rows.time[nth]), inner))
    return joined


def _place(entry: tuple[int, Any]) -> int:
    return entry[0]


def _columns_of(
    view: Snapshot, unit: _Unit, wanted: set[int] | None
) -> Iterator[tuple[int, Sequence[Column]]]:
    if unit.chunk is None:
        for key, columns in unit.block.columns.items():
            if wanted is None or key in wanted:
                yield key, columns
        return
    for header in headers_in(view, [unit.chunk], wanted):
        for _, columns in read_columns(view, [header]):
            yield header.key, columns


def _take(
    column: Column, places: NDArray[np.intp], ordinals: NDArray[Any]
) -> Iterator[tuple[int, Any]]:
    """The values of one column in the picked rows of its unit."""
    if column.rows is not None:
        at = np.searchsorted(column.rows, ordinals)
        at[at == len(column.rows)] = 0
        present = column.rows[at] == ordinals
        places, ordinals = places[present], at[present]
    if isinstance(column.values, list):
        values = [column.values[ordinal] for ordinal in ordinals.tolist()]
    else:
        values = column.values[ordinals].tolist()
    return zip(places.tolist(), values, strict=True)
