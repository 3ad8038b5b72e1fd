"""Checks every byte of a metric file: pages, checksums, decodability, totals. Changes nothing.

Reads a snapshot through its own connection, while a server may write to the file. Used by
`services.upkeep.check`. Also finds parts that nothing owns, which `services.upkeep.gc` has swept.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final
from zlib import crc32

import msgspec
import zstandard

from weft.errors import Damaged
from weft.server.storage.contract import Advance, Fault
from weft.server.storage.metrics.encoding.chunk import (
    AXIS_PARTS,
    ROWS_PART,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import split_parts, unpack_array
from weft.server.storage.metrics.encoding.console_block import decode_block
from weft.server.storage.metrics.fresh import decode_fresh
from weft.server.storage.metrics.schema import open_connection

_UNDECODABLE: Final = (
    Damaged,
    msgspec.DecodeError,
    zstandard.ZstdError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
    RuntimeError,
    OverflowError,
    MemoryError,
)
"""The errors of decoders on malformed bytes; pcodec raises RuntimeError."""


def verify_file(path: Path, advance: Advance) -> Iterator[Fault]:
    """All faults of a metric file.

    Cost: reads the file twice: SQLite checks its pages, then every blob is decoded.
    """
    try:
        with closing(open_connection(path)) as db:
            db.execute("BEGIN")
            db.text_factory = _text
            yield from _Verifier(db, advance).faults()
    except sqlite3.DatabaseError as error:
        yield Fault(f"the file can't be read: {error}")


def leaked_parts(path: Path) -> list[tuple[int, int, int]]:
    """Ranges of parts that neither a chunk nor the garbage list has, as (lo, end, bytes)."""
    with closing(open_connection(path)) as db:
        db.execute("BEGIN")
        return _leaked(db)


def disown_parts(path: Path) -> int:
    """Put unowned parts on the garbage list, which the store sweeps, and return their bytes."""
    with closing(open_connection(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        leaked = _leaked(db)
        db.executemany("INSERT INTO garbage VALUES (?, ?)", [(lo, hi) for lo, hi, _ in leaked])
        db.execute("COMMIT")
    return sum(n_bytes for _, _, n_bytes in leaked)


def _leaked(db: sqlite3.Connection) -> list[tuple[int, int, int]]:
    owned = sorted(
        db.execute(
            "SELECT part_lo, part_hi FROM chunk UNION ALL SELECT part_lo, part_hi FROM garbage"
        )
    )
    leaked: list[tuple[int, int, int]] = []
    end = 0
    top = (db.execute("SELECT max(part) FROM part").fetchone()[0] or 0) + 1
    for lo, hi in [*owned, (top, top)]:
        if lo > end:
            row = db.execute(
                "SELECT min(part), max(part), sum(length(data)) FROM part"
                " WHERE part >= ? AND part < ?",
                (end, lo),
            ).fetchone()
            if row[0] is not None:
                leaked.append((row[0], row[1] + 1, row[2]))
        end = max(end, hi)
    return leaked


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


class _Verifier:
    def __init__(self, db: sqlite3.Connection, advance: Advance) -> None:
        self._db = db
        self._advance = advance
        self._runs: dict[int, str] = dict(db.execute("SELECT run, name FROM run"))
        self._keys: dict[int, str] = dict(db.execute("SELECT key, name FROM key"))
        self._writers: dict[int, tuple[int, str]] = {
            writer: (run, name)
            for writer, run, name in db.execute("SELECT writer, run, name FROM writer")
        }

    def faults(self) -> Iterator[Fault]:
        for (text,) in self._db.execute("PRAGMA integrity_check"):
            if text != "ok":
                yield Fault(f"database: {text}")
        yield from self._fresh()
        yield from self._chunks()
        yield from self._totals()
        yield from self._console()

    def _fault(self, detail: str, writer: int | None, key: int | None = None) -> Fault:
        run, name = self._writers.get(writer or 0, (0, None))
        if writer is not None and name is None:
            name = f"#{writer}"
        metric = None if key is None else self._keys.get(key, f"#{key}")
        return Fault(detail, self._runs.get(run), name, metric)

    # Rows as they came

    def _fresh(self) -> Iterator[Fault]:
        rows = self._db.execute("SELECT fresh, writer, n, n_points, crc, data FROM fresh")
        for fresh, writer, n, n_points, crc, data in rows:
            self._advance(len(data))
            if writer not in self._writers:
                yield self._fault(f"fresh batch {fresh} is of an unknown writer", writer)
            if crc32(data) != crc:
                yield self._fault(f"checksum of fresh batch {fresh} is wrong", writer)
                continue
            with _Decoding() as decoding:
                block, _ = decode_fresh(data)
                decoding.expect(len(block) == n, f"{len(block)} rows, not {n}")
                n_decoded = block.n_points
                decoding.expect(n_decoded == n_points, f"{n_decoded} points, not {n_points}")
            if decoding.fault is not None:
                yield self._fault(f"fresh batch {fresh}: {decoding.fault}", writer)

    # Chunks

    def _chunks(self) -> Iterator[Fault]:
        # A header takes some 60 bytes; a file of a billion points has a few tens of megabytes.
        columns = self._db.execute("SELECT * FROM col ORDER BY chunk, part")
        waiting = next(columns, None)
        for row in self._db.execute("SELECT * FROM chunk ORDER BY chunk"):
            chunk = ChunkHeader(*row)
            headers: list[ColumnHeader] = []
            while waiting is not None and ColumnHeader(*waiting).chunk <= chunk.chunk:
                header = ColumnHeader(*waiting)
                waiting = next(columns, None)
                if header.chunk == chunk.chunk and header.run == chunk.run:
                    headers.append(header)
                else:
                    yield Fault(
                        f"a column of chunk {header.chunk} is of no chunk",
                        self._runs.get(header.run),
                        None,
                        self._keys.get(header.key),
                    )
            yield from self._chunk(chunk, headers)

    def _chunk(self, chunk: ChunkHeader, headers: Sequence[ColumnHeader]) -> Iterator[Fault]:
        name = f"chunk {chunk.chunk}"
        if self._writers.get(chunk.writer, (None,))[0] != chunk.run:
            yield self._fault(f"{name} is of an unknown writer", chunk.writer)
        if sum(header.n for header in headers) != chunk.n_points:
            yield self._fault(
                f"{name} has another number of points than its columns", chunk.writer
            )
        axes = self._blobs(chunk.part_lo, chunk.part_lo + AXIS_PARTS)
        yield from self._group(chunk, None, axes, AXIS_PARTS, self._axes)
        for header in headers:
            blobs = self._blobs(header.part, header.part_hi)
            n_parts = header.part_hi - header.part

            def decode(
                chunk: ChunkHeader, parts: list[bytes], header: ColumnHeader = header
            ) -> str | None:
                return _column_fault(chunk, header, parts)

            yield from self._group(chunk, header.key, blobs, n_parts, decode)

    def _group(
        self,
        chunk: ChunkHeader,
        key: int | None,
        blobs: list[tuple[int, int, bytes]],
        n_parts: int,
        decode: Callable[[ChunkHeader, list[bytes]], str | None],
    ) -> Iterator[Fault]:
        name = f"chunk {chunk.chunk}"
        is_whole = len(blobs) == n_parts
        if not is_whole:
            detail = f"{name}: {n_parts - len(blobs)} of {n_parts} parts are missing"
            yield self._fault(detail, chunk.writer, key)
        for part, crc, data in blobs:
            if crc32(data) != crc:
                yield self._fault(f"{name}: checksum of part {part} is wrong", chunk.writer, key)
                is_whole = False
        if not is_whole:
            return
        with _Decoding() as decoding:
            fault = decode(chunk, [data for _, _, data in blobs])
            decoding.expect(fault is None, fault or "")
        if decoding.fault is not None:
            yield self._fault(f"{name}: {decoding.fault}", chunk.writer, key)

    def _blobs(self, lo: int, hi: int) -> list[tuple[int, int, bytes]]:
        query = "SELECT part, crc, data FROM part WHERE part >= ? AND part < ? ORDER BY part"
        blobs = self._db.execute(query, (lo, hi)).fetchall()
        self._advance(sum(len(data) for _, _, data in blobs))
        return blobs

    def _axes(self, chunk: ChunkHeader, parts: list[bytes]) -> str | None:
        rows, continues = decode_rows(parts[ROWS_PART])
        steps, times = (unpack_array(part) for part in parts[ROWS_PART + 1 : AXIS_PARTS])
        lengths = {len(rows), len(steps), len(times)}
        if continues is not None:
            lengths.add(len(continues))
        return None if lengths == {chunk.n} else f"its axes have {sorted(lengths)} rows"

    # Totals and console

    def _totals(self) -> Iterator[Fault]:
        query = (
            "SELECT run, key, sum(n), sum(counted) FROM"
            " (SELECT run, key, 0 AS system, n, 0 AS counted FROM metric"
            " UNION ALL SELECT run, key, 1, system_n, 0 FROM metric"
            " UNION ALL SELECT col.run, key, system, 0, col.n FROM col JOIN chunk USING (chunk))"
            " GROUP BY run, key, system HAVING sum(n) != sum(counted)"
        )
        for run, key, n, counted in self._db.execute(query):
            yield Fault(
                f"its total says {n} points, its chunks have {counted}",
                self._runs.get(run),
                None,
                self._keys.get(key, f"#{key}"),
            )

    def _console(self) -> Iterator[Fault]:
        rows = self._db.execute("SELECT writer, stream, block, n, crc, data FROM console")
        for writer, stream, block, n, crc, data in rows:
            self._advance(len(data))
            name = f"console lines of {stream}, block {block}"
            if crc32(data) != crc:
                yield self._fault(f"{name}: checksum is wrong", writer)
                continue
            with _Decoding() as decoding:
                n_lines = len(list(decode_block(data).lines()))
                decoding.expect(n_lines == n, f"{n_lines} lines, not {n}")
            if decoding.fault is not None:
                yield self._fault(f"{name}: {decoding.fault}", writer)


class _Decoding:
    """Turns what a decoder raises into the text of a fault."""

    def __init__(self) -> None:
        self.fault: str | None = None

    def expect(self, condition: bool, otherwise: str) -> None:
        if not condition and self.fault is None:
            self.fault = otherwise

    def __enter__(self) -> _Decoding:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, _UNDECODABLE):
            self.fault = f"can't be decoded: {error}"
            return True
        return False


def _column_fault(chunk: ChunkHeader, header: ColumnHeader, parts: list[bytes]) -> str | None:
    n_point_parts = header.n_points_parts
    columns = decode_columns(header.kinds, parts[:n_point_parts])
    n = 0
    for column in columns:
        n_values = len(column.values)
        n += n_values
        n_rows = chunk.n if column.rows is None else len(column.rows)
        if n_values != n_rows:
            return f"{n_values} values for {n_rows} rows"
        if column.rows is not None and len(column.rows) and int(column.rows[-1]) >= chunk.n:
            return "a value is of a row that the chunk does not have"
    if n != header.n:
        return f"{n} points, not {header.n}"
    for part in parts[n_point_parts:]:
        pieces = [unpack_array(piece) for piece in split_parts(part) if len(piece)]
        if len({len(piece) for piece in pieces[:10]}) > 1:
            return "cells of unequal columns"
    return None
