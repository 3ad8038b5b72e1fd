"""A read's names, numbers and view of one moment, for `storage.metrics.reading`.

A read looks up its runs and opens its view in one transaction of PostgreSQL, so that it sees all
that any server has acknowledged before, and nothing in part.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Final
from zlib import crc32

from weft.errors import Damaged
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.chunk_view import ChunkView
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.metrics.encoding.block import Block, RowClass, drop_points
from weft.server.storage.metrics.encoding.codec import DAMAGED
from weft.server.storage.metrics.fresh import FreshEntry, FreshReader, Listing
from weft.server.storage.metrics.view import (
    KeyOrder,
    RunInfo,
    View,
)

LIVE: Final = 0
DELETED: Final = 1
EMPTIED: Final = 2
HIDDEN: Final = 3
"""Values of a run's column `gone`, as in the embedded engine. A deleted run keeps its number under
a name that no one can log to; its old name has an emptied row as its tombstone."""


def run_info(run: int, origin: int | None, gone: int) -> RunInfo:
    """A run as reads know it."""
    return RunInfo(run, origin, gone != LIVE, gone == HIDDEN)


class PostgresView(ChunkView):
    """See `View`."""

    def __init__(
        self, connection: Connection, runs: Iterable[int], tables: ChunkTables | None
    ) -> None:
        super().__init__(connection, tables)
        self.listings: dict[int, Listing] = {}
        numbers = list(runs)
        if numbers:
            self._read_listings(numbers)
            self._read_tombs(numbers)

    def _read_listings(self, runs: list[int]) -> None:
        classes: dict[int, dict[RowClass, list[FreshEntry]]] = {run: {} for run in runs}
        rows = self.connection.execute(
            'SELECT run, writer, system, "offset", fractional, fresh, row_lo, row_hi, n, n_points,'
            " console, n_bytes FROM fresh WHERE run = ANY(%s) AND chunk IS NULL ORDER BY fresh",
            (runs,),
        )
        for run, writer, system, offset, fractional, *entry in rows:
            row_class = RowClass(writer, system, offset, fractional)
            classes[run].setdefault(row_class, []).append(FreshEntry(*entry))
        self.listings = {
            run: {row_class: tuple(entries) for row_class, entries in of_run.items()}
            for run, of_run in classes.items()
        }

    def _read_tombs(self, runs: list[int]) -> None:
        tombs: dict[int, dict[int, dict[int, int]]] = {}
        for run, writer, key, row_hi in self.connection.execute(
            "SELECT run, writer, key, row_hi FROM tomb WHERE run = ANY(%s)", (runs,)
        ):
            tombs.setdefault(run, {}).setdefault(writer, {})[key] = row_hi
        self.tombs = dict(tombs)

    def writers(self, runs: Iterable[int]) -> list[tuple[int, int, str]]:
        return self.connection.execute(
            "SELECT run, writer, name FROM writer WHERE run = ANY(%s) ORDER BY name",
            (list(runs),),
        ).fetchall()

    def fresh(self, numbers: Sequence[int]) -> dict[int, bytes]:
        if not numbers:
            return {}
        blobs: dict[int, bytes] = {}
        # As text, bytes would be hexadecimal.
        cursor = self.connection.cursor(binary=True)
        for number, crc, data in cursor.execute(
            "SELECT fresh, crc, data FROM fresh WHERE fresh = ANY(%s)", (list(numbers),)
        ):
            if crc32(data) != crc:
                raise Damaged(f"{DAMAGED}: fresh {number}")
            blobs[number] = data
        return blobs


class Reader:
    """See `MetricDatabase`: of one store, for one call, in one thread. Close it.

    Its transaction begins with the first look-up and ends with the view that follows; a next
    look-up begins another.
    """

    def __init__(
        self,
        connections: Connections,
        keys: Keys,
        tables: ChunkTables | None,
        fresh_reader: FreshReader,
        store: int,
        names: Iterable[str] = (),
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._tables = tables
        self._fresh_reader = fresh_reader
        self._store = store
        self._names = list(dict.fromkeys(names))
        self._runs: dict[str, RunInfo] | None = None
        self._changes: dict[str, tuple[int | None, ...]] | None = None
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._keys_are_new = False

    def last_change(self, names: Iterable[str]) -> Hashable | None:
        """See `MetricDatabase.last_change`.

        A run's rows change with its count of batches, which any server counts in the transaction
        of the change.
        """
        if self._changes is None:
            # One statement outside of the transaction of the views, which an answer from caches
            # then does without.
            with self._connections.use() as connection:
                rows = connection.execute(
                    "SELECT name, run, gone, origin, mark FROM run LEFT JOIN dirty USING (run)"
                    " WHERE store = %s AND name = ANY(%s)",
                    (self._store, self._names),
                )
                self._changes = {name: tuple(change) for name, *change in rows}
        changes = [self._changes.get(name) for name in names]
        return None if None in changes else tuple(changes)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runs, self._connection, self._keys_are_new = None, None, False
        self._stack.__exit__(kind, error, trace)

    def connection(self) -> Connection:
        """The transaction of this read."""
        if self._connection is None:
            self._connection = self._stack.enter_context(self._connections.snapshot())
        return self._connection

    # Names

    def _infos(self) -> Mapping[str, RunInfo]:
        if self._runs is None:
            rows = self.connection().execute(
                "SELECT name, run, origin, gone FROM run WHERE store = %s AND name = ANY(%s)",
                (self._store, self._names),
            )
            self._runs = {name: run_info(*row) for name, *row in rows}
        return self._runs

    def run_or_tombstone(self, name: str) -> RunInfo | None:
        return self._infos().get(name)

    def find_run(self, name: str) -> RunInfo | None:
        info = self.run_or_tombstone(name)
        return None if info is None or info.gone else info

    def find_source(self, name: str) -> RunInfo | None:
        info = self.run_or_tombstone(name)
        return None if info is None or (info.gone and not info.is_hidden) else info

    def run_names(self) -> list[str]:
        rows = self.connection().execute(
            "SELECT name, run, origin, gone FROM run WHERE store = %s AND gone = %s",
            (self._store, LIVE),
        )
        runs = {name: run_info(*row) for name, *row in rows}
        self._names = list(dict.fromkeys([*self._names, *runs]))
        # Sources may be hidden runs, which are looked up by name.
        self._runs = {**self._infos(), **runs}
        return list(runs)

    def find_key(self, name: str) -> int | None:
        number = self._keys.find(name)
        if number is None and not self._keys_are_new:
            self._keys.refresh(self.connection())
            self._keys_are_new = True
            number = self._keys.find(name)
        return number

    def key_name(self, key: int) -> str:
        return self._keys.name(key, self.connection())

    def key_order(self) -> KeyOrder:
        if not self._keys_are_new:
            self._keys.refresh(self.connection())
            self._keys_are_new = True
        return self._keys.order()

    # Views

    @contextmanager
    def snapshot(self, runs: Iterable[int] = ()) -> Generator[PostgresView]:
        """See `MetricDatabase.snapshot`."""
        connection = self.connection()
        try:
            yield PostgresView(connection, runs, self._tables)
        finally:
            self.__exit__(None, None, None)

    def fresh_blocks(
        self, view: View, run: int, row_class: RowClass, entries: Sequence[FreshEntry]
    ) -> list[Block]:
        """See `MetricDatabase.fresh_blocks`."""
        blocks = self._fresh_reader.read(row_class, entries, view.fresh)
        tombs = view.tombs.get(run, {}).get(row_class.writer)
        return [drop_points(block, tombs) for block in blocks] if tombs else blocks
