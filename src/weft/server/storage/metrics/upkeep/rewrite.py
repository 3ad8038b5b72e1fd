"""Makes one new chunk from fresh batches or from smaller chunks, and swaps it in for them.

Reads a snapshot, encodes metric by metric outside any write transaction, writes the parts in
slices while a row of `garbage` lists them, and makes the chunk visible in one short transaction.
Gives up if a source is gone or a metric was deleted meanwhile. A kill leaves only garbage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from weft.server.storage.contract import Column, ConsoleLine, StepMetric
from weft.server.storage.metrics.console import merge_console
from weft.server.storage.metrics.database import HIDDEN, LIVE, Database
from weft.server.storage.metrics.encoding.axis_cells import MetricAxis, step_metrics_of
from weft.server.storage.metrics.encoding.block import (
    Block,
    RowClass,
    drop_points,
    join_axes,
    join_columns,
)
from weft.server.storage.metrics.encoding.chunk import (
    AXIS_PARTS,
    ChunkEncoder,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
)
from weft.server.storage.metrics.fresh import FreshEntry, decode_fresh
from weft.server.storage.metrics.schema import listed
from weft.server.storage.metrics.snapshot import Snapshot, fetch_blobs
from weft.server.storage.metrics.upkeep.axis_rules import read_rules
from weft.server.storage.metrics.view import NO_TOMBS, axis_shift, read_axes

CLOSED_ROWS: Final = 1_048_576
CLOSED_POINTS: Final = 16_000_000
"""A chunk with so many rows or points is not merged again, which bounds a merge's memory."""

SLICE_BYTES: Final = 4 << 20
"""Parts are written in transactions of this size, so that no upload waits for long."""


class _GaveUp(Exception):
    """A source of the new chunk has changed; the work is discarded."""


@dataclass(slots=True)
class _Source:
    """A source of the new chunk: a fresh block, or a chunk whose columns are read when needed."""

    block: Block
    chunk: ChunkHeader | None
    columns: dict[int, ColumnHeader]

    @property
    def keys(self) -> set[int]:
        return set(self.block.columns) if self.chunk is None else set(self.columns)


class Rewrite:
    """Makes one new chunk."""

    def __init__(self, database: Database, run: int, row_class: RowClass) -> None:
        self._database = database
        self._run = run
        self._class = row_class
        self._part_lo = self._part_hi = 0
        self._parts: list[tuple[int, int, bytes]] = []
        self._n_bytes = self._n_waiting = 0

    def make_from_fresh(self, entries: Sequence[FreshEntry]) -> bool:
        """Make a chunk of a writer's fresh batches, oldest first. False if one of them is gone."""
        with self._database.snapshot([self._run]) as view:
            listing = view.listings[self._run].get(self._class, ())
            present = {entry.fresh for entry in listing}
            chosen: list[FreshEntry] = []
            n_rows = n_points = 0
            for entry in entries:
                if entry.fresh not in present:
                    return False
                chosen.append(entry)
                n_rows += entry.n
                n_points += entry.n_points
                if n_rows >= CLOSED_ROWS or n_points >= CLOSED_POINTS:
                    break
            numbers = [entry.fresh for entry in chosen]
            blobs = fetch_blobs(view.db, "fresh", "fresh", numbers)
            decoded = [decode_fresh(blobs[number]) for number in numbers]
            tombs = view.tombs.get(self._run, {}).get(self._class.writer, {})
            sources = [
                _Source(drop_points(block, tombs), None, {}) for block, _ in decoded if len(block)
            ]
            console = [line for _, lines in decoded for line in lines]
            return self._make(view, sources, chosen, console)

    def make_from_chunks(self, group: Sequence[ChunkHeader]) -> bool:
        """Merge chunks of one class into one. False if one of them is gone."""
        with self._database.snapshot([self._run]) as view:
            chunks = listed(chunk.chunk for chunk in group)
            columns: dict[int, dict[int, ColumnHeader]] = {chunk.chunk: {} for chunk in group}
            for row in view.db.execute(
                f"SELECT * FROM col WHERE run = ? AND chunk IN {chunks}",
                (self._run,),
            ):
                header = ColumnHeader(*row)
                columns[header.chunk][header.key] = header
            if _count(view.db, "chunk", "chunk", [chunk.chunk for chunk in group]) != len(group):
                return False
            sources = [
                _Source(read_axes(view, chunk), chunk, columns[chunk.chunk]) for chunk in group
            ]
            return self._make(view, sources, [], [])

    def _make(
        self,
        view: Snapshot,
        sources: Sequence[_Source],
        fresh: Sequence[FreshEntry],
        console: Sequence[ConsoleLine],
    ) -> bool:
        database = self._database
        header, columns = None, []
        try:
            if sources:
                header, columns = self._encode(view, sources)
            with database.transaction(changed=[self._run]) as db:
                self._check(db, view, sources, fresh)
                if header is not None:
                    self._put_parts(db)
                    db.execute("DELETE FROM garbage WHERE part_lo = ?", (self._part_lo,))
                    _insert(db, "chunk", [header])
                    _insert(db, "col", columns)
                if fresh:
                    _count_points(db, self._class, columns)
                _remove_sources(db, self._run, sources, fresh)
                merge_console(db, self._run, self._class.writer, console)
                # Readers take directory and snapshot under this lock, so that the two match.
                with database.switch_lock:
                    db.execute("COMMIT")
                    numbers = frozenset(entry.fresh for entry in fresh)
                    database.directory().remove(self._run, self._class, numbers)
        except _GaveUp:
            return False
        finally:
            database.pending.discard(self._part_lo)
        if fresh:
            database.fresh_reader.forget(self._class)
        database.note_written(self._n_bytes)
        return True

    # Encoding

    def _encode(
        self, view: Snapshot, sources: Sequence[_Source]
    ) -> tuple[ChunkHeader, list[ColumnHeader]]:
        database = self._database
        origin = view.db.execute("SELECT origin FROM run WHERE run = ?", (self._run,)).fetchone()
        axes, moved = join_axes([source.block for source in sources])
        bases = np.cumsum([0, *(len(source.block) for source in sources)]).tolist()
        shift = axis_shift(self._class.offset, origin[0])
        encoder = ChunkEncoder(axes, shift)
        keys = sorted({key for source in sources for key in source.keys})
        # Numbers are reserved for the maximum number of parts: unused ones cost nothing.
        chunk, self._part_lo, self._part_hi = database.take_numbers(
            AXIS_PARTS + len(keys) * MOST_PARTS
        )
        next_part = self._part_lo
        for data in encoder.encode_axes():
            self._add_part(next_part, data)
            next_part += 1

        def columns_of(key: int) -> list[Column]:
            pieces = [
                (base, len(source.block), self._read_columns(view, source, key))
                for base, source in zip(bases, sources, strict=False)
            ]
            return join_columns(pieces, len(axes), moved)

        step_metrics = self._step_metrics(view, keys)
        by_metric: dict[StepMetric, MetricAxis] = {}
        for rule in set(step_metrics.values()):
            number = database.find_key(rule.metric)
            columns = columns_of(number) if number in keys else []
            if number is not None and any(column.kind != "object" for column in columns):
                by_metric[rule] = MetricAxis(number, columns, axes, step_sync=rule.step_sync)
        headers: list[ColumnHeader] = []
        n_points = 0
        for key in keys:
            axis = by_metric.get(step_metrics[key]) if key in step_metrics else None
            header, parts = encoder.encode_column(
                self._run, key, chunk, next_part, columns_of(key), axis
            )
            for data in parts:
                self._add_part(next_part, data)
                next_part += 1
            headers.append(header)
            n_points += header.n
        steps = axes.steps
        return (
            ChunkHeader(
                chunk, self._run, self._class.writer, int(self._class.system), self._class.offset,
                int(self._class.fractional), len(axes), n_points,
                self._n_bytes, int(axes.rows[0]), int(axes.rows[-1]),
                steps.min().item(), steps.max().item(),
                _continued(axes),
                self._part_lo, next_part,
            ),
            headers,
        )  # fmt: skip

    def _step_metrics(self, view: Snapshot, keys: Sequence[int]) -> dict[int, StepMetric]:
        rules = read_rules(view.db, self._run)
        names = {key: self._database.key_name(key) for key in keys} if rules else {}
        return step_metrics_of(names, rules)

    def _read_columns(self, view: Snapshot, source: _Source, key: int) -> Sequence[Column]:
        if source.chunk is None:
            return source.block.columns.get(key, ())
        header = source.columns.get(key)
        if header is None:
            return ()
        parts = list(range(header.part, header.part + header.n_points_parts))
        blobs = fetch_blobs(view.db, "part", "part", parts)
        return decode_columns(header.kinds, [blobs[part] for part in parts])

    def _add_part(self, part: int, data: bytes) -> None:
        self._parts.append((part, crc32(data), data))
        self._n_bytes += len(data)
        self._n_waiting += len(data)
        if self._n_waiting >= SLICE_BYTES:
            with self._database.transaction(changed=()) as db:
                self._put_parts(db)

    def _put_parts(self, db: sqlite3.Connection) -> None:
        if self._part_lo not in self._database.pending:
            self._database.pending.add(self._part_lo)
            db.execute("INSERT INTO garbage VALUES (?, ?)", (self._part_lo, self._part_hi))
        db.executemany("INSERT INTO part VALUES (?, ?, ?)", self._parts)
        self._parts.clear()
        self._n_waiting = 0

    # Swapping

    def _check(
        self,
        db: sqlite3.Connection,
        view: Snapshot,
        sources: Sequence[_Source],
        fresh: Sequence[FreshEntry],
    ) -> None:
        """Give up if the sources have changed since they were read. Needs the write lock."""
        chunks = [source.chunk.chunk for source in sources if source.chunk is not None]
        state = db.execute("SELECT gone FROM run WHERE run = ?", (self._run,)).fetchone()
        if (
            state not in {(LIVE,), (HIDDEN,)}
            or _count(db, "chunk", "chunk", chunks) != len(chunks)
            or _count(db, "fresh", "fresh", [entry.fresh for entry in fresh]) != len(fresh)
            or self._database.tombs(self._run) is not view.tombs.get(self._run, NO_TOMBS)
        ):
            raise _GaveUp


MOST_PARTS: Final = 4 + 3 * 32 + 1
"""Maximum number of parts of one metric: one per kind, 32 levels on each axis, and heads."""


def _continued(axes: Block) -> int:
    """See `ChunkHeader.continued`."""
    if axes.continues is None or not bool(axes.continues.any()):
        return 0
    return 2 if bool(axes.continues[0]) else 1


def _count(db: sqlite3.Connection, table: str, column: str, numbers: Sequence[int]) -> int:
    query = f"SELECT count(*) FROM {table} WHERE {column} IN {listed(numbers)}"
    return db.execute(query).fetchone()[0]


def _insert(db: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _count_points(
    db: sqlite3.Connection, row_class: RowClass, columns: Sequence[ColumnHeader]
) -> None:
    """Add the points of a new chunk to the totals. Merging chunks changes no total."""
    kinds, n = ("system_kinds", "system_n") if row_class.system else ("kinds", "n")
    db.executemany(
        "INSERT INTO metric (run, key, kinds, n, system_kinds, system_n)"
        f" VALUES (?, ?, {'0, 0, ?, ?' if row_class.system else '?, ?, 0, 0'})"
        " ON CONFLICT (run, key) DO UPDATE"
        f" SET {kinds} = {kinds} | excluded.{kinds}, {n} = {n} + excluded.{n}",
        [(column.run, column.key, column.kinds, column.n) for column in columns],
    )


def _remove_sources(
    db: sqlite3.Connection, run: int, sources: Sequence[_Source], fresh: Sequence[FreshEntry]
) -> None:
    numbers = listed(entry.fresh for entry in fresh)
    db.execute(f"DELETE FROM fresh WHERE fresh IN {numbers}")
    for source in sources:
        chunk = source.chunk
        if chunk is None:
            continue
        db.execute("DELETE FROM chunk WHERE chunk = ?", (chunk.chunk,))
        db.executemany(
            "DELETE FROM col WHERE run = ? AND key = ? AND chunk = ?",
            [(run, key, chunk.chunk) for key in source.columns],
        )
        db.execute("INSERT INTO garbage VALUES (?, ?)", (chunk.part_lo, chunk.part_hi))
