"""What all operations on one metric file share: connections, names, counters, the fresh directory.

Locks, always taken in this order:
    `write_lock`   held by whoever has a write transaction open.
    `switch_lock`  held while a commit that takes something away from readers (compaction,
                   deletion) becomes visible, and while a reader takes listing, tombstones and
                   snapshot, so that the three belong together.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np

from weft.errors import Damaged
from weft.server.storage.contract import Int64
from weft.server.storage.metrics.encoding.block import Block, RowClass, drop_points
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.encoding.codec import DAMAGED
from weft.server.storage.metrics.fresh import (
    FreshDirectory,
    FreshEntry,
    FreshReader,
    Listing,
)
from weft.server.storage.metrics.marks import DirtyMarks
from weft.server.storage.metrics.reading.counts import keep_fresh_counts, keep_run_counts
from weft.server.storage.metrics.reading.folds import keep_folds
from weft.server.storage.metrics.reading.kept import keep_cuts, keep_grids, keep_lasts
from weft.server.storage.metrics.schema import create_file, listed, open_connection
from weft.server.storage.names import NameTable

CHECKPOINT_BYTES: Final = 16 << 20
MAX_IDLE_READERS: Final = 4
IDS_PER_STATEMENT: Final = 2000

LIVE: Final = 0
DELETED: Final = 1
EMPTIED: Final = 2
HIDDEN: Final = 3
"""Column `gone` of a run: there; deleted, its rows to be removed; these removed; hidden, its rows
kept, since it is in the trash or other runs show some."""

Tombs = Mapping[int, Mapping[int, int]]
"""By writer, by key: the highest row whose point is deleted."""

NO_TOMBS: Final[Tombs] = {}


@dataclass(slots=True)
class RunInfo:
    """A run in the file.

    Attributes:
        origin: µs since 1970; None before its first batch.
        gone: it was deleted or hidden.
        is_hidden: its rows are kept.
    """

    run: int
    origin: int | None
    gone: bool
    is_hidden: bool = False


@dataclass(slots=True, frozen=True)
class KeyOrder:
    """The metrics of a file by name.

    Attributes:
        names: ascending.
        ranks: of each metric, by its number: its place among the names.
        table: the names, to be searched.
    """

    names: list[str]
    ranks: Int64
    table: NameTable


def _order_of(names: list[str], ranks: Int64) -> KeyOrder:
    return KeyOrder(names, ranks, NameTable(names))


@dataclass(slots=True)
class Snapshot:
    """One consistent view: a connection inside a read transaction, listings and tombstones."""

    db: sqlite3.Connection
    listings: dict[int, Listing]
    tombs: dict[int, Tombs]


class Database:
    """The open metric file of one project."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write_lock = threading.RLock()
        self.switch_lock = threading.Lock()
        self.writing = create_file(path)
        self.fresh_reader = FreshReader()
        self.grids = keep_grids()
        self.cuts = keep_cuts()
        self.folds = keep_folds()
        self.lasts = keep_lasts()
        self.fresh_counts = keep_fresh_counts()
        self.run_counts = keep_run_counts()
        self.pending: set[int] = set()
        """First numbers of ranges in `garbage` that a compaction is still writing."""
        self.frozen: set[str] = set()
        """Runs that take no batches now, since they are copied to another file."""
        self.doomed: dict[int, list[int]] = {}
        """By deleted run: its fresh batches that are still in the file."""
        self.n_reclaims_asked = 0
        """How often all space was asked back; of the first `n_reclaims_done` all was given."""
        self.n_reclaims_done = 0
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._checkpoint_lock = threading.Lock()
        self._unchecked_bytes = 0
        self._names_lock = threading.Lock()
        self._runs: dict[str, RunInfo] = {}
        self._keys: dict[str, int] = {}
        self._key_names: dict[int, str] = {}
        self._key_order = _order_of([], np.zeros(0, dtype=np.int64))
        self._directory = FreshDirectory()
        self._tombs: dict[int, dict[int, dict[int, int]]] = {}
        self._load()

    def _load(self) -> None:
        db = self.writing

        def above(table: str, column: str) -> int:
            return (db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] or 0) + 1

        self.next_fresh = above("fresh", "fresh")
        self.next_chunk = above("chunk", "chunk")
        self.next_part = max(
            above("part", "part"), above("chunk", "part_hi"), above("garbage", "part_hi")
        )
        for name, run, origin, gone in db.execute("SELECT name, run, origin, gone FROM run"):
            self._runs[name] = RunInfo(run, origin, gone != LIVE, gone == HIDDEN)
        for key, name in db.execute("SELECT key, name FROM key"):
            self._keys[name] = key
            self._key_names[key] = name
        for run, key, writer, row_hi in db.execute("SELECT run, key, writer, row_hi FROM tomb"):
            self._tombs.setdefault(run, {}).setdefault(writer, {})[key] = row_hi
        self.marks = DirtyMarks(run for (run,) in db.execute("SELECT run FROM dirty"))
        batches = db.execute(
            'SELECT gone, run, writer, system, "offset", fractional, fresh, row_lo, row_hi, n,'
            " n_points, console, length(data)"
            " FROM fresh JOIN writer USING (writer) JOIN run USING (run) ORDER BY fresh"
        )
        for gone, run, writer, system, offset, fractional, *entry in batches:
            if gone in {LIVE, HIDDEN}:
                row_class = RowClass(writer, bool(system), offset, bool(fractional))
                self._directory.add(run, row_class, FreshEntry(*entry))
            else:
                self.doomed.setdefault(run, []).append(entry[0])

    # Names

    def find_run(self, name: str) -> RunInfo | None:
        """A run that may be read: known and not deleted."""
        info = self._runs.get(name)
        return None if info is None or info.gone else info

    def find_source(self, name: str) -> RunInfo | None:
        """A run whose rows other runs may show: known, and its rows are there."""
        info = self._runs.get(name)
        return None if info is None or (info.gone and not info.is_hidden) else info

    def run_or_tombstone(self, name: str) -> RunInfo | None:
        """A run, deleted or not."""
        return self._runs.get(name)

    def run_names(self) -> list[str]:
        """All runs that may be read."""
        return [name for name, info in list(self._runs.items()) if not info.gone]

    def put_run(self, name: str, info: RunInfo) -> None:
        """Enter a run that is committed."""
        self._runs[name] = info

    def rename_run(self, old: str, new: str, info: RunInfo) -> None:
        """Enter a run that has got another name."""
        self._runs.pop(old, None)
        self._runs[new] = info

    def find_key(self, name: str) -> int | None:
        """The number of a metric's name."""
        return self._keys.get(name)

    def put_keys(self, keys: Mapping[str, int]) -> None:
        """Enter keys that are committed."""
        with self._names_lock:
            self._keys.update(keys)
            self._key_names.update({number: name for name, number in keys.items()})

    def key_name(self, key: int) -> str:
        """The name of a metric's number."""
        return self._key_names[key]

    def key_order(self) -> KeyOrder:
        """All metrics by name."""
        order = self._key_order
        if len(order.names) != len(self._keys):
            with self._names_lock:
                pairs = sorted(self._keys.items())
            ranks = np.zeros(max((key for _, key in pairs), default=-1) + 1, dtype=np.int64)
            ranks[[key for _, key in pairs]] = np.arange(len(pairs))
            order = self._key_order = _order_of([name for name, _ in pairs], ranks)
        return order

    # Reading

    @contextmanager
    def snapshot(self, runs: Iterable[int] = ()) -> Generator[Snapshot]:
        """Open a consistent view of the file and of the fresh batches of `runs`."""
        db = self._take_reader()
        try:
            with self.switch_lock:
                db.execute("BEGIN")
                # BEGIN alone takes no snapshot; the first read does.
                db.execute("SELECT 1 FROM garbage LIMIT 1").fetchone()
                listings = {run: self._directory.listing(run) for run in runs}
                tombs: dict[int, Tombs] = {
                    run: self._tombs[run] for run in listings if run in self._tombs
                }
            yield Snapshot(db, listings, tombs)
        finally:
            db.rollback()
            self._give_reader(db)

    def _take_reader(self) -> sqlite3.Connection:
        with self._readers_lock:
            if self._readers:
                return self._readers.pop()
        return open_connection(self.path)

    def _give_reader(self, db: sqlite3.Connection) -> None:
        with self._readers_lock:
            if len(self._readers) < MAX_IDLE_READERS:
                self._readers.append(db)
                return
        db.close()

    def fresh_blocks(
        self, view: Snapshot, run: int, row_class: RowClass, entries: Sequence[FreshEntry]
    ) -> list[Block]:
        """Fresh rows of one class, without the points of deleted metrics."""

        def fetch(wanted: list[int]) -> dict[int, bytes]:
            return fetch_blobs(view.db, "fresh", "fresh", wanted)

        blocks = self.fresh_reader.read(row_class, entries, fetch)
        tombs = view.tombs.get(run, {}).get(row_class.writer)
        return [drop_points(block, tombs) for block in blocks] if tombs else blocks

    # Writing

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """A write transaction; rolled back if the body raises. The body may commit it itself."""
        with self.write_lock:
            self.writing.execute("BEGIN IMMEDIATE")
            try:
                yield self.writing
                if self.writing.in_transaction:
                    self.writing.execute("COMMIT")
            except BaseException:
                if self.writing.in_transaction:
                    self.writing.execute("ROLLBACK")
                raise

    def take_numbers(self, n_parts: int) -> tuple[int, int, int]:
        """Numbers for a new chunk and its parts: chunk, first part, one past the last."""
        with self.write_lock:
            chunk, part = self.next_chunk, self.next_part
            self.next_chunk += 1
            self.next_part += n_parts
        return chunk, part, part + n_parts

    def directory(self) -> FreshDirectory:
        """The fresh directory; change it only under `switch_lock`."""
        return self._directory

    def drop_run(self, run: int) -> None:
        """Forget the rows of a run that is deleted; under both locks."""
        listing = self._directory.listing(run)
        doomed = [entry.fresh for entries in listing.values() for entry in entries]
        if doomed:
            self.doomed[run] = doomed
        self._directory.drop_run(run)
        self._tombs.pop(run, None)

    def tombs(self, run: int) -> Tombs:
        """Deleted metrics of a run. Immutable: `put_tombs` replaces it."""
        return self._tombs.get(run, NO_TOMBS)

    def put_tombs(self, run: int, tombs: dict[int, dict[int, int]]) -> None:
        """Replace the tombstones of a run; under `switch_lock`."""
        self._tombs[run] = tombs

    def note_written(self, n_bytes: int) -> None:
        """Count bytes that went to the write-ahead log; start a checkpoint when it is long.

        The checkpoint runs on a thread and connection of its own: its fsync of the whole file
        would hold up commits for a hundred milliseconds and more.
        """
        self._unchecked_bytes += n_bytes
        if self._unchecked_bytes >= CHECKPOINT_BYTES and self._checkpoint_lock.acquire(
            blocking=False
        ):
            self._unchecked_bytes = 0
            threading.Thread(target=self._checkpoint, name="weft-checkpoint").start()

    def _checkpoint(self) -> None:
        try:
            db = open_connection(self.path)
            try:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                # What was committed meanwhile is little; only once all is in the file does the
                # log start over, instead of growing for as long as uploads go on.
                with self.write_lock:
                    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                db.close()
        except sqlite3.OperationalError:
            # Busy or a full disk: the log stays as it is, and the next commit asks again.
            self._unchecked_bytes += CHECKPOINT_BYTES
        finally:
            self._checkpoint_lock.release()

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file, which only then shrinks; False if others that
        read or write are in the way.
        """
        db = open_connection(self.path)
        try:
            db.execute("PRAGMA busy_timeout = 0")
            (is_busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        finally:
            db.close()
        return not is_busy

    def close(self) -> None:
        """Close all connections; the last one checkpoints and removes the log."""
        # A full disk is no reason not to close; the marks are then struck out another time.
        with suppress(sqlite3.OperationalError), self.transaction() as db:
            self.marks.strike_out(db)
        with self._checkpoint_lock, self.write_lock, self._readers_lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            self.writing.close()

    def file_bytes(self) -> int:
        """Size on disk, with the write-ahead log."""
        paths = [self.path, self.path.with_name(self.path.name + "-wal")]
        return sum(path.stat().st_size for path in paths if path.exists())


def axis_shift(offset: int, origin: int | None) -> int:
    """µs that turn a writer's times into the run's time axis, kept within what int64 can add."""
    return max(min(offset - (origin or 0), 2**62), -(2**62))


def class_of(writer: int, system: bool, offset: int, block: Block) -> RowClass:
    """The class of a block's rows."""
    return RowClass(writer, system, offset, block.steps.dtype != "int64")


def fetch_blobs(
    db: sqlite3.Connection, table: str, column: str, wanted: Sequence[int]
) -> dict[int, bytes]:
    """Blobs of a table by their numbers, in statements of bounded length.

    Raises:
        Damaged: one of them is not what was written: no answer is made of it, and no new blob.
    """
    found: dict[int, bytes] = {}
    for at in range(0, len(wanted), IDS_PER_STATEMENT):
        some = listed(wanted[at : at + IDS_PER_STATEMENT])
        rows = db.execute(f"SELECT {column}, crc, data FROM {table} WHERE {column} IN {some}")
        for number, crc, data in rows:
            if crc32(data) != crc:
                raise Damaged(f"{DAMAGED}: {table} {number}")
            found[number] = data
    return found


def chunks_of(db: sqlite3.Connection, runs: Iterable[int]) -> dict[int, ChunkHeader]:
    """Headers of all chunks of some runs, by chunk."""
    rows = db.execute(f"SELECT * FROM chunk WHERE run IN {listed(runs)}")
    headers = (ChunkHeader(*row) for row in rows)
    return {header.chunk: header for header in headers}
