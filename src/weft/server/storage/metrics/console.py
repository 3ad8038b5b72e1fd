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
    encode_block,
    merge_lines,
)


def merge_console(
    db: sqlite3.Connection, run: int, writer: int, lines: Iterable[ConsoleLine]
) -> None:
    """Merge lines, in order of arrival, into their blocks, in the caller's transaction."""
    n_more = 0

    def read(stream: str, block: int) -> bytes | None:
        nonlocal n_more
        row = db.execute(
            "SELECT data FROM console WHERE run = ? AND writer = ? AND stream = ? AND block = ?",
            (run, writer, stream, block),
        ).fetchone()
        n_more -= len(row[0]) if row else 0
        return row and row[0]

    blocks = merge_lines(lines, read)
    for (stream, number), block in blocks.items():
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
