"""Makes one new chunk from fresh batches or from smaller chunks, and swaps it in for them.

Reads a snapshot, encodes metric by metric outside any write transaction, writes the parts in
slices while a row of `garbage` lists them, and makes the chunk visible in one short transaction.
Gives up if a source is gone or a metric was deleted meanwhile. A kill leaves only garbage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from weft.server.storage.contract import ConsoleLine
from weft.server.storage.metrics.chunking.new_chunk import (
    ChunkSource,
    ChunkTarget,
    NewChunk,
    chunk_sources,
    most_parts,
)
from weft.server.storage.metrics.chunking.plan import oldest_batches
from weft.server.storage.metrics.console import merge_console
from weft.server.storage.metrics.database import HIDDEN, LIVE, Database
from weft.server.storage.metrics.encoding.block import RowClass, drop_points
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.fresh import FreshEntry, decode_fresh
from weft.server.storage.metrics.schema import listed
from weft.server.storage.metrics.snapshot import Snapshot, fetch_blobs
from weft.server.storage.metrics.upkeep.axis_rules import read_rules
from weft.server.storage.metrics.view import NO_TOMBS

SLICE_BYTES: Final = 4 << 20
"""Parts are written in transactions of this size, so that no upload waits for long."""


class _GaveUp(Exception):
    """A source of the new chunk has changed; the work is discarded."""


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
            chosen = oldest_batches(entries)
            if not all(entry.fresh in present for entry in chosen):
                return False
            numbers = [entry.fresh for entry in chosen]
            blobs = fetch_blobs(view.db, "fresh", "fresh", numbers)
            decoded = [decode_fresh(blobs[number]) for number in numbers]
            tombs = view.tombs.get(self._run, {}).get(self._class.writer, {})
            sources = [
                ChunkSource(drop_points(block, tombs)) for block, _ in decoded if len(block)
            ]
            console = [line for _, lines in decoded for line in lines]
            return self._make(view, sources, chosen, console)

    def make_from_chunks(self, group: Sequence[ChunkHeader]) -> bool:
        """Merge chunks of one class into one. False if one of them is gone."""
        with self._database.snapshot([self._run]) as view:
            if _count(view.db, "chunk", "chunk", [chunk.chunk for chunk in group]) != len(group):
                return False
            return self._make(view, chunk_sources(view, group), [], [])

    def _make(
        self,
        view: Snapshot,
        sources: Sequence[ChunkSource],
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
        self, view: Snapshot, sources: Sequence[ChunkSource]
    ) -> tuple[ChunkHeader, list[ColumnHeader]]:
        (origin,) = view.db.execute(
            "SELECT origin FROM run WHERE run = ?", (self._run,)
        ).fetchone()
        # Numbers that no part gets cost nothing.
        chunk, self._part_lo, self._part_hi = self._database.take_numbers(most_parts(sources))
        rules = read_rules(view.db, self._run)
        target = ChunkTarget(self._run, origin, rules, self._class, chunk, self._part_lo)
        return NewChunk(self._database, view, target, sources, self._add_part).encode()

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
        sources: Sequence[ChunkSource],
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
    db: sqlite3.Connection, run: int, sources: Sequence[ChunkSource], fresh: Sequence[FreshEntry]
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
            [(run, key, chunk.chunk) for key in source.keys],
        )
        db.execute("INSERT INTO garbage VALUES (?, ?)", (chunk.part_lo, chunk.part_hi))
