"""The tables of ClickHouse: headers and parts of chunks, as the embedded engine encodes them.

Format: `docs/decisions/0049-distributed-metrics.md`. Rows are only ever added and, once nothing
refers to them, removed. A chunk is of one run, so of one partition; it is complete as soon as the
row of key 0 is there, which comes with its other headers as one block, after its parts. Does I/O.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from weft.errors import Damaged, Unavailable
from weft.server.storage.clickhouse.chunk_numbers import ChunkNumbers
from weft.server.storage.clickhouse.clients import Rows
from weft.server.storage.clickhouse.cluster import Cluster, Node, Shard
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.encoding.codec import DAMAGED
from weft.server.storage.metrics.schema import listed

WHOLE: Final = 0
"""The key of a chunk's own row; metrics are numbered from 1."""

PART_BITS: Final = 28
"""A part's number is its chunk's, shifted by so many bits, and its ordinal in the chunk."""

IDS_PER_STATEMENT: Final = 2000

# The granules are small, as a row of `part` may have a megabyte. Parts are in the order of their
# ordinal in the metric, so that cells of a long series are read without its points. ClickHouse 18
# and later take both statements, without a setting.
N_PARTITIONS: Final = 64
_PARTITION: Final = f"run % {N_PARTITIONS}"

_TABLES: Final = {
    "col": "(run UInt64, key UInt32, chunk UInt64, kinds UInt8, n UInt64, n_bytes UInt64,"
    " latest Int64, head String) ENGINE = {engine} PARTITION BY {partition}"
    " ORDER BY (run, key, chunk) SETTINGS index_granularity = 256",
    "part": "(run UInt64, key UInt32, nth UInt16, part UInt64, crc UInt32, data String)"
    " ENGINE = {engine} PARTITION BY {partition} ORDER BY (run, key, nth, part)"
    " SETTINGS index_granularity = 16",
    "owner": "(cluster String) ENGINE = {engine} ORDER BY cluster",
    "chunk_limit": "(chunk UInt64) ENGINE = {engine} ORDER BY chunk",
}
"""The columns and the engine of each table. `owner` has the number of the metadata database whose
chunks these are; `chunk_limit` see `chunk_numbers`."""

_COL: Final = ("run", "key", "chunk", "kinds", "n", "n_bytes", "latest", "head")
_PART: Final = ("run", "key", "nth", "part", "crc", "data")

_POLL_SECS: Final = 0.02
_DELETE_SECS: Final = 60.0


class ChunkId(NamedTuple):
    """The shard of a chunk in ClickHouse, and the numbers of its run and of itself there."""

    shard: str
    run: int
    chunk: int


class PartId(NamedTuple):
    """A part's number, and where its row is: shard, run, metric and ordinal in the metric."""

    shard: str
    run: int
    key: int
    nth: int
    part: int


_Id = TypeVar("_Id", ChunkId, PartId)


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
    ids = [PartId(*name[:2], WHOLE, nth, part) for nth, part in enumerate(range(first, end))]
    for header in columns:
        parts = range(header.part, header.part_hi)
        ids += [PartId(*name[:2], header.key, nth, part) for nth, part in enumerate(parts)]
    return ids


def create_tables(node: Node, definitions: Mapping[str, str] = _TABLES) -> None:
    """Create the database and the tables of a node unless they are there.

    `definitions` has the columns and the engine of each table, as `_TABLES` has.
    """
    clients = node.clients
    databases = clients.read_of_server("SELECT name FROM system.databases")
    # A user may have the rights of a database, and not the right to create one.
    if (clients.database.encode(),) not in databases:
        clients.read_of_server(f"CREATE DATABASE IF NOT EXISTS `{clients.database}`")
    names = {
        name.decode()
        for (name,) in clients.read(
            f"SELECT name FROM system.tables WHERE database = '{clients.database}'"
        )
    }
    for name, definition in definitions.items():
        if name in names:
            continue
        engine = "MergeTree"
        if node.replica is not None:
            path = f"/weft/{clients.database}/{{shard}}/{name}"
            engine = f"ReplicatedMergeTree('{path}', '{{replica}}')"
        text = definition.format(engine=engine, partition=_PARTITION)
        clients.change(f"CREATE TABLE IF NOT EXISTS {name} {text}")


def await_removal(n_rows: Callable[[], int], rows: str) -> None:
    """Wait until no row is left that was deleted; Unavailable if that takes long."""
    deadline = time.monotonic() + _DELETE_SECS
    while n_rows():
        if time.monotonic() > deadline:
            raise Unavailable(f"metrics: ClickHouse has not removed {rows} yet")
        time.sleep(_POLL_SECS)


class ChunkTables:
    """Reads and writes chunks of all shards. Thread-safe.

    Reads ask the replicas of a shard in turn for the rows that the earlier ones lack. They raise
    `Unavailable` where a chunk that they name is missing or incomplete on all of them.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.numbers = ChunkNumbers()

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
        self.numbers.reserve(self.cluster.shard(name.shard), name.chunk)
        ids = [id_[1:] for id_ in part_ids(name, len(parts), columns)]
        node = self.cluster.shard(name.shard).in_turn()[0]
        node.insert(
            "part", _PART,
            [*zip(*ids, strict=True), [crc32(data) for data in parts], parts],
        )  # fmt: skip
        n = len(columns) + 1
        node.insert(
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
        """Remove all rows of chunks, and wait until no replica has them."""
        for shard, batch in self._batches(names):
            runs, chunks = _runs(batch), listed(name.chunk for name in batch)
            node = shard.in_turn()[0]
            node.change(f"ALTER TABLE col DELETE WHERE run IN {runs} AND chunk IN {chunks}")
            node.change(
                f"ALTER TABLE part DELETE WHERE run IN {runs}"
                f" AND bitShiftRight(part, {PART_BITS}) IN {chunks}"
            )
        await_removal(lambda: self.n_rows(names), "old chunks")

    # Reading

    def n_rows(self, names: Sequence[ChunkId]) -> int:
        """The number of rows that chunks have in both tables of all replicas."""
        n_rows = 0
        for shard, batch in self._batches(names):
            runs, chunks = _runs(batch), listed(name.chunk for name in batch)
            for node in shard.nodes:
                ((n_columns,),) = node.read(
                    f"SELECT count() FROM col WHERE run IN {runs} AND chunk IN {chunks}"
                )
                ((n_parts,),) = node.read(
                    f"SELECT count() FROM part WHERE run IN {runs}"
                    f" AND bitShiftRight(part, {PART_BITS}) IN {chunks}"
                )
                n_rows += n_columns + n_parts
        return n_rows

    def copies(self, names: Sequence[ChunkId], *, all_answer: bool = False) -> dict[ChunkId, int]:
        """The number of replicas that have each chunk with all its parts.

        Nodes that are away count as without; Unavailable if `all_answer`.
        """
        copies = dict.fromkeys(names, 0)
        for shard, batch in self._batches(names):
            runs, chunks = _runs(batch), listed(name.chunk for name in batch)
            by_number = {name.chunk: name for name in batch}
            for node in shard.nodes:
                try:
                    whole = node.read(
                        f"SELECT chunk, n FROM col WHERE run IN {runs} AND key = {WHOLE}"
                        f" AND chunk IN {chunks}"
                    )
                    parts = node.read(
                        f"SELECT bitShiftRight(part, {PART_BITS}) AS chunk, count() FROM part"
                        f" WHERE run IN {runs} AND chunk IN {chunks} GROUP BY chunk"
                    )
                except Unavailable:
                    if all_answer:
                        raise
                    continue
                counts = dict(parts)
                for chunk, n_parts in whole:
                    copies[by_number[chunk]] += counts.get(chunk) == n_parts
        return copies

    def columns(self, names: Sequence[ChunkId], keys: Collection[int] | None) -> Rows:
        """Number of the chunk, number of the metric, and encoded header of metrics in chunks."""
        query = "SELECT key, chunk, head FROM col WHERE {among}"
        rows = self._whole(names, keys, query, lambda row: [row[1]])
        return [(chunk, key, head) for key, chunk, head in rows]

    def newest(self, names: Sequence[ChunkId], keys: Collection[int] | None) -> Rows:
        """As `columns`, of each metric only the headers with the largest `latest` of a batch."""
        query = (
            "SELECT key, latest, groupArray(chunk), groupArray(head) FROM col WHERE {among}"
            " GROUP BY key, latest ORDER BY key, latest DESC LIMIT 1 BY key"
        )
        return [
            (chunk, key, head)
            for key, _, chunks, heads in self._whole(names, keys, query, lambda row: row[2])
            for chunk, head in zip(chunks, heads, strict=True)
        ]

    def totals(self, names: Sequence[ChunkId]) -> Rows:
        """Run, number, bits of `KIND_BITS`, points and bytes of each metric in chunks."""
        query = (
            "SELECT key, run, groupBitOr(kinds), sum(n), sum(n_bytes),"
            f" groupArrayIf(chunk, key = {WHOLE}) FROM col"
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
        chunks_of: Callable[[tuple[Any, ...]], Iterable[int]],
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a query whose first column is the number of a metric, over chunks in batches.

        `chunks_of` lists the chunks of a row. Those of the chunks' own rows are whole.
        """
        for shard, batch in self._batches(names):
            missing = {name.chunk: name for name in batch}
            for rows in _ask(shard, missing, lambda left: query.format(among=_among(left, keys))):
                for row in rows:
                    if row[0] != WHOLE:
                        yield row
                        continue
                    for chunk in chunks_of(row):
                        missing.pop(chunk, None)
            _require(shard, len(missing), f"of {len(batch)} chunks")

    def parts(self, ids: Sequence[PartId]) -> dict[int, bytes]:
        """Parts by number."""
        blobs: dict[int, bytes] = {}
        for shard, batch in self._batches(ids):
            missing = {id_.part: id_ for id_ in batch}
            for rows in _ask(shard, missing, _parts_query):
                for part, crc, data in rows:
                    if crc32(data) != crc:
                        raise Damaged(f"{DAMAGED}: part {part}")
                    blobs[part] = data
                    missing.pop(part, None)
            _require(shard, len(missing), "parts of chunks")
        return blobs

    def _batches(self, ids: Sequence[_Id]) -> Iterator[tuple[Shard, Sequence[_Id]]]:
        """Names of one shard for one statement each."""
        by_shard: dict[str, list[_Id]] = {}
        for id_ in ids:
            by_shard.setdefault(id_.shard, []).append(id_)
        for name, own in by_shard.items():
            shard = self.cluster.shard(name)
            for at in range(0, len(own), IDS_PER_STATEMENT):
                yield shard, own[at : at + IDS_PER_STATEMENT]

    def close(self) -> None:
        """Close the connections."""
        self.cluster.close()


def _ask(
    shard: Shard, missing: Mapping[int, _Id], query: Callable[[Collection[_Id]], str]
) -> Iterator[Rows]:
    """The answers of a shard's replicas in turn, until nothing is missing.

    Unavailable if none of them answers.
    """
    errors: list[Unavailable] = []
    for node in shard.in_turn():
        if not missing:
            return
        try:
            rows = node.read(query(missing.values()))
        except Unavailable as error:
            errors.append(error)
            continue
        yield rows
    if len(errors) == len(shard.nodes):
        raise errors[0]


def _parts_query(ids: Collection[PartId]) -> str:
    return (
        f"SELECT part, crc, data FROM part WHERE run IN {_runs(ids)}"
        f" AND key IN {listed({id_.key for id_ in ids})}"
        f" AND nth IN {listed({id_.nth for id_ in ids})}"
        f" AND part IN {listed(id_.part for id_ in ids)}"
    )


def _runs(ids: Iterable[ChunkId | PartId]) -> str:
    return listed({id_.run for id_ in ids})


def _among(names: Collection[ChunkId], keys: Collection[int] | None) -> str:
    """The condition of the rows of metrics in chunks, and of the chunks' own rows."""
    chunks = listed(name.chunk for name in names)
    among = "" if keys is None else f" AND key IN {listed([WHOLE, *keys])}"
    return f"run IN {_runs(names)}{among} AND chunk IN {chunks}"


def _require(shard: Shard, n_missing: int, things: str) -> None:
    """Refuse to answer with fewer rows than PostgreSQL lists."""
    if n_missing:
        raise Unavailable(f"metrics: ClickHouse lacks {n_missing} {things}: {shard.title}")
