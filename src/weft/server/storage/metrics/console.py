"""Console lines: blocks of a thousand lines, and fresh lines on top of them.

Fresh lines are in the fresh batches that they came with; compaction merges them into the blocks. A
rewritten line replaces the older one. `reading.console` reads them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from zlib import crc32

from weft.server.storage.contract import ConsoleLine
from weft.server.storage.metrics.encoding.console_block import (
    BLOCK_LINES,
    Lines,
    decode_block,
    encode_block,
    make_block,
    supersede,
)


def merge_console(
    db: sqlite3.Connection, run: int, writer: int, lines: Iterable[ConsoleLine]
) -> None:
    """Merge lines, in order of arrival, into their blocks, in the caller's transaction."""
    blocks: dict[tuple[str, int], Lines] = {}
    n_more = 0
    for line in lines:
        name = line.stream, line.line // BLOCK_LINES
        if name not in blocks:
            blocks[name], n_bytes = _read_block(db, run, writer, *name)
            n_more -= n_bytes
        supersede(blocks[name], line.line, line.micros, line.text)
    for (stream, number), block_lines in blocks.items():
        block = make_block(block_lines)
        data = encode_block(block)
        n_more += len(data)
        db.execute(
            "REPLACE INTO console VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run, writer, stream, number, len(block), int(block.numbers[0]),
                int(block.numbers[-1]), int(block.micros.min()), int(block.micros.max()),
                crc32(data), data,
            ),
        )  # fmt: skip
    if blocks:
        db.execute("UPDATE run SET console_bytes = console_bytes + ? WHERE run = ?", (n_more, run))


def _read_block(
    db: sqlite3.Connection, run: int, writer: int, stream: str, block: int
) -> tuple[Lines, int]:
    """The lines of a block, and its size in the file in bytes."""
    row = db.execute(
        "SELECT data FROM console WHERE run = ? AND writer = ? AND stream = ? AND block = ?",
        (run, writer, stream, block),
    ).fetchone()
    if row is None:
        return {}, 0
    lines = {number: (micros, text) for number, micros, text in decode_block(row[0]).lines()}
    return lines, len(row[0])
