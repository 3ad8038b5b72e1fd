"""One move: fresh batches become a chunk and blocks of console lines, or chunks a larger one.

Its steps, with what a kill after each leaves:

- M1, intent: numbers that were never used before, durable in PostgreSQL. It keeps others from the
  writer's rows, and runs out.
- M2, insert: rows in ClickHouse that no read asks for.
- M3, an unknown answer: the numbers are abandoned, and the next try has others. Where there is
  another replica, it follows at once.
- M4, swap: one transaction lists what is new and takes away what went into it, if nothing of that
  has changed and the intent has not run out. Appends to the store may go on, deletions wait.
- M5, removal of what was replaced or abandoned, after a while (`mover`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from weft.errors import Unavailable
from weft.server.storage.clickhouse.chunk_tables import ChunkId, ChunkTables, first_part
from weft.server.storage.clickhouse.chunk_view import GONE, LISTED, WRITING, encode_header
from weft.server.storage.clickhouse.cluster import Shard
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import decode_name, encode_name
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE, PostgresView, Reader
from weft.server.storage.clickhouse.schema import LOCKS
from weft.server.storage.contract import ConsoleLine, MoveTimes, StepMetric
from weft.server.storage.metrics.chunking.new_chunk import (
    ChunkSource,
    ChunkTarget,
    NewChunk,
    chunk_sources,
)
from weft.server.storage.metrics.chunking.plan import oldest_batches
from weft.server.storage.metrics.encoding.block import RowClass, drop_points
from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.encoding.console_block import (
    ConsoleBlock,
    encode_block,
    merge_lines,
)
from weft.server.storage.metrics.fresh import decode_fresh
from weft.server.storage.metrics.view import ConsoleName


class _GaveUp(Exception):
    """Others move the writer's rows, an input has changed, or the intent has run out."""


class _BlockName(NamedTuple):
    stream: str
    block: int


@dataclass(slots=True)
class _Inputs:
    """Fresh batches and lines, or chunks, of one class.

    Attributes:
        batches: checksums of fresh batches, by number.
        old_blocks: the numbers of stored blocks of console lines that new ones replace.
    """

    sources: Sequence[ChunkSource]
    chunks: Sequence[int] = ()
    batches: Mapping[int, int] = field(default_factory=dict[int, int])
    blocks: Mapping[_BlockName, ConsoleBlock] = field(
        default_factory=dict[_BlockName, ConsoleBlock]
    )
    old_blocks: Mapping[_BlockName, int] = field(default_factory=dict[_BlockName, int])


@dataclass(slots=True)
class _Outputs:
    """New chunks in ClickHouse: their sizes, the header of rows, the numbers of console blocks."""

    header: ChunkHeader | None
    n_bytes: dict[int, int]
    blocks: dict[_BlockName, int]


class _Swapped(NamedTuple):
    """When a swap got the lock of its store, and how long each batch had waited for it."""

    locked_secs: float
    wait_secs: Sequence[float]


class Move:
    """Moves rows of one class."""

    def __init__(
        self,
        connections: Connections,
        reader: Reader,
        tables: ChunkTables,
        store: int,
        run: int,
        row_class: RowClass,
        times: MoveTimes,
    ) -> None:
        self._connections = connections
        self._reader = reader
        self._tables = tables
        self._store = store
        self._run = run
        self._class = row_class
        self._times = times

    def from_fresh(self) -> bool:
        """Move a writer's oldest fresh batches. False if others have moved them."""
        with self._reader.snapshot([self._run]) as view:
            entries = oldest_batches(view.listings[self._run].get(self._class, ()))
            blobs = view.fresh([entry.fresh for entry in entries])
            decoded = [decode_fresh(blobs[entry.fresh]) for entry in entries]
            tombs = view.tombs.get(self._run, {}).get(self._class.writer, {})
            sources = [
                ChunkSource(drop_points(block, tombs)) for block, _ in decoded if len(block)
            ]
            inputs = _Inputs(sources, batches={n: crc32(data) for n, data in blobs.items()})
            self._merge_console(view, inputs, [line for _, lines in decoded for line in lines])
            return bool(entries) and self._make(view, inputs)

    def from_chunks(self, group: Sequence[ChunkHeader]) -> bool:
        """Merge chunks of one class into one. False if one of them is gone."""
        numbers = [chunk.chunk for chunk in group]
        with self._reader.snapshot([self._run]) as view:
            present = view.chunks([self._run])
            if not all(number in present for number in numbers):
                return False
            return self._make(view, _Inputs(chunk_sources(view, group), chunks=numbers))

    def _merge_console(
        self, view: PostgresView, inputs: _Inputs, lines: Sequence[ConsoleLine]
    ) -> None:
        if not lines:
            return
        rows = view.connection.execute(
            "SELECT stream, block, stored FROM console_block WHERE run = %s AND writer = %s",
            (self._run, self._class.writer),
        )
        stored = {_BlockName(decode_name(stream), block): n for stream, block, n in rows}

        def read(stream: str, block: int) -> bytes | None:
            name = ConsoleName(self._run, self._class.writer, stream)
            return view.console_data(name, [block]).get(block)

        inputs.blocks = {_BlockName(*name): b for name, b in merge_lines(lines, read).items()}
        inputs.old_blocks = {name: stored[name] for name in inputs.blocks if name in stored}

    def _make(self, view: PostgresView, inputs: _Inputs) -> bool:
        """Move, with another replica at once where one fails. False if others move the rows."""
        shard = self._shard(view)
        for n_left in reversed(range(len(shard.nodes))):
            try:
                self._move(view, inputs, shard)
            except _GaveUp:
                return False
            except Unavailable:
                if shard.is_resting or not n_left:
                    raise
            else:
                return True
        return False

    def _move(self, view: PostgresView, inputs: _Inputs, shard: Shard) -> None:
        numbers = self._intend(inputs, shard)
        try:
            outputs = self._insert(view, inputs, shard, numbers)
            swapped = self._connections.change(
                lambda connection: self._swap(connection, view, inputs, outputs, numbers)
            )
        except BaseException:
            self._abandon(numbers)
            raise
        self._times.locks.add(time.monotonic() - swapped.locked_secs)
        for secs in swapped.wait_secs:
            self._times.waits.add(secs)
        if not outputs.n_bytes:
            self._abandon(numbers)

    # M1

    def _shard(self, view: PostgresView) -> Shard:
        """The shard that the run's chunks are on already, if it has some."""
        row = view.connection.execute(
            "SELECT shard FROM chunk WHERE run = %s AND state = %s LIMIT 1", (self._run, LISTED)
        ).fetchone()
        cluster = self._tables.cluster
        shard = cluster.shard(cluster.shard_of(self._run) if row is None else row[0])
        if shard.is_resting:
            raise Unavailable(f"metrics: ClickHouse is not available: {shard.title}")
        return shard

    def _intend(self, inputs: _Inputs, shard: Shard) -> list[int]:
        self._tables.numbers.pass_over_used(self._connections, shard)
        return self._connections.change(
            lambda connection: self._take_numbers(connection, inputs, shard)
        )

    def _take_numbers(self, connection: Connection, inputs: _Inputs, shard: Shard) -> list[int]:
        connection.execute(
            "SELECT FROM writer WHERE writer = %s FOR UPDATE", (self._class.writer,)
        )
        intents = connection.execute(
            "SELECT FROM chunk WHERE run = %s AND writer = %s AND state = %s LIMIT 1",
            (self._run, self._class.writer, WRITING),
        )
        present = connection.execute(
            "SELECT FROM fresh WHERE fresh = ANY(%s) AND chunk IS NULL UNION ALL"
            " SELECT FROM chunk WHERE chunk = ANY(%s) AND state = %s",
            (list(inputs.batches), list(inputs.chunks), LISTED),
        )
        if intents.rowcount or present.rowcount != len(inputs.batches) + len(inputs.chunks):
            raise _GaveUp
        # Batches from which all was deleted leave with a chunk that is never written.
        n = len(inputs.blocks) + bool(inputs.sources) or 1
        rows = connection.execute(
            "INSERT INTO chunk (chunk, stored, run, stored_run, writer, shard)"
            " SELECT q.n, q.n, %s, %s, %s, %s FROM"
            " (SELECT nextval('chunk_number') AS n FROM generate_series(1, %s)) AS q"
            " RETURNING chunk",
            (self._run, self._run, self._class.writer, shard.name, n),
        )
        return [chunk for (chunk,) in rows]

    # M2

    def _insert(
        self, view: PostgresView, inputs: _Inputs, shard: Shard, numbers: Sequence[int]
    ) -> _Outputs:
        outputs = _Outputs(None, {}, {})
        remaining = list(numbers)
        if inputs.sources:
            chunk = ChunkId(shard.name, self._run, remaining.pop())
            outputs.header = self._insert_chunk(view, inputs.sources, chunk)
            outputs.n_bytes[outputs.header.chunk] = outputs.header.n_bytes
        for name, block in inputs.blocks.items():
            number = remaining.pop()
            data = encode_block(block)
            self._tables.insert(ChunkId(shard.name, self._run, number), [data], [])
            outputs.n_bytes[number] = len(data)
            outputs.blocks[name] = number
        return outputs

    def _insert_chunk(
        self, view: PostgresView, sources: Sequence[ChunkSource], name: ChunkId
    ) -> ChunkHeader:
        parts: list[bytes] = []
        header, columns = self._encode(view, sources, name.chunk, parts)
        self._tables.insert(name, parts, columns)
        return header

    def _encode(
        self,
        view: PostgresView,
        sources: Sequence[ChunkSource],
        number: int,
        parts: list[bytes],
    ) -> tuple[ChunkHeader, list[ColumnHeader]]:
        ((origin,),) = view.connection.execute(
            "SELECT origin FROM run WHERE run = %s", (self._run,)
        ).fetchall()
        rows = view.connection.execute(
            "SELECT name, metric, step_sync FROM axis_rule WHERE run = %s", (self._run,)
        )
        rules = {
            decode_name(name): StepMetric(decode_name(metric), step_sync)
            for name, metric, step_sync in rows
        }
        target = ChunkTarget(self._run, origin, rules, self._class, number, first_part(number))
        return NewChunk(
            self._reader, view, target, sources, lambda _, data: parts.append(data)
        ).encode()

    # M3

    def _abandon(self, numbers: Sequence[int]) -> None:
        self._connections.change(
            lambda connection: connection.execute(
                "UPDATE chunk SET state = %s, since = clock_timestamp()"
                " WHERE chunk = ANY(%s) AND state = %s",
                (GONE, list(numbers), WRITING),
            )
        )

    # M4

    def _swap(
        self,
        connection: Connection,
        view: PostgresView,
        inputs: _Inputs,
        outputs: _Outputs,
        numbers: Sequence[int],
    ) -> _Swapped:
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (LOCKS, self._store))
        locked_secs = time.monotonic()
        self._check_run(connection, view)
        header = outputs.header
        data = None if header is None else encode_header(header)
        for chunk, n_bytes in outputs.n_bytes.items():
            listed = connection.execute(
                "UPDATE chunk SET state = %s, since = clock_timestamp(), n_bytes = %s, header = %s"
                " WHERE chunk = %s AND state = %s",
                (
                    LISTED, n_bytes, data if header and header.chunk == chunk else None,
                    chunk, WRITING,
                ),
            )  # fmt: skip
            _require(listed.rowcount, 1)
        moved = connection.execute(
            "UPDATE fresh SET chunk = %s FROM unnest(%s::bigint[], %s::bigint[]) AS q (fresh, crc)"
            " WHERE fresh.fresh = q.fresh AND fresh.crc = q.crc AND chunk IS NULL"
            " RETURNING extract(epoch FROM clock_timestamp() - received)::float8",
            (numbers[0], list(inputs.batches), list(inputs.batches.values())),
        )
        _require(moved.rowcount, len(inputs.batches))
        self._replace(connection, "chunk", inputs.chunks, header.chunk if header else None)
        for name, number in outputs.blocks.items():
            self._put_block(connection, name, inputs, number)
        self._replace(connection, "stored", list(inputs.old_blocks.values()))
        return _Swapped(locked_secs, [secs for (secs,) in moved.fetchall()])

    def _check_run(self, connection: Connection, view: PostgresView) -> None:
        """Give up if the run is deleted, or metrics of it were since its rows were read."""
        state = connection.execute(
            "SELECT gone FROM run WHERE run = %s FOR SHARE", (self._run,)
        ).fetchone()
        rows = connection.execute(
            "SELECT key, row_hi FROM tomb WHERE run = %s AND writer = %s",
            (self._run, self._class.writer),
        )
        tombs = view.tombs.get(self._run, {}).get(self._class.writer, {})
        if state not in {(LIVE,), (HIDDEN,)} or dict(rows.fetchall()) != tombs:
            raise _GaveUp

    def _replace(
        self,
        connection: Connection,
        column: str,
        numbers: Sequence[int],
        merge: int | None = None,
    ) -> None:
        replaced = connection.execute(
            b"UPDATE chunk SET state = %s, since = clock_timestamp(), merged_into = %s"
            + f" WHERE run = %s AND {column} = ANY(%s) AND state = %s".encode(),
            (GONE, merge, self._run, list(numbers), LISTED),
        )
        _require(replaced.rowcount, len(numbers))

    def _put_block(
        self, connection: Connection, name: _BlockName, inputs: _Inputs, number: int
    ) -> None:
        block = inputs.blocks[name]
        values = (
            number, len(block), int(block.numbers[0]), int(block.numbers[-1]),
            int(block.micros.min()), int(block.micros.max()),
            self._run, self._class.writer, encode_name(name.stream), name.block,
        )  # fmt: skip
        if name in inputs.old_blocks:
            put = connection.execute(
                "UPDATE console_block SET stored = %s, n = %s, line_lo = %s, line_hi = %s,"
                " time_lo = %s, time_hi = %s"
                " WHERE run = %s AND writer = %s AND stream = %s AND block = %s AND stored = %s",
                (*values, inputs.old_blocks[name]),
            )
        else:
            put = connection.execute(
                "INSERT INTO console_block (stored, n, line_lo, line_hi, time_lo, time_hi, run,"
                " writer, stream, block) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                values,
            )
        _require(put.rowcount, 1)


def _require(n_changed: int, n: int) -> None:
    if n_changed != n:
        raise _GaveUp
