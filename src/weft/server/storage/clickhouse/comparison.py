"""Comparison of the chunks in ClickHouse with those that PostgreSQL lists. Does I/O.

What was moved stays in PostgreSQL until a second replica has the new chunk, and for a while; right
before it leaves, it is looked at again. Once a day one server compares all chunks: rows that
PostgreSQL does not list are removed, such as those of a mover that was paused in its insert. In
place of a lost chunk its batches are moved again, which PostgreSQL may still have, or the chunks
are listed again that were merged into it, which ClickHouse may; else it is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from weft.errors import Unavailable
from weft.server.storage.clickhouse.chunk_tables import (
    N_PARTITIONS,
    PART_BITS,
    ChunkId,
    ChunkTables,
)
from weft.server.storage.clickhouse.chunk_view import GONE, LISTED, decode_header
from weft.server.storage.clickhouse.cluster import Shard
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import decode_name
from weft.server.storage.clickhouse.presence import lock_store
from weft.server.storage.contract import Fault

COMPARED_SECS: Final = 86_400

_CONFIRMED_AT_ONCE: Final = 1000

_REMOVABLE: Final = """
SELECT run, min(stored) FROM (
    SELECT run, chunk AS stored FROM fresh WHERE chunk IS NOT NULL AND NOT EXISTS (
        SELECT FROM chunk c WHERE c.stored = fresh.chunk
        AND c.since >= clock_timestamp() - %s * interval '1 s')
    UNION ALL SELECT run, stored FROM chunk
        WHERE state = %s AND since < clock_timestamp() - %s * interval '1 s'
) AS old
WHERE NOT EXISTS (SELECT FROM chunk n WHERE n.run = old.run AND n.state = %s AND NOT n.copied)
GROUP BY run LIMIT 1000
"""
"""Runs with batches or chunks to remove, and the smallest number of these chunks."""

_HAS_BATCHES: Final = """
header IS NOT NULL AND EXISTS (SELECT FROM fresh f WHERE f.chunk = chunk.chunk)
AND NOT EXISTS (SELECT FROM fresh f WHERE f.chunk = chunk.chunk AND f.console)
"""
"""The condition that PostgreSQL still has all rows of a chunk as batches.

A move of console lines is not among them: it may have replaced earlier lines.
"""

_HAS_SOURCES: Final = "EXISTS (SELECT FROM chunk s WHERE s.merged_into = chunk.stored)"
"""The condition that the chunks which were merged into a chunk were not removed yet."""

_CHUNKS_OF_STORE: Final = f"""
SELECT shard, stored_run, chunk.stored, run.name, writer.name, header, stream, line_lo, line_hi,
    {_HAS_BATCHES}, {_HAS_SOURCES}
FROM chunk JOIN run USING (run) JOIN store USING (store)
    JOIN writer ON writer.writer = chunk.writer
    LEFT JOIN console_block b ON b.run = chunk.run AND b.stored = chunk.stored
WHERE store.name = %s AND chunk.state = %s ORDER BY run.name, chunk
"""

_log = logging.getLogger(__name__)


def confirm_copies(connections: Connections, tables: ChunkTables) -> None:
    """Note which new chunks a second replica has, where their shard has several."""
    with connections.use() as connection:
        rows = connection.execute(
            "SELECT DISTINCT shard, stored_run, stored FROM chunk WHERE state = %s AND NOT copied"
            " LIMIT %s",
            (LISTED, _CONFIRMED_AT_ONCE),
        ).fetchall()
    confirmed = [
        name.chunk
        for name, n_copies in tables.copies([ChunkId(*row) for row in rows]).items()
        if n_copies >= _n_needed(tables, name)
    ]
    if confirmed:
        connections.change(
            lambda connection: connection.execute(
                "UPDATE chunk SET copied = true WHERE stored = ANY(%s)", (confirmed,)
            )
        )


def look_again(connections: Connections, tables: ChunkTables, kept_secs: float) -> dict[int, int]:
    """The runs whose moved batches and replaced chunks may be removed, each with the first chunk
    of those: all that took their place, which have this number or a larger one, are in ClickHouse
    at this moment. What is not is noted, and moved again if no replica has it.
    """
    with connections.use() as connection:
        first_of = dict(
            connection.execute(_REMOVABLE, (kept_secs, GONE, kept_secs, LISTED)).fetchall()
        )
        rows = connection.execute(
            "SELECT run, shard, stored_run, stored FROM chunk"
            " JOIN unnest(%s::bigint[], %s::bigint[]) AS q (run, first) USING (run)"
            " WHERE state = %s AND stored >= first",
            ([*first_of], [*first_of.values()], LISTED),
        ).fetchall()
    copies = tables.copies([*dict.fromkeys(ChunkId(*name) for _, *name in rows)])
    missing = {name: n for name, n in copies.items() if n < _n_needed(tables, name)}
    if not missing:
        return first_of
    connections.change(
        lambda connection: connection.execute(
            "UPDATE chunk SET copied = false WHERE stored = ANY(%s)",
            ([name.chunk for name in missing],),
        )
    )
    lost = [name for name, n_copies in missing.items() if not n_copies]
    try:
        copies = tables.copies(lost, all_answer=True)
    except Unavailable:
        pass  # the replica that is away may have them
    else:
        _restore(connections, tables, [name for name in lost if not copies[name]])
    short = {run for run, *name in rows if ChunkId(*name) in missing}
    return {run: first for run, first in first_of.items() if run not in short}


def _n_needed(tables: ChunkTables, name: ChunkId) -> int:
    """The number of replicas that have to have a chunk before its sources go."""
    return min(2, len(tables.cluster.shard(name.shard).nodes))


def compare_daily(connections: Connections, tables: ChunkTables) -> bool:
    """Compare all chunks if that is due; returns whether it was. One server does it."""
    with connections.use() as connection:
        claimed = connection.execute(
            "UPDATE cluster SET compared = clock_timestamp()"
            " WHERE compared < clock_timestamp() - %s * interval '1 s'",
            (COMPARED_SECS,),
        )
    if not claimed.rowcount:
        return False
    for shard in tables.cluster.shards.values():
        try:
            for partition in range(N_PARTITIONS):
                _compare(connections, tables, shard, partition)
        except Unavailable as error:
            _log.warning("chunks were not compared: %s", error)
    return True


def find_lost(connections: Connections, tables: ChunkTables, store: str) -> Iterator[Fault]:
    """The chunks of a store that ClickHouse lost: rows of a writer, or lines of a stream.

    Unavailable if a node is away: it may have them.
    """
    with connections.use() as connection:
        rows = connection.execute(_CHUNKS_OF_STORE.encode(), (store, LISTED)).fetchall()
    copies = tables.copies([ChunkId(*row[:3]) for row in rows], all_answer=True)
    for *name, run, writer, header, stream, line_lo, line_hi, has_batches, has_sources in rows:
        if copies[ChunkId(*name)]:
            continue
        if header is None:
            things = f"lines {line_lo} to {line_hi} of {decode_name(stream)}"
        else:
            chunk = decode_header(header, name[2], 0, 0)
            things = f"rows {chunk.row_lo} to {chunk.row_hi}"
        rest = ""
        if has_batches:
            rest = "; PostgreSQL has them, and they are moved again"
        elif has_sources:
            rest = "; the chunks that were merged into theirs are read again, unless lost as well"
        yield Fault(f"ClickHouse lost {things}{rest}", run, writer)


def _compare(connections: Connections, tables: ChunkTables, shard: Shard, partition: int) -> None:
    # In this order: a chunk has its number in PostgreSQL before it has rows.
    stored = _stored(shard, partition)
    with connections.use() as connection:
        rows = connection.execute(
            "SELECT DISTINCT stored_run, stored, state FROM chunk"
            " WHERE shard = %s AND stored_run %% %s = %s",
            (shard.name, N_PARTITIONS, partition),
        ).fetchall()
    unowned = sorted(stored - {ChunkId(shard.name, run, chunk) for run, chunk, _ in rows})
    if unowned:
        tables.delete(unowned)
        _log.warning("removed %d unlisted chunks of %s", len(unowned), shard.title)
    listed = [ChunkId(shard.name, run, n) for run, n, state in rows if state == LISTED]
    copies = tables.copies(listed, all_answer=True)
    _restore(connections, tables, [name for name, n_copies in copies.items() if not n_copies])


def _restore(connections: Connections, tables: ChunkTables, lost: Sequence[ChunkId]) -> None:
    """Restore lost chunks from what they were made of, and log those that can't be."""
    restored = _move_again(connections, lost)
    restored |= _list_sources(
        connections, tables, [name for name in lost if name.chunk not in restored]
    )
    again = [name for name in lost if name.chunk in restored]
    if again:
        _log.warning(
            "ClickHouse lost %d chunks in %s, which are restored from what they were made of",
            len(again), _titles(tables, again),
        )  # fmt: skip
    rest = [name for name in lost if name.chunk not in restored]
    if rest:
        _log.error(
            "ClickHouse lost %d chunks of %d runs in %s; `weft server check` names them",
            len(rest), len({name.run for name in rest}), _titles(tables, rest),
        )  # fmt: skip


def _titles(tables: ChunkTables, names: Sequence[ChunkId]) -> str:
    return ", ".join(
        tables.cluster.shard(name).title for name in sorted({name.shard for name in names})
    )


def _move_again(connections: Connections, lost: Sequence[ChunkId]) -> set[int]:
    """Have movers take up the batches of lost chunks again; returns these chunks."""
    with connections.use() as connection:
        rows = connection.execute(
            "SELECT store, chunk FROM chunk JOIN run USING (run) WHERE chunk = ANY(%s) AND"
            f" {_HAS_BATCHES}".encode(),
            ([name.chunk for name in lost],),
        ).fetchall()

    def move(connection: Connection, store: int, chunk: int) -> bool:
        lock_store(connection, store)
        # All batches of a move leave PostgreSQL in one statement: all of them are there, or none.
        batches = connection.execute(
            "SELECT FROM fresh WHERE chunk = %s FOR UPDATE", (chunk,)
        ).rowcount
        if not batches:
            return False
        unlisted = connection.execute(
            "UPDATE chunk SET state = %s, since = clock_timestamp()"
            " WHERE chunk = %s AND state = %s",
            (GONE, chunk, LISTED),
        )
        if not unlisted.rowcount:
            return False
        connection.execute("UPDATE fresh SET chunk = NULL WHERE chunk = %s", (chunk,))
        return True

    moved: set[int] = set()
    for store, chunk in rows:
        if connections.change(partial(move, store=store, chunk=chunk)):
            moved.add(chunk)
    return moved


def _list_sources(
    connections: Connections, tables: ChunkTables, lost: Sequence[ChunkId]
) -> set[int]:
    """List the chunks again that were merged into lost ones, where all of them are in ClickHouse;
    returns these lost ones.
    """
    with connections.use() as connection:
        rows = connection.execute(
            "SELECT merged_into, shard, stored_run, stored FROM chunk WHERE merged_into = ANY(%s)",
            ([name.chunk for name in lost],),
        ).fetchall()
    sources: dict[int, set[ChunkId]] = {}
    for merge, *name in rows:
        sources.setdefault(merge, set()).add(ChunkId(*name))
    copies = tables.copies([*set().union(*sources.values())])
    restored: set[int] = set()
    for merge, names in sources.items():
        if all(copies[name] for name in names) and connections.change(
            partial(_replace_merge, merge=merge, n_sources=len(names))
        ):
            restored.add(merge)
    return restored


def _replace_merge(connection: Connection, merge: int, n_sources: int) -> bool:
    """List sources in place of a merge, in its run and those that are copies of it."""
    runs = connection.execute(
        "SELECT DISTINCT store, run FROM chunk JOIN run USING (run)"
        " WHERE stored = %s AND state = %s ORDER BY 1, 2",
        (merge, LISTED),
    ).fetchall()
    for store in dict.fromkeys(store for store, _ in runs):
        lock_store(connection, store)
    locked = connection.execute(
        "SELECT FROM chunk WHERE merged_into = %s AND state = %s FOR UPDATE", (merge, GONE)
    )
    if locked.rowcount != n_sources:
        return False
    # Metrics may have been deleted since they were merged, so they are `cut`.
    connection.execute(
        "WITH lost AS (UPDATE chunk SET state = %s, since = clock_timestamp()"
        " WHERE stored = %s AND state = %s RETURNING run, writer)"
        " INSERT INTO chunk (run, writer, shard, stored, stored_run, state, n_bytes, cut, header)"
        " SELECT lost.run, lost.writer, s.shard, s.stored, s.stored_run, %s, s.n_bytes, true,"
        " s.header FROM lost, chunk s WHERE s.merged_into = %s ORDER BY lost.run, s.chunk",
        (GONE, merge, LISTED, LISTED, merge),
    )
    connection.execute("UPDATE chunk SET merged_into = NULL WHERE merged_into = %s", (merge,))
    return True


def _stored(shard: Shard, partition: int) -> set[ChunkId]:
    """The chunks of which any replica has rows. Unavailable if one is away."""
    where = f"WHERE run % {N_PARTITIONS} = {partition}"
    queries: Sequence[str] = (
        f"SELECT DISTINCT run, chunk FROM col {where}",
        f"SELECT DISTINCT run, bitShiftRight(part, {PART_BITS}) FROM part {where}",
    )
    return {
        ChunkId(shard.name, *row)
        for node in shard.nodes
        for query in queries
        for row in node.read(query)
    }
