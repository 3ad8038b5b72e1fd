"""`latest` and `end`: how far a run has come, and the last value of each of its metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Column, Int64, Latest, Lineage, RunEnd, Source
from weft.server.storage.metrics.encoding.block import Block
from weft.server.storage.metrics.encoding.chunk import (
    ROWS_PART,
    STEPS_PART,
    TIMES_PART,
    ChunkHeader,
    ColumnHeader,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.reading.keys import decode_points, points_parts
from weft.server.storage.metrics.reading.parts import (
    ALL,
    NONE,
    Part,
    counted_rows,
    number_writers,
    parts_of,
)
from weft.server.storage.metrics.view import MetricDatabase, View

_Value = tuple[int, str, int, Any]
"""Corrected time (µs since 1970), writer, row, value. The largest tuple is the latest value."""

_POINTS_AT_ONCE: Final = 2_000_000

RUNS_AT_ONCE: Final = 500
"""Most runs of one `read_latest_of`: more would hold a snapshot for long."""

_ROWS_OF_SMALL: Final = 4_096
"""Chunks with at most so many rows are read with those of other runs: 500 take some 20 MB."""


def read_latest(
    database: MetricDatabase, run: str, keys: Sequence[str] | None, sources: Sequence[Source]
) -> list[Latest]:
    """The last values of a run. See `MetricStore.latest`.

    Cost: for each metric, decodes the chunk with its latest point, and those cut chunks that may
    have a later one.
    """
    numbers: set[int] | None = None
    if keys is not None:
        numbers = {number for key in keys if (number := database.find_key(key)) is not None}
    ends = _Ends()
    parts = parts_of(database, run, sources)
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        for part in parts:
            _look(database, view, part, numbers, ends)
    return ends.latest(database)


def read_latest_of(
    database: MetricDatabase, runs: Sequence[str], keys: Sequence[str], lineage: Lineage
) -> dict[str, list[Latest]]:
    """The last values of at most `RUNS_AT_ONCE` runs. See `MetricStore.latest_of`.

    Cost: some statements, and those for the blobs of each run whose latest chunk is not small.
    """
    numbers = {number for key in keys if (number := database.find_key(key)) is not None}
    parts_by_run = {run: parts_of(database, run, lineage.get(run, ())) for run in runs}
    parts = [part for run_parts in parts_by_run.values() for part in run_parts]
    if not parts or not numbers:
        return {}
    answer: dict[str, list[Latest]] = {}
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        rows = _list_rows(view, {part.run for part in parts}, numbers)
        for run, run_parts in parts_by_run.items():
            ends = _Ends()
            for part in run_parts:
                _look_in(database, view, part, rows[part.run], numbers, ends)
            if ends.best:
                answer[run] = ends.latest(database)
    return answer


def read_end(database: MetricDatabase, run: str, sources: Sequence[Source]) -> RunEnd:
    """The end of a run. See `MetricStore.end`."""
    ends = _Ends()
    parts = parts_of(database, run, sources)
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        for part in parts:
            _look(database, view, part, None, ends)
            _look_at_steps(view, part, ends)
    return RunEnd(max(ends.steps, default=None), ends.latest(database))


@dataclass(slots=True)
class _Ends:
    """The latest value of each key, and the largest step of each block."""

    best: dict[int, _Value] = field(default_factory=dict[int, _Value])
    steps: list[int | float] = field(default_factory=list[int | float])

    def may_have_later(self, key: int, micros: int) -> bool:
        best = self.best.get(key)
        return best is None or best[0] <= micros

    def note(self, key: int, value: _Value | None) -> None:
        if value is not None and (key not in self.best or self.best[key][:3] < value[:3]):
            self.best[key] = value

    def latest(self, database: MetricDatabase) -> list[Latest]:
        answer = [
            Latest(database.key_name(key), micros, writer, row, value)
            for key, (micros, writer, row, value) in self.best.items()
        ]
        return sorted(answer, key=lambda latest: latest.key)


@dataclass(slots=True)
class _Rows:
    """Names of the writers of a run by number, its chunks, and headers of its metrics in them."""

    writers: dict[int, str] = field(default_factory=dict[int, str])
    chunks: list[ChunkHeader] = field(default_factory=list[ChunkHeader])
    columns: list[ColumnHeader] = field(default_factory=list[ColumnHeader])
    blobs: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """Parts of chunks that were read ahead."""


def _list_rows(view: View, runs: Collection[int], keys: Collection[int]) -> dict[int, _Rows]:
    """The rows of several runs, with headers of some metrics, by run."""
    rows = {run: _Rows() for run in runs}
    for run, writer, name in view.writers(runs):
        rows[run].writers[writer] = name
    for chunk in view.chunks(runs).values():
        rows[chunk.run].chunks.append(chunk)
    for header in view.columns(runs, keys):
        rows[header.run].columns.append(header)
    _read_small_chunks(view, rows)
    return rows


def _read_small_chunks(view: View, rows: Mapping[int, _Rows]) -> None:
    """Read the parts of the chunk of each run that has its latest points, if it is small."""
    numbers: dict[int, int] = {}
    for run, entry in rows.items():
        if not entry.columns:
            continue
        latest = max(entry.columns, key=lambda header: header.latest)
        chunk = next(chunk for chunk in entry.chunks if chunk.chunk == latest.chunk)
        if chunk.n > _ROWS_OF_SMALL:
            continue
        headers = [header for header in entry.columns if header.chunk == chunk.chunk]
        numbers |= dict.fromkeys((*_axis_parts(chunk), *points_parts(headers)), run)
    for number, blob in view.parts(sorted(numbers)).items():
        rows[numbers[number]].blobs[number] = blob


def _axis_parts(chunk: ChunkHeader) -> range:
    return range(chunk.part_lo, chunk.part_lo + TIMES_PART + 1)


def _look(
    database: MetricDatabase, view: View, part: Part, keys: set[int] | None, ends: _Ends
) -> None:
    names = {writer: name for _, writer, name in view.writers([part.run])}
    chunks = [chunk for chunk in view.chunks([part.run]).values() if not chunk.system]
    whole = [chunk for chunk in chunks if part.limit_of(chunk) == ALL]
    cut = [chunk for chunk in chunks if part.limit_of(chunk) not in {ALL, NONE}]
    headers = [*view.newest_columns(whole, keys), *view.columns_in(cut, keys)]
    _look_in(database, view, part, _Rows(names, chunks, headers), keys, ends)


def _look_in(
    database: MetricDatabase,
    view: View,
    part: Part,
    rows: _Rows,
    keys: set[int] | None,
    ends: _Ends,
) -> None:
    _look_in_fresh(database, view, part, rows.writers, keys, ends)
    _look_in_chunks(view, part, rows, ends)


def _look_at_steps(view: View, part: Part, ends: _Ends) -> None:
    """Add the largest steps of chunks. Those of fresh blocks are already there."""
    for chunk in view.chunks([part.run]).values():
        limit = part.limit_of(chunk)
        if chunk.system or limit == NONE:
            continue
        if limit == ALL:
            ends.steps.append(chunk.step_hi)
        else:
            number = chunk.part_lo + STEPS_PART
            steps = unpack_array(view.parts([number])[number])
            inside = counted_rows(steps, limit)
            counted = steps if inside is None else steps[inside]
            if len(counted):
                ends.steps.append(counted.max().item())


def _look_in_fresh(
    database: MetricDatabase,
    view: View,
    part: Part,
    names: Mapping[int, str],
    keys: set[int] | None,
    ends: _Ends,
) -> None:
    blocks: list[tuple[int, str, Block, Int64, NDArray[np.bool_] | None]] = []
    for row_class, entries in view.listings[part.run].items():
        limit = part.limit(row_class.writer, system=row_class.system)
        if row_class.system or limit == NONE:
            continue
        for block in database.fresh_blocks(view, part.run, row_class, entries):
            times = block.times + row_class.offset
            inside = counted_rows(block.steps, limit)
            at = slice(None) if inside is None else inside
            if len(times[at]):
                last = int(times[at].max())
                blocks.append((last, names[row_class.writer], block, times, inside))
                ends.steps.append(block.steps[at].max().item())
    # The latest first: for most metrics, older blocks need not be decoded then.
    for last, name, block, times, inside in sorted(
        blocks, key=lambda block: block[0], reverse=True
    ):
        for key in block.columns:
            if (keys is None or key in keys) and ends.may_have_later(key, last):
                columns = block.columns[key]
                ends.note(key, _last_of(columns, times, block.rows, name, inside))


def _look_in_chunks(view: View, part: Part, rows: _Rows, ends: _Ends) -> None:
    chunks = {
        chunk.chunk: chunk
        for chunk in rows.chunks
        if not chunk.system and part.limit_of(chunk) != NONE
    }
    by_chunk: dict[int, list[ColumnHeader]] = {}
    for header in rows.columns:
        if header.chunk in chunks:
            by_chunk.setdefault(header.chunk, []).append(header)
    origin = part.origin or 0
    # The latest first: for most metrics, older chunks need not be read then.
    for number in sorted(
        by_chunk,
        key=lambda number: max(header.latest for header in by_chunk[number]),
        reverse=True,
    ):
        headers = [
            header
            for header in by_chunk[number]
            if ends.may_have_later(header.key, header.latest + origin)
        ]
        if headers:
            _look_in_chunk(view, chunks[number], part, headers, rows, ends)


def _look_in_chunk(
    view: View,
    chunk: ChunkHeader,
    part: Part,
    headers: Sequence[ColumnHeader],
    rows: _Rows,
    ends: _Ends,
) -> None:
    first = chunk.part_lo
    blobs = _blobs(view, _axis_parts(chunk), rows)
    inside = None
    limit = part.limit_of(chunk)
    if limit != ALL:
        inside = counted_rows(unpack_array(blobs[first + STEPS_PART]), limit)
    times = unpack_array(blobs[first + TIMES_PART]) + chunk.offset
    row_numbers = decode_rows(blobs[first + ROWS_PART])[0]
    writer = rows.writers[chunk.writer]
    at_once = max(1, _POINTS_AT_ONCE // chunk.n)
    for start in range(0, len(headers), at_once):
        batch = headers[start : start + at_once]
        points = _blobs(view, points_parts(batch), rows)
        for header, columns in decode_points(points, batch):
            ends.note(header.key, _last_of(columns, times, row_numbers, writer, inside))


def _blobs(view: View, numbers: Sequence[int], rows: _Rows) -> Mapping[int, bytes]:
    if all(number in rows.blobs for number in numbers):
        return rows.blobs
    return view.parts(numbers)


def _last_of(
    columns: Sequence[Column],
    times: Int64,
    rows: Int64,
    writer: str,
    inside: NDArray[np.bool_] | None,
) -> _Value | None:
    """The latest point by (time, row) of one metric in those rows of a block that count."""
    best: _Value | None = None
    for column in columns:
        # Positions of the column's values that count. None if all count.
        here: NDArray[np.intp] | None = None
        at = times if column.rows is None else times[column.rows]
        if inside is not None:
            here = np.flatnonzero(inside if column.rows is None else inside[column.rows])
            if not len(here):
                continue
            at = at[here]
        # Among values with the largest time, the last one has the highest row: rows ascend.
        last = len(at) - 1 - int(at[::-1].argmax())
        nth = last if here is None else int(here[last])
        ordinal = nth if column.rows is None else int(column.rows[nth])
        value: Any = column.values[nth]
        value = value if column.kind == "object" else value.item()
        candidate = int(at[last]), writer, int(rows[ordinal]), value
        best = candidate if best is None or best[:3] < candidate[:3] else best
    return best
