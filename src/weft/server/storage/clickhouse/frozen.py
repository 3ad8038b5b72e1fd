"""One state of a store, held while others write to it, for archives and checks. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from weft.errors import Unavailable
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE, PostgresView
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
from weft.server.storage.metrics.encoding.block import Block, RowClass, drop_points
from weft.server.storage.metrics.encoding.row_set import RowSet
from weft.server.storage.metrics.encoding.run_state import run_states
from weft.server.storage.metrics.fresh import decode_fresh
from weft.server.storage.metrics.reading.console import read_console_blocks
from weft.server.storage.metrics.reading.keys import read_columns
from weft.server.storage.metrics.view import read_axes


class FrozenShared:
    """`FrozenStore` in one transaction of PostgreSQL.

    Close it soon: PostgreSQL can't clean up what has changed since. FileNotFoundError if the store
    is missing or has no run.
    """

    def __init__(
        self, connections: Connections, keys: Keys, tables: ChunkTables | None, name: str
    ) -> None:
        self._keys = keys
        self._tables = tables
        self._stack = ExitStack()
        self._connection = self._stack.enter_context(connections.snapshot())
        rows = self._connection.execute(
            "SELECT run.name, run, origin, gone FROM run JOIN store USING (store)"
            " WHERE store.name = %s AND gone = ANY(%s)",
            (name, [LIVE, HIDDEN]),
        ).fetchall()
        if not rows:
            self.close()
            raise FileNotFoundError(name)
        self._runs = {
            run_name: RawRun(run, run_name, origin, gone == HIDDEN)
            for run_name, run, origin, gone in rows
        }

    def n_bytes(self) -> int:
        numbers = [run.number for run in self._runs.values()]
        ((n_bytes,),) = self._connection.execute(
            "SELECT coalesce(sum(n_bytes), 0)::bigint FROM stored_bytes WHERE run = ANY(%s)",
            (numbers,),
        ).fetchall()
        return n_bytes

    def copy_to(self, to: MetricEngine, name: str, advance: Advance) -> None:
        """See `FrozenStore.copy_to`; there is no such copy."""
        del to, name, advance
        raise Unavailable(
            "points that several servers share are not in such a backup: dump the metadata "
            "database with pg_dump, and right after it back up ClickHouse, if there is one; the "
            "page /docs/scale of the server has each step"
        )

    def run_names(self) -> list[str]:
        return [name for name, run in self._runs.items() if not run.hidden]

    def all_names(self) -> list[str]:
        return list(self._runs)

    def runs(self) -> dict[str, RawRun]:
        return self._runs

    def streams(self, run: RawRun) -> dict[str, StreamPosition]:
        rows = self._connection.execute(
            "SELECT name, position, state, n_rows, tail FROM stream JOIN position USING (stream)"
            " LEFT JOIN decoder USING (stream) WHERE run = %s ORDER BY name",
            (run.number,),
        )
        return {
            name: StreamPosition(position, state or b"", n_rows, tail)
            for name, position, state, n_rows, tail in rows
        }

    def _view(self, run: RawRun) -> PostgresView:
        return PostgresView(self._connection, [run.number], self._tables)

    def states(self) -> dict[str, bytes]:
        numbers = [run.number for run in self._runs.values()]
        queries = (
            "SELECT run, name, position FROM stream JOIN position USING (stream)"
            " WHERE run = ANY(%s) ORDER BY run, name",
            "SELECT run, writer, key, row_hi FROM tomb WHERE run = ANY(%s) ORDER BY 1, 2, 3",
            # The runs with console lines, which are deleted all together.
            "SELECT run FROM fresh WHERE run = ANY(%s) AND console AND chunk IS NULL"
            " UNION SELECT run FROM chunk WHERE run = ANY(%s) AND header IS NULL AND state = 1"
            " ORDER BY run",
        )
        tables = [
            self._connection.execute(query, [numbers] * query.count("%s")).fetchall()
            for query in queries
        ]
        return run_states(self._runs.values(), *tables)

    def row_spans(self, run: RawRun) -> dict[str, list[tuple[int, int]]]:
        rows = self._connection.execute(
            "SELECT name, spans FROM writer WHERE run = %s ORDER BY name", (run.number,)
        )
        return {name: list(zip(ends[::2], ends[1::2], strict=True)) for name, ends in rows}

    def rows(self, run: RawRun, *, present: RowSpans | None = None) -> Iterator[RawRows]:
        """See `FrozenStore.rows`. Memory: one chunk or batch at a time."""
        view = self._view(run)
        for _, writer, name in view.writers([run.number]):
            skipped = RowSet((present or {}).get(name, ()))
            tombs = view.tombs.get(run.number, {}).get(writer, {})
            for chunk in view.chunks([run.number]).values():
                if chunk.writer == writer and not skipped.has_span(chunk.row_lo, chunk.row_hi):
                    block = read_axes(view, chunk)
                    headers = view.columns_in([chunk])
                    block.columns = {
                        header.key: columns for header, columns in read_columns(view, headers)
                    }
                    yield self._raw(name, chunk.row_class, drop_points(block, tombs))
            for row_class, entries in view.listings[run.number].items():
                if row_class.writer != writer:
                    continue
                for entry in sorted(entries, key=lambda entry: entry.row_lo):
                    if entry.n and not skipped.has_span(entry.row_lo, entry.row_hi):
                        block = decode_fresh(view.fresh([entry.fresh])[entry.fresh])[0]
                        yield self._raw(name, row_class, drop_points(block, tombs))

    def _raw(self, writer: str, row_class: RowClass, block: Block) -> RawRows:
        columns: dict[str, list[Column]] = {
            self._keys.name(key, self._connection): block.columns[key] for key in block.columns
        }
        return RawRows(
            writer, row_class.system, row_class.offset, block.rows, block.steps, block.times,
            block.continues, columns,
        )  # fmt: skip

    def console(self, run: RawRun) -> Iterator[tuple[str, list[ConsoleLine]]]:
        yield from read_console_blocks(self._view(run), run.number)

    def close(self) -> None:
        """See `FrozenStore.close`."""
        self._stack.close()
