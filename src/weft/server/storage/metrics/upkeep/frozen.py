"""Holds one state of a metric file while others write to it, and reads its content. Does I/O.

Used by `services.upkeep`, which holds all files of a server at one moment and copies them one by
one, and by `services.archive`, which reads everything of a run as it was written: rows of each
writer with their numbers, kinds of values and clock offsets, console lines, and the end of each
stream with its decoder's state.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from weft.server.storage.contract import (
    Advance,
    Column,
    ConsoleLine,
    MetricEngine,
    RawRows,
    RawRun,
    RowSpans,
    StreamPosition,
)
from weft.server.storage.metrics.database import HIDDEN, LIVE
from weft.server.storage.metrics.encoding.block import Block, drop_points
from weft.server.storage.metrics.encoding.chunk import (
    AXIS_PARTS,
    ROWS_PART,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.encoding.console_block import decode_block
from weft.server.storage.metrics.encoding.row_set import RowSet
from weft.server.storage.metrics.encoding.run_state import run_states
from weft.server.storage.metrics.folder import MetricFolder
from weft.server.storage.metrics.fresh import decode_fresh
from weft.server.storage.sqlite_copy import copy_database


class _FreshBatch(NamedTuple):
    """The position of a fresh batch, and its rows; `n` is 0 if it has console lines only."""

    fresh: int
    system: bool
    offset: int
    row_lo: int
    row_hi: int
    n: int


class FrozenFile:
    """`FrozenStore` of a metric file, in its state when this object was made.

    Close it soon: the file's log can't shrink meanwhile. FileNotFoundError if it is missing, or
    still empty.
    """

    def __init__(self, path: Path) -> None:
        self._key_names: dict[int, str] | None = None
        self._batches: defaultdict[int, list[_FreshBatch]] | None = None
        try:
            # A missing file is not created: the project may be deleted at this very moment.
            self._db = sqlite3.connect(
                f"file:{quote(str(path))}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=30,
            )
        except sqlite3.OperationalError:
            raise FileNotFoundError(path) from None
        try:
            self._db.execute("BEGIN")
            # BEGIN alone takes no snapshot; the first read does.
            self._db.execute("SELECT 1 FROM garbage LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            self._db.close()
            raise FileNotFoundError(path) from None

    def n_bytes(self) -> int:
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        return pages * self._db.execute("PRAGMA page_size").fetchone()[0]

    def copy_to(self, to: MetricEngine, name: str, advance: Advance) -> None:
        assert isinstance(to, MetricFolder)
        copy_database(self._db, to.path_of(name), advance)

    def run_names(self) -> list[str]:
        rows = self._db.execute("SELECT name FROM run WHERE gone = 0")
        return [name for (name,) in rows]

    def all_names(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM run WHERE gone IN (0, 3)")]

    def close(self) -> None:
        self._db.close()

    # What is in it

    def runs(self) -> dict[str, RawRun]:
        rows = self._db.execute(
            f"SELECT run, name, origin, gone = {HIDDEN} FROM run WHERE gone IN ({LIVE}, {HIDDEN})"
        )
        return {
            name: RawRun(number, name, origin, bool(hidden))
            for number, name, origin, hidden in rows
        }

    def streams(self, run: RawRun) -> dict[str, StreamPosition]:
        rows = self._db.execute(
            "SELECT name, position, n_rows, tail, state FROM stream JOIN position USING (stream)"
            " LEFT JOIN decoder USING (stream) WHERE run = ? ORDER BY name",
            (run.number,),
        )
        return {
            name: StreamPosition(position, state or b"", n_rows, tail)
            for name, position, n_rows, tail, state in rows
        }

    def states(self) -> dict[str, bytes]:
        return run_states(
            self.runs().values(),
            self._db.execute(
                "SELECT run, name, position FROM stream JOIN position USING (stream)"
                " ORDER BY run, name"
            ),
            self._db.execute("SELECT run, writer, key, row_hi FROM tomb ORDER BY 1, 2, 3"),
            # The runs with console lines, which are deleted all together.
            self._db.execute(
                "SELECT run FROM run WHERE console_bytes > 0"
                " UNION SELECT run FROM writer JOIN fresh USING (writer) WHERE console ORDER BY 1"
            ),
        )

    def row_spans(self, run: RawRun) -> dict[str, list[tuple[int, int]]]:
        spans: dict[str, list[tuple[int, int]]] = {}
        for writer, name in self._writers(run):
            rows = RowSet()
            for chunk in self._chunks(run, writer):
                if chunk.row_hi - chunk.row_lo + 1 == chunk.n:
                    rows.add_span(chunk.row_lo, chunk.row_hi)
                else:
                    rows.add(decode_rows(self._parts(chunk.part_lo, chunk.part_lo + 1)[0])[0])
            for batch in self._fresh_batches(writer):
                if batch.row_hi - batch.row_lo + 1 == batch.n:
                    rows.add_span(batch.row_lo, batch.row_hi)
                elif batch.n:
                    rows.add(self._fresh(batch.fresh)[0].rows)
            spans[name] = rows.spans()
        return spans

    def rows(self, run: RawRun, *, present: RowSpans | None = None) -> Iterator[RawRows]:
        """All rows of a run, writer by writer, without the points of deleted metrics.

        Memory: one chunk at a time, at most 16 million points.
        """
        tombs: dict[int, dict[int, int]] = {}
        for key, writer, row_hi in self._db.execute(
            "SELECT key, writer, row_hi FROM tomb WHERE run = ?", (run.number,)
        ):
            tombs.setdefault(writer, {})[key] = row_hi
        for writer, name in self._writers(run):
            skipped = RowSet((present or {}).get(name, ()))
            for chunk in self._chunks(run, writer):
                if not skipped.has_span(chunk.row_lo, chunk.row_hi):
                    block = drop_points(self._chunk(chunk), tombs.get(writer, {}))
                    yield self._raw(name, bool(chunk.system), chunk.offset, block)
            for batch in self._fresh_batches(writer):
                if batch.n and not skipped.has_span(batch.row_lo, batch.row_hi):
                    block = drop_points(self._fresh(batch.fresh)[0], tombs.get(writer, {}))
                    yield self._raw(name, batch.system, batch.offset, block)

    def _raw(self, writer: str, system: bool, offset: int, block: Block) -> RawRows:
        keys = self._keys()
        columns = {keys[key]: block.columns[key] for key in block.columns}
        return RawRows(
            writer, system, offset, block.rows, block.steps, block.times, block.continues, columns
        )

    def _keys(self) -> dict[int, str]:
        if self._key_names is None:
            self._key_names = dict(self._db.execute("SELECT key, name FROM key"))
        return self._key_names

    def _writers(self, run: RawRun) -> list[tuple[int, str]]:
        return self._db.execute(
            "SELECT writer, name FROM writer WHERE run = ? ORDER BY name", (run.number,)
        ).fetchall()

    def _chunks(self, run: RawRun, writer: int) -> list[ChunkHeader]:
        rows = self._db.execute(
            "SELECT * FROM chunk WHERE run = ? AND writer = ? ORDER BY row_lo",
            (run.number, writer),
        )
        return [ChunkHeader(*row) for row in rows]

    def _fresh_batches(self, writer: int) -> list[_FreshBatch]:
        """The headers of a writer's fresh batches. One scan reads those of all writers."""
        if self._batches is None:
            self._batches = defaultdict(list)
            for of_writer, fresh, system, *numbers in self._db.execute(
                'SELECT writer, fresh, system, "offset", row_lo, row_hi, n FROM fresh'
                " ORDER BY row_lo, fresh"
            ):
                self._batches[of_writer].append(_FreshBatch(fresh, bool(system), *numbers))
        return self._batches[writer]

    def _chunk(self, chunk: ChunkHeader) -> Block:
        axes = self._parts(chunk.part_lo, chunk.part_lo + AXIS_PARTS)
        rows, continues = decode_rows(axes[ROWS_PART])
        steps, times = (unpack_array(part) for part in axes[ROWS_PART + 1 :])
        headers = self._db.execute(
            "SELECT * FROM col WHERE run = ? AND chunk = ?", (chunk.run, chunk.chunk)
        ).fetchall()
        columns: dict[int, list[Column]] = {}
        for row in headers:
            header = ColumnHeader(*row)
            parts = self._parts(header.part, header.part + header.n_points_parts)
            columns[header.key] = decode_columns(header.kinds, parts)
        return Block(rows, steps, times, continues, columns)

    def _parts(self, lo: int, hi: int) -> list[bytes]:
        query = "SELECT data FROM part WHERE part >= ? AND part < ? ORDER BY part"
        return [data for (data,) in self._db.execute(query, (lo, hi))]

    def _fresh(self, number: int) -> tuple[Block, list[ConsoleLine]]:
        row = self._db.execute("SELECT data FROM fresh WHERE fresh = ?", (number,)).fetchone()
        return decode_fresh(row[0])

    # Console

    def console(self, run: RawRun) -> Iterator[tuple[str, list[ConsoleLine]]]:
        for writer, name in self._writers(run):
            newest = self._fresh_lines(writer)
            blocks = self._db.execute(
                "SELECT stream, block FROM console WHERE run = ? AND writer = ?"
                " ORDER BY stream, block",
                (run.number, writer),
            ).fetchall()
            for stream, block in blocks:
                (data,) = self._db.execute(
                    "SELECT data FROM console"
                    " WHERE run = ? AND writer = ? AND stream = ? AND block = ?",
                    (run.number, writer, stream, block),
                ).fetchone()
                lines: list[ConsoleLine] = []
                for number, micros, text in decode_block(data).lines():
                    line = ConsoleLine(stream, number, micros, text)
                    other = newest.pop((stream, number), None)
                    # A line has the text with the latest time; at equal times, the fresh one.
                    lines.append(other if other and other.micros >= micros else line)
                yield name, lines
            if newest:
                yield name, [newest[key] for key in sorted(newest)]

    def _fresh_lines(self, writer: int) -> dict[tuple[str, int], ConsoleLine]:
        lines: dict[tuple[str, int], ConsoleLine] = {}
        numbers = self._db.execute(
            "SELECT fresh FROM fresh WHERE writer = ? AND console ORDER BY fresh", (writer,)
        ).fetchall()
        for (number,) in numbers:
            for line in self._fresh(number)[1]:
                old = lines.get((line.stream, line.line))
                if old is None or line.micros >= old.micros:
                    lines[line.stream, line.line] = line
        return lines
