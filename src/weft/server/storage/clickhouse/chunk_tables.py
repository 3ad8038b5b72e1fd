"""The tables of ClickHouse: headers and parts of chunks, as the embedded engine encodes them.

Format: `docs/decisions/0049-distributed-metrics.md`. Rows are only ever added and, once nothing
refers to them, removed. A chunk is of one run, so of one partition; it is complete as soon as the
row of key 0 is there, which comes with its other headers as one block, after its parts. Does I/O.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from weft.errors import Damaged, Unavailable
from weft.server.storage.clickhouse.clients import Clients, Rows
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.encoding.codec import DAMAGED
from weft.server.storage.metrics.schema import listed

WHOLE: Final = 0
"""The key of a chunk's own row; metrics are numbered from 1."""

PART_BITS: Final = 28
"""A part's number is that of its chunk, shifted by so many bits, and its ordinal in the chunk."""

IDS_PER_STATEMENT: Final = 2000

# The granules are small, as a row of `part` may have a megabyte. Parts are in the order of their
# ordinal in the metric, so that cells of a long series are read without its points. The dialect is
# that of ClickHouse 18 and later; neither statement needs a setting.
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS `{database}`.col (run UInt64, key UInt32, chunk UInt64,"
    " kinds UInt8, n UInt64, n_bytes UInt64, latest Int64, head String)"
    " ENGINE = MergeTree PARTITION BY run % 64 ORDER BY (run, key, chunk)"
    " SETTINGS index_granularity = 256",
    "CREATE TABLE IF NOT EXISTS `{database}`.part (run UInt64, key UInt32, nth UInt16,"
    " part UInt64, crc UInt32, data String)"
    " ENGINE = MergeTree PARTITION BY run % 64 ORDER BY (run, key, nth, part)"
    " SETTINGS index_granularity = 16",
)

_COL: Final = ("run", "key", "chunk", "kinds", "n", "n_bytes", "latest", "head")
_PART: Final = ("run", "key", "nth", "part", "crc", "data")

_POLL_SECS: Final = 0.02
_DELETE_SECS: Final = 60.0


_T = TypeVar("_T")


class ChunkId(NamedTuple):
    """The numbers of a run and of one of its chunks in ClickHouse."""

    run: int
    chunk: int


class PartId(NamedTuple):
    """A part's number, and where its row is: run, metric and ordinal in the metric."""

    run: int
    key: int
    nth: int
    part: int


def first_part(chunk: int) -> int:
    """The number of a chunk's first part."""
    return chunk << PART_BITS


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder()


def decode_head(head: bytes, chunk: ChunkHeader) -> ColumnHeader:
    """The header of a metric in a chunk. Copies of runs share rows of ClickHouse."""
    _, key, _, *fields = _decoder.decode(head)
    return ColumnHeader(chunk.run, key, chunk.chunk, *fields)


def part_ids(name: ChunkId, n_parts: int, columns: Sequence[ColumnHeader]) -> list[PartId]:
    """Where the rows of a chunk's parts are, given the headers of all its metrics, in order."""
    first = first_part(name.chunk)
    end = columns[0].part if columns else first + n_parts
    ids = [PartId(name.run, WHOLE, nth, part) for nth, part in enumerate(range(first, end))]
    for header in columns:
        parts = range(header.part, header.part_hi)
        ids += [PartId(name.run, header.key, nth, part) for nth, part in enumerate(parts)]
    return ids


class ChunkTables:
    """Reads and writes chunks. Thread-safe.

    Reads raise `Unavailable` where a chunk that they name is missing or incomplete.
    """

    def __init__(self, url: str) -> None:
        self._clients = Clients(url)

    def create(self) -> None:
        """Create the database and the tables unless they are there."""
        self._clients.create_database()
        for statement in _TABLES:
            self._clients.read(statement.format(database=self._clients.database))

    # Writing

    def insert(
        self,
        name: ChunkId,
        parts: Sequence[bytes],
        columns: Sequence[ColumnHeader],
    ) -> None:
        """Write a chunk, whose number has never been used before.

        After an error the chunk may be there or not.
        """
        ids = part_ids(name, len(parts), columns)
        self._clients.insert(
            "part", _PART,
            [*zip(*ids, strict=True), [crc32(data) for data in parts], parts],
        )  # fmt: skip
        n = len(columns) + 1
        self._clients.insert(
            "col", _COL,
            [
                [name.run] * n,
                [WHOLE, *(header.key for header in columns)],
                [name.chunk] * n,
                [0, *(header.kinds for header in columns)],
                [len(parts), *(header.n for header in columns)],
                [0, *(header.n_bytes for header in columns)],
                [0, *(header.latest for header in columns)],
                [b"", *(_encoder.encode(header) for header in columns)],
            ],
        )  # fmt: skip

    def delete(self, names: Sequence[ChunkId]) -> None:
        """Remove all rows of chunks, and wait until they are gone."""
        runs, chunks = _runs(names), listed(name.chunk for name in names)
        self._clients.read(f"ALTER TABLE col DELETE WHERE run IN {runs} AND chunk IN {chunks}")
        self._clients.read(
            f"ALTER TABLE part DELETE WHERE run IN {runs}"
            f" AND bitShiftRight(part, {PART_BITS}) IN {chunks}"
        )
        deadline = time.monotonic() + _DELETE_SECS
        while self.n_rows(names):
            if time.monotonic() > deadline:
                raise Unavailable("metrics: ClickHouse has not removed old chunks yet")
            time.sleep(_POLL_SECS)

    # Reading

    def n_rows(self, names: Sequence[ChunkId]) -> int:
        """The number of rows that chunks have in both tables."""
        runs, chunks = _runs(names), listed(name.chunk for name in names)
        ((n_columns,),) = self._clients.read(
            f"SELECT count() FROM col WHERE run IN {runs} AND chunk IN {chunks}"
        )
        ((n_parts,),) = self._clients.read(
            f"SELECT count() FROM part WHERE run IN {runs}"
            f" AND bitShiftRight(part, {PART_BITS}) IN {chunks}"
        )
        return n_columns + n_parts

    def columns(self, names: Sequence[ChunkId], keys: Collection[int] | None) -> Rows:
        """Number of the chunk, number of the metric, and encoded header of metrics in chunks."""
        query = "SELECT key, chunk, head FROM col WHERE {among}"
        rows = self._whole(names, keys, query, lambda _: 1)
        return [(chunk, key, head) for key, chunk, head in rows]

    def newest(self, names: Sequence[ChunkId], keys: Collection[int] | None) -> Rows:
        """As `columns`, of each metric only the headers with the largest `latest` of a batch."""
        query = (
            "SELECT key, latest, groupArray(chunk), groupArray(head) FROM col WHERE {among}"
            " GROUP BY key, latest ORDER BY key, latest DESC LIMIT 1 BY key"
        )
        return [
            (chunk, key, head)
            for key, _, chunks, heads in self._whole(names, keys, query, lambda row: len(row[2]))
            for chunk, head in zip(chunks, heads, strict=True)
        ]

    def totals(self, names: Sequence[ChunkId]) -> Rows:
        """Run, number, bits of `KIND_BITS`, points and bytes of each metric in chunks."""
        query = (
            "SELECT key, run, groupBitOr(kinds), sum(n), sum(n_bytes), count() FROM col"
            " WHERE {among} GROUP BY run, key"
        )
        totals: dict[tuple[int, int], tuple[int, int, int]] = {}
        for key, run, kinds, n, n_bytes, _ in self._whole(names, None, query, lambda row: row[5]):
            before = totals.get((run, key), (0, 0, 0))
            totals[run, key] = before[0] | kinds, before[1] + n, before[2] + n_bytes
        return [(*name, *total) for name, total in totals.items()]

    def _whole(
        self,
        names: Sequence[ChunkId],
        keys: Collection[int] | None,
        query: str,
        n_chunks: Callable[[tuple[Any, ...]], int],
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a query whose first column is the number of a metric, over chunks in batches.

        `n_chunks` counts the chunks of a row; those of the chunks' own rows are all, or
        `Unavailable`.
        """
        for batch in _batches(names):
            answer = self._clients.read(query.format(among=_among(batch, keys)))
            _require(len(batch), sum(n_chunks(row) for row in answer if row[0] == WHOLE))
            yield from (row for row in answer if row[0] != WHOLE)

    def parts(self, ids: Sequence[PartId]) -> dict[int, bytes]:
        """Parts by number."""
        blobs: dict[int, bytes] = {}
        for batch in _batches(ids):
            answer = self._clients.read(
                f"SELECT part, crc, data FROM part WHERE run IN {_runs(batch)}"
                f" AND key IN {listed({id_.key for id_ in batch})}"
                f" AND nth IN {listed({id_.nth for id_ in batch})}"
                f" AND part IN {listed(id_.part for id_ in batch)}"
            )
            for part, crc, data in answer:
                if crc32(data) != crc:
                    raise Damaged(f"{DAMAGED}: part {part}")
                blobs[part] = data
        missing = [id_ for id_ in ids if id_.part not in blobs]
        if missing:
            raise Unavailable(f"metrics: ClickHouse lacks {len(missing)} parts of chunks")
        return blobs

    def close(self) -> None:
        """Close the connections."""
        self._clients.close()


def open_tables(url: str) -> ChunkTables:
    """The tables of a database, which are created unless they are there."""
    tables = ChunkTables(url)
    try:
        tables.create()
    except BaseException:
        tables.close()
        raise
    return tables


def _batches(ids: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (ids[at : at + IDS_PER_STATEMENT] for at in range(0, len(ids), IDS_PER_STATEMENT))


def _runs(ids: Iterable[ChunkId | PartId]) -> str:
    return listed({id_.run for id_ in ids})


def _among(names: Sequence[ChunkId], keys: Collection[int] | None) -> str:
    """The condition of the rows of metrics in chunks, and of the chunks' own rows."""
    chunks = listed(name.chunk for name in names)
    among = "" if keys is None else f" AND key IN {listed([WHOLE, *keys])}"
    return f"run IN {_runs(names)}{among} AND chunk IN {chunks}"


def _require(n_chunks: int, n_whole: int) -> None:
    """Refuse to answer with fewer rows than PostgreSQL lists."""
    if n_whole < n_chunks:
        raise Unavailable(f"metrics: ClickHouse lacks {n_chunks - n_whole} of {n_chunks} chunks")
