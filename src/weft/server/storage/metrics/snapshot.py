"""A view of the embedded engine's file: its SQL for `view.View`. Reads the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from weft.errors import Damaged
from weft.server.storage.metrics.encoding.block import KIND_BITS
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.encoding.codec import DAMAGED
from weft.server.storage.metrics.fresh import Listing
from weft.server.storage.metrics.schema import listed
from weft.server.storage.metrics.view import ConsoleHeader, ConsoleName, Tombs

IDS_PER_STATEMENT: Final = 2000

_ORIGIN_BITS: Final = (16, 32)


@dataclass(slots=True)
class Snapshot:
    """See `View`: a connection inside a read transaction, and what is in memory."""

    db: sqlite3.Connection
    listings: dict[int, Listing]
    tombs: dict[int, Tombs]

    def writers(self, runs: Iterable[int]) -> list[tuple[int, int, str]]:
        return self.db.execute(
            f"SELECT run, writer, name FROM writer WHERE run IN {listed(runs)} ORDER BY name"
        ).fetchall()

    def chunks(self, runs: Iterable[int]) -> dict[int, ChunkHeader]:
        rows = self.db.execute(f"SELECT * FROM chunk WHERE run IN {listed(runs)}")
        headers = (ChunkHeader(*row) for row in rows)
        return {header.chunk: header for header in headers}

    def columns(self, runs: Iterable[int], keys: Iterable[int]) -> list[ColumnHeader]:
        rows = self.db.execute(
            f"SELECT * FROM col WHERE run IN {listed(runs)} AND key IN {listed(keys)}"
        )
        return [ColumnHeader(*row) for row in rows]

    def columns_in(
        self,
        chunks: Sequence[ChunkHeader],
        keys: Iterable[int] | None = None,
        *,
        steps: tuple[float, float] | None = None,
    ) -> list[ColumnHeader]:
        if not chunks:
            return []
        among = (
            "SELECT key FROM metric WHERE run = ?" if keys is None else ",".join(map(str, keys))
        )
        run = chunks[0].run
        values: list[float] = [run, run] if keys is None else [run]
        query = (
            f"SELECT * FROM col WHERE run = ? AND key IN ({among})"
            f" AND chunk IN {listed(chunk.chunk for chunk in chunks)}"
        )
        if steps is not None:
            query += f" AND (kinds & {KIND_BITS['object']} OR (step_hi >= ? AND step_lo <= ?))"
            values += steps
        return [ColumnHeader(*row) for row in self.db.execute(query, values)]

    def newest_columns(
        self, chunks: Sequence[ChunkHeader], keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        if not chunks:
            return []
        run, whole = chunks[0].run, listed(chunk.chunk for chunk in chunks)
        among = "" if keys is None else f" AND key IN {listed(keys)}"
        rows = self.db.execute(
            "SELECT col.* FROM col JOIN (SELECT key, max(latest) AS latest FROM col"
            f" WHERE run = ? AND chunk IN {whole}{among} GROUP BY key) AS newest"
            " ON col.key = newest.key AND col.latest = newest.latest"
            f" WHERE run = ? AND chunk IN {whole}",
            (run, run),
        )
        return [ColumnHeader(*row) for row in rows]

    def counts_in(self, chunks: Sequence[ChunkHeader]) -> list[tuple[int, int, int]]:
        if not chunks:
            return []
        return self.db.execute(
            "SELECT key, kinds, sum(n) FROM col"
            f" WHERE run = ? AND chunk IN {listed(chunk.chunk for chunk in chunks)}"
            " GROUP BY key, kinds",
            (chunks[0].run,),
        ).fetchall()

    def parts(self, numbers: Sequence[int]) -> dict[int, bytes]:
        return fetch_blobs(self.db, "part", "part", numbers)

    def fresh(self, numbers: Sequence[int]) -> dict[int, bytes]:
        return fetch_blobs(self.db, "fresh", "fresh", numbers)

    def chunk_stamp(self, run: int) -> tuple[int, int]:
        return self.db.execute(
            "SELECT coalesce(max(chunk), 0), count(*) FROM chunk WHERE run = ?", (run,)
        ).fetchone()

    def totals(self, run: int, *, system: bool | None) -> list[tuple[int, int, int]]:
        kinds, n = _TOTALS[system]
        query = f"SELECT key, {kinds}, {n} FROM metric WHERE run = ? AND {n} > 0"
        return self.db.execute(query, (run,)).fetchall()

    def totals_of(
        self, runs: Sequence[int], *, system: bool | None
    ) -> list[tuple[int, int, int, int]]:
        kinds, n = _TOTALS[system]
        every = [*KIND_BITS.values(), *_ORIGIN_BITS]
        bits = " + ".join(f"max({kinds} & {bit})" for bit in every)
        return self.db.execute(
            f"SELECT key, {bits}, sum({n}), count(*) FROM metric WHERE run IN {listed(runs)}"
            f" AND {n} > 0 GROUP BY key ORDER BY key"
        ).fetchall()

    def has_fractional_chunk(self, runs: Iterable[int], *, system: bool) -> bool:
        row = self.db.execute(
            f"SELECT 1 FROM chunk WHERE fractional AND system = ? AND run IN {listed(runs)}"
            " LIMIT 1",
            (system,),
        )
        return row.fetchone() is not None

    def console_streams(self, run: int) -> list[tuple[int, str]]:
        return self.db.execute(
            "SELECT writer, stream FROM console WHERE run = ? GROUP BY writer, stream", (run,)
        ).fetchall()

    def console_blocks(self, name: ConsoleName, lo: int, hi: int) -> list[ConsoleHeader]:
        rows = self.db.execute(
            "SELECT block, n, line_lo, line_hi, time_lo, time_hi FROM console"
            " WHERE run = ? AND writer = ? AND stream = ? AND block BETWEEN ? AND ?",
            (*name, lo, hi),
        )
        return [ConsoleHeader(*row) for row in rows]

    def console_data(self, name: ConsoleName, blocks: Sequence[int]) -> dict[int, bytes]:
        rows: Iterable[tuple[int, int, bytes]] = self.db.execute(
            "SELECT block, crc, data FROM console WHERE run = ? AND writer = ? AND stream = ?"
            f" AND block IN {listed(blocks)}",
            name,
        )
        return _checked(f"console lines of {name.stream}, block", rows)


_TOTALS: Final[Mapping[bool | None, tuple[str, str]]] = {
    None: ("(kinds | system_kinds | 16 * (n > 0) | 32 * (system_n > 0))", "(n + system_n)"),
    False: ("(kinds | 16)", "n"),
    True: ("(system_kinds | 32)", "system_n"),
}
"""SQL for the bits and points of a row of table `metric`, by `system`: all rows, logged rows,
samples."""


def fetch_blobs(
    db: sqlite3.Connection, table: str, column: str, numbers: Sequence[int]
) -> dict[int, bytes]:
    """Blobs of a table by their numbers, in statements of bounded length."""
    blobs: dict[int, bytes] = {}
    for at in range(0, len(numbers), IDS_PER_STATEMENT):
        placeholders = listed(numbers[at : at + IDS_PER_STATEMENT])
        rows: Iterable[Any] = db.execute(
            f"SELECT {column}, crc, data FROM {table} WHERE {column} IN {placeholders}"
        )
        blobs.update(_checked(table, rows))
    return blobs


def _checked(table: str, rows: Iterable[tuple[int, int, bytes]]) -> dict[int, bytes]:
    blobs: dict[int, bytes] = {}
    for number, crc, data in rows:
        if crc32(data) != crc:
            raise Damaged(f"{DAMAGED}: {table} {number}")
        blobs[number] = data
    return blobs
