"""Writes batches to the file: checks positions, drops known rows, commits many batches at once.

A batch is durable once `append` returns. Batches come from `services.ingest`; their fresh rows are
read by `scan` and turned into chunks by `compact`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import numpy as np

from weft.errors import Unavailable, WeftError
from weft.server.storage.contract import Batch, StreamPosition
from weft.server.storage.group_commit import GroupCommit
from weft.server.storage.metrics.database import Database, class_of
from weft.server.storage.metrics.encoding.block import (
    Block,
    RowClass,
    block_from_rows,
    cut_rows,
    drop_points,
)
from weft.server.storage.metrics.encoding.chunk import decode_rows
from weft.server.storage.metrics.encoding.row_set import RowSet, spans_of
from weft.server.storage.metrics.fresh import (
    FreshEntry,
    decode_fresh,
    encode_fresh,
    entry_of,
)
from weft.server.storage.metrics.view import RunInfo
from weft.server.storage.refusals import refuse_misplaced

WINDOW_SECS: Final = 0.010
"""The wait of a group for more: with 1,000 writers, 2 KB instead of 17 are written per row."""

PAGES_PER_BATCH: Final = 3
"""Pages that a small batch changes besides its blob, to estimate the length of the log."""


@dataclass(slots=True)
class _Call:
    """One caller's batches, and the error if they were refused."""

    batches: Sequence[Batch]
    blobs: list[bytes | None]
    error: BaseException | None = None


@dataclass(slots=True)
class _Stream:
    stream: int
    position: int
    n_rows: int
    tail: bytes


@dataclass(slots=True)
class _Stage:
    """The changes of a group's transaction so far; its commit makes them the store's state."""

    runs: dict[str, RunInfo] = field(default_factory=dict[str, RunInfo])
    keys: dict[str, int] = field(default_factory=dict[str, int])
    writers: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    streams: dict[tuple[int, str], _Stream] = field(default_factory=dict[tuple[int, str], _Stream])
    changed: set[int] = field(default_factory=set[int])
    marked: set[int] = field(default_factory=set[int])
    fresh: list[tuple[int, RowClass, FreshEntry]] = field(
        default_factory=list[tuple[int, RowClass, FreshEntry]]
    )
    rows: dict[int, RowSet] = field(default_factory=dict[int, RowSet])
    n_bytes: int = 0


class Appender:
    """Group commit: the batches of concurrent callers go into one transaction.

    Each caller's batches are accepted or refused independently.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commits = GroupCommit(self._commit, window_secs=WINDOW_SECS)
        self._writers: dict[tuple[int, str], int] = {}
        self._streams: dict[tuple[int, str], _Stream] = {}
        self._rows: dict[int, RowSet] = {}

    def append(self, batches: Sequence[Batch]) -> None:
        """Apply one caller's batches. See `MetricStore.append`."""
        call = _Call(batches, [self._encode_early(batch) for batch in batches])
        self._commits.run(call)
        if call.error is not None:
            raise call.error

    def _encode_early(self, batch: Batch) -> bytes | None:
        """The batch's blob, encoded outside all locks for the usual case that all rows are new."""
        if batch.rows is None:
            return None
        numbers: dict[str, int] = {}
        for key in batch.rows.columns:
            number = self._database.find_key(key)
            if number is None:
                return None
            numbers[key] = number
        return encode_fresh(block_from_rows(batch.rows, numbers), batch.console)

    def _commit(self, calls: Sequence[_Call]) -> None:
        database = self._database
        try:
            stage = _Stage()
            # The write lock is held until the directory is updated, so that no deletion comes
            # between the commit and the update.
            with database.write_lock:
                with database.transaction(changed=()) as db:
                    for call in calls:
                        self._apply_call(db, stage, call)
                    database.marks.write_new(db, stage.marked)
                self._publish(stage)
                database.note_change(stage.changed)
        except sqlite3.OperationalError as error:
            reason = Unavailable(f"can't write {database.path}: {error}")
            reason.__cause__ = error
            for call in calls:
                call.error = call.error or reason
        except BaseException as error:
            for call in calls:
                call.error = call.error or error
            if not isinstance(error, Exception):
                raise

    def _apply_call(self, db: sqlite3.Connection, stage: _Stage, call: _Call) -> None:
        try:
            self._check(db, stage, call.batches)
        except WeftError as error:
            call.error = error
            return
        for batch, blob in zip(call.batches, call.blobs, strict=True):
            self._apply(db, stage, batch, blob)

    def _check(self, db: sqlite3.Connection, stage: _Stage, batches: Sequence[Batch]) -> None:
        def run_info(name: str) -> RunInfo | None:
            return stage.runs.get(name) or self._database.run_or_tombstone(name)

        def is_gone(name: str) -> bool:
            info = run_info(name)
            return info is not None and info.gone

        def end_of(name: str, stream_name: str) -> int:
            info = run_info(name)
            stream = info and self._find_stream(db, stage, info.run, stream_name)
            return stream.position if stream else 0

        refuse_misplaced(
            batches,
            is_gone=is_gone,
            is_frozen=lambda name: bool(self._database.frozen[name]),
            end_of=end_of,
        )

    def _apply(
        self, db: sqlite3.Connection, stage: _Stage, batch: Batch, blob: bytes | None
    ) -> None:
        info = self._put_run(db, stage, batch)
        stage.changed.add(info.run)
        self._move_stream(db, stage, info.run, batch)
        if batch.rows is None and not batch.console:
            return
        writer = self._put_writer(db, stage, info.run, batch.writer)
        block = _NO_ROWS
        if batch.rows is not None and len(batch.rows):
            block, unchanged = self._cut_known(db, stage, info.run, writer, batch)
            if not unchanged:
                blob = None
        if not len(block) and not batch.console:
            return
        if blob is None or not len(block):
            blob = encode_fresh(block, batch.console)
        number = self._database.next_fresh
        self._database.next_fresh += 1
        entry = entry_of(number, block, has_console=bool(batch.console), n_bytes=len(blob))
        row_class = class_of(writer, batch.system, batch.offset_micros, block)
        insert_fresh(db, row_class, entry, blob)
        stage.n_bytes += len(blob) + PAGES_PER_BATCH * 4096
        stage.fresh.append((info.run, row_class, entry))
        if len(block):
            stage.marked.add(info.run)

    def _cut_known(
        self, db: sqlite3.Connection, stage: _Stage, run: int, writer: int, batch: Batch
    ) -> tuple[Block, bool]:
        """The batch's new rows without points of deleted metrics, and whether nothing changed."""
        rows = batch.rows
        assert rows is not None
        early = all(self._database.find_key(key) is not None for key in rows.columns)
        whole = block_from_rows(rows, self._put_keys(db, stage, list(rows.columns)))
        present = self._rows_of(db, stage, run, writer)
        missing = present.missing_in(whole.rows)
        block = whole if missing is None else cut_rows(whole, missing)
        present.add(block.rows)
        tombs = self._database.tombs(run).get(writer)
        if tombs and len(block):
            block = drop_points(block, tombs)
        return block, early and block is whole

    def _rows_of(self, db: sqlite3.Connection, stage: _Stage, run: int, writer: int) -> RowSet:
        rows = stage.rows.get(writer)
        if rows is None:
            cached = self._rows.get(writer)
            rows = (
                RowSet(cached.spans()) if cached is not None else self._load_rows(db, run, writer)
            )
            stage.rows[writer] = rows
        return rows

    def _load_rows(self, db: sqlite3.Connection, run: int, writer: int) -> RowSet:
        rows = RowSet()
        chunks = db.execute(
            "SELECT row_lo, row_hi, n, part_lo FROM chunk WHERE run = ? AND writer = ?",
            (run, writer),
        ).fetchall()
        for lo, hi, n, part in chunks:
            if hi - lo + 1 == n:
                rows.add_span(lo, hi)
            else:
                data = db.execute("SELECT data FROM part WHERE part = ?", (part,)).fetchone()[0]
                rows.add(decode_rows(data)[0])
        for row_class, entries in self._database.directory().listing(run).items():
            if row_class.writer != writer:
                continue
            for entry in entries:
                if entry.row_hi - entry.row_lo + 1 == entry.n:
                    rows.add_span(entry.row_lo, entry.row_hi)
                elif entry.n:
                    for span in self._spans_of_fresh(db, entry.fresh):
                        rows.add_span(*span)
        return rows

    def _spans_of_fresh(self, db: sqlite3.Connection, fresh: int) -> list[tuple[int, int]]:
        data = db.execute("SELECT data FROM fresh WHERE fresh = ?", (fresh,)).fetchone()[0]
        return spans_of(decode_fresh(data)[0].rows)

    # Names and positions

    def _put_run(self, db: sqlite3.Connection, stage: _Stage, batch: Batch) -> RunInfo:
        info = stage.runs.get(batch.run) or self._database.run_or_tombstone(batch.run)
        origin = info.origin if info is not None else None
        if origin is None:
            origin = batch.origin_micros
        if origin is None and batch.rows is not None and len(batch.rows):
            # Without a Run record, the time of the first row serves as origin; it only matters
            # that the origin never changes.
            origin = int(batch.rows.times[0]) + batch.offset_micros
        if info is None:
            cursor = db.execute(
                "INSERT INTO run (name, origin, gone) VALUES (?, ?, 0)", (batch.run, origin)
            )
            assert cursor.lastrowid is not None
            info = stage.runs[batch.run] = RunInfo(cursor.lastrowid, origin, gone=False)
        elif info.origin != origin:
            db.execute("UPDATE run SET origin = ? WHERE run = ?", (origin, info.run))
            info = stage.runs[batch.run] = RunInfo(info.run, origin, gone=False)
        return info

    def _put_writer(self, db: sqlite3.Connection, stage: _Stage, run: int, name: str) -> int:
        number = self._writers.get((run, name)) or stage.writers.get((run, name))
        if number is not None:
            return number
        row = db.execute("SELECT writer FROM writer WHERE run = ? AND name = ?", (run, name))
        existing = row.fetchone()
        if existing is None:
            cursor = db.execute("INSERT INTO writer (run, name) VALUES (?, ?)", (run, name))
            assert cursor.lastrowid is not None
            existing = (cursor.lastrowid,)
        stage.writers[run, name] = existing[0]
        return existing[0]

    def _put_keys(self, db: sqlite3.Connection, stage: _Stage, names: list[str]) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for name in names:
            number = self._database.find_key(name) or stage.keys.get(name)
            if number is None:
                number = db.execute("INSERT INTO key (name) VALUES (?)", (name,)).lastrowid
                assert number is not None
                stage.keys[name] = number
            numbers[name] = number
        return numbers

    def _find_stream(
        self, db: sqlite3.Connection, stage: _Stage, run: int, name: str
    ) -> _Stream | None:
        entry = stage.streams.get((run, name)) or self._streams.get((run, name))
        if entry is None:
            row = db.execute(
                "SELECT stream, position, n_rows, tail FROM stream JOIN position USING (stream)"
                " WHERE run = ? AND name = ?",
                (run, name),
            ).fetchone()
            if row is None:
                return None
            entry = stage.streams[run, name] = _Stream(*row)
        return entry

    def _move_stream(self, db: sqlite3.Connection, stage: _Stage, run: int, batch: Batch) -> None:
        entry = self._find_stream(db, stage, run, batch.stream)
        if entry is None:
            number = db.execute(
                "INSERT INTO stream (run, name) VALUES (?, ?)", (run, batch.stream)
            ).lastrowid
            assert number is not None
        else:
            number = entry.stream
        n_rows = batch.n_rows
        if n_rows is None:
            n_rows = entry.n_rows if entry else 0
        tail = batch.tail
        if tail is None:
            tail = entry.tail if entry else b""
        moved = _Stream(number, batch.to_position, n_rows, tail)
        if entry != moved:
            db.execute(
                "REPLACE INTO position VALUES (?, ?, ?, ?)",
                (number, moved.position, n_rows, tail),
            )
        if batch.state is not None:
            db.execute("REPLACE INTO decoder VALUES (?, ?)", (number, batch.state))
        stage.streams[run, batch.stream] = moved

    def _publish(self, stage: _Stage) -> None:
        """Make a committed group the store's state, which readers see from now on."""
        database = self._database
        for name, info in stage.runs.items():
            database.put_run(name, info)
        database.put_keys(stage.keys)
        self._writers.update(stage.writers)
        self._streams.update(stage.streams)
        self._rows.update(stage.rows)
        with database.switch_lock:
            directory = database.directory()
            for run, row_class, entry in stage.fresh:
                directory.add(run, row_class, entry)
        database.marks.add(stage.marked)
        database.note_written(stage.n_bytes)

    def forget_runs(self, runs: Set[int]) -> None:
        """Drop what is cached of deleted or hidden runs. Call it under the write lock."""
        for (run, _), writer in self._writers.items():
            if run in runs:
                self._rows.pop(writer, None)
        for numbers in (self._writers, self._streams):
            for name in [name for name in numbers if name[0] in runs]:
                del numbers[name]


_NO_ROWS: Final = Block(
    np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), None
)


def insert_fresh(
    db: sqlite3.Connection, row_class: RowClass, entry: FreshEntry, blob: bytes
) -> None:
    """Write a batch to the file, in the caller's transaction."""
    db.execute(
        "INSERT INTO fresh VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (entry.fresh, *row_class, *entry[1:-1], crc32(blob), blob),
    )


def read_position(database: Database, run: str, stream: str) -> StreamPosition | None:
    """Where a stream ends. See `MetricStore.position`."""
    info = database.find_run(run)
    if info is None:
        return None
    with database.snapshot() as view:
        row = view.db.execute(
            "SELECT position, state, n_rows, tail FROM stream JOIN position USING (stream)"
            " LEFT JOIN decoder USING (stream) WHERE run = ? AND name = ?",
            (info.run, stream),
        ).fetchone()
    return None if row is None else StreamPosition(row[0], row[1] or b"", row[2], row[3])
