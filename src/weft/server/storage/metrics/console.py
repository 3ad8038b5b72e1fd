"""Console lines: zstd blocks of a thousand lines, and fresh lines on top of them.

Fresh lines are in the fresh batches that they came with; compaction merges them into the blocks. A
rewritten line replaces the older one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

from weft.server.storage.contract import ConsoleLine
from weft.server.storage.metrics.database import Database, fetch_blobs
from weft.server.storage.metrics.encoding.codec import pack_objects, unpack_objects
from weft.server.storage.metrics.fresh import decode_fresh

BLOCK_LINES: Final = 1000

_Lines = dict[int, tuple[int, str]]
"""By line number: time in µs and text."""


def merge_console(
    db: sqlite3.Connection, run: int, writer: int, lines: Iterable[ConsoleLine]
) -> None:
    """Merge lines, in order of arrival, into their blocks, in the caller's transaction."""
    blocks: dict[tuple[str, int], _Lines] = {}
    n_more = 0
    for line in lines:
        name = line.stream, line.line // BLOCK_LINES
        if name not in blocks:
            blocks[name], n_bytes = _read_block(db, run, writer, *name)
            n_more -= n_bytes
        _supersede(blocks[name], line)
    for (stream, block), kept in blocks.items():
        data = pack_objects([[number, *kept[number]] for number in sorted(kept)])
        n_more += len(data)
        db.execute(
            "REPLACE INTO console VALUES (?, ?, ?, ?, ?, ?)",
            (run, writer, stream, block, crc32(data), data),
        )
    if blocks:
        db.execute("UPDATE run SET console_bytes = console_bytes + ? WHERE run = ?", (n_more, run))


def _supersede(kept: _Lines, line: ConsoleLine) -> None:
    old = kept.get(line.line)
    # A line that is sent again late must not replace a newer text.
    if old is None or line.micros >= old[0]:
        kept[line.line] = line.micros, line.text


def _read_block(
    db: sqlite3.Connection, run: int, writer: int, stream: str, block: int
) -> tuple[_Lines, int]:
    """The lines of a block, and its size in the file in bytes."""
    row = db.execute(
        "SELECT data FROM console WHERE run = ? AND writer = ? AND stream = ? AND block = ?",
        (run, writer, stream, block),
    ).fetchone()
    if row is None:
        return {}, 0
    lines = {number: (micros, text) for number, micros, text in unpack_objects(row[0])}
    return lines, len(row[0])


def read_console(
    database: Database, run: str, writer: str, stream: str, first: int, n: int
) -> list[ConsoleLine]:
    """Lines `first` to `first + n - 1` of a stream. See `MetricStore.console`."""
    info = database.find_run(run)
    if info is None or n <= 0:
        return []
    with database.snapshot([info.run]) as view:
        row = view.db.execute(
            "SELECT writer FROM writer WHERE run = ? AND name = ?", (info.run, writer)
        ).fetchone()
        if row is None:
            return []
        kept: _Lines = {}
        blocks = view.db.execute(
            "SELECT data FROM console WHERE run = ? AND writer = ? AND stream = ?"
            " AND block BETWEEN ? AND ?",
            (info.run, row[0], stream, first // BLOCK_LINES, (first + n - 1) // BLOCK_LINES),
        )
        for (data,) in blocks:
            kept |= {number: (micros, text) for number, micros, text in unpack_objects(data)}
        numbers = sorted(
            entry.fresh
            for row_class, entries in view.listings[info.run].items()
            if row_class.writer == row[0]
            for entry in entries
            if entry.has_console
        )
        blobs = fetch_blobs(view.db, "fresh", "fresh", numbers)
    for number in numbers:
        for line in decode_fresh(blobs[number])[1]:
            if line.stream == stream:
                _supersede(kept, line)
    return _lines_between(kept, stream, first, n)


def _lines_between(kept: _Lines, stream: str, first: int, n: int) -> list[ConsoleLine]:
    wanted: Sequence[int] = sorted(number for number in kept if first <= number < first + n)
    return [ConsoleLine(stream, number, *kept[number]) for number in wanted]
