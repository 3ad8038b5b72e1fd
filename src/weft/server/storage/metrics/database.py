"""State of one metric file that all operations share: connections, names, counters, fresh rows.

Locks, always taken in this order:
    `write_lock`   held by the thread that has a write transaction open.
    `switch_lock`  held while a commit that removes something (compaction, deletion) becomes
                   visible, and while a reader takes listing, tombstones and snapshot, so that
                   the three match.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from weft.server.storage.metrics.encoding.block import Block, RowClass, drop_points
from weft.server.storage.metrics.fresh import (
    FreshDirectory,
    FreshEntry,
    FreshReader,
)
from weft.server.storage.metrics.marks import DirtyMarks
from weft.server.storage.metrics.schema import create_file, open_connection
from weft.server.storage.metrics.snapshot import Snapshot
from weft.server.storage.metrics.view import NO_TOMBS, KeyOrder, RunInfo, Tombs, View, order_keys

CHECKPOINT_BYTES: Final = 16 << 20
MAX_IDLE_READERS: Final = 4

LIVE: Final = 0
DELETED: Final = 1
EMPTIED: Final = 2
HIDDEN: Final = 3
"""Values of a run's column `gone`.

`LIVE`: not deleted. `DELETED`: deleted, its rows still to be removed. `EMPTIED`: deleted, its rows
removed. `HIDDEN`: its rows are kept, because it is in the trash or other runs show some of them.
"""


class Database:
    """The open metric file of one project."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write_lock = threading.RLock()
        self.switch_lock = threading.Lock()
        self.writing = create_file(path)
        self.fresh_reader = FreshReader()
        self.pending: set[int] = set()
        """First numbers of ranges in `garbage` that a compaction is still writing."""
        self.frozen: Counter[str] = Counter()
        """By run, the number of copies to other files during which it refuses batches."""
        self.doomed: dict[int, list[int]] = {}
        """The fresh batches of each deleted run that are still in the file."""
        self.n_reclaims_asked = 0
        """Requests to reclaim all space; the first `n_reclaims_done` are done."""
        self.n_reclaims_done = 0
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._checkpoint_lock = threading.Lock()
        self._unchecked_bytes = 0
        self._names_lock = threading.Lock()
        self._runs: dict[str, RunInfo] = {}
        self._keys: dict[str, int] = {}
        self._key_names: dict[int, str] = {}
        self._key_order = order_keys({})
        self._directory = FreshDirectory()
        self._tombs: dict[int, dict[int, dict[int, int]]] = {}
        self._n_changes = 0
        self._changed = 0
        self._changes: dict[int, int] = {}
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
        for name, run, origin, state in db.execute("SELECT name, run, origin, gone FROM run"):
            self._runs[name] = RunInfo(run, origin, state != LIVE, state == HIDDEN)
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
        for state, run, writer, system, offset, fractional, *entry in batches:
            if state in {LIVE, HIDDEN}:
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
        """A run whose rows other runs may show: known, and its rows are kept."""
        info = self._runs.get(name)
        return None if info is None or (info.gone and not info.is_hidden) else info

    def run_or_tombstone(self, name: str) -> RunInfo | None:
        """A run, deleted or not."""
        return self._runs.get(name)

    def run_names(self) -> list[str]:
        """All runs that may be read."""
        return [name for name, info in list(self._runs.items()) if not info.gone]

    def put_run(self, name: str, info: RunInfo) -> None:
        """Register a committed run."""
        self._runs[name] = info

    def rename_run(self, old: str, new: str, info: RunInfo) -> None:
        """Register a run under its new name."""
        self._runs.pop(old, None)
        self._runs[new] = info

    def find_key(self, name: str) -> int | None:
        """The number of a metric's name."""
        return self._keys.get(name)

    def put_keys(self, keys: Mapping[str, int]) -> None:
        """Register committed keys."""
        with self._names_lock:
            self._keys.update(keys)
            self._key_names.update({number: name for name, number in keys.items()})

    def key_name(self, key: int) -> str:
        """The name of the metric with a number."""
        return self._key_names[key]

    def key_order(self) -> KeyOrder:
        """All metrics by name."""
        order = self._key_order
        if len(order.names) != len(self._keys):
            with self._names_lock:
                keys = dict(self._keys)
            order = self._key_order = order_keys(keys)
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
        self, view: View, run: int, row_class: RowClass, entries: Sequence[FreshEntry]
    ) -> list[Block]:
        """Fresh rows of one class, without the points of deleted metrics."""
        blocks = self.fresh_reader.read(row_class, entries, view.fresh)
        tombs = view.tombs.get(run, {}).get(row_class.writer)
        return [drop_points(block, tombs) for block in blocks] if tombs else blocks

    def last_change(self, names: Iterable[str]) -> int | None:
        number = 0
        for name in names:
            info = self._runs.get(name)
            if info is None:
                return None
            number = max(number, self._changes.get(info.run, 0))
        return max(number, self._changed)

    def note_change(self, runs: Iterable[int] | None) -> None:
        """Count a change of runs, of any if None. Call it under the write lock, once reads show
        the change, and before its caller is answered.
        """
        self._n_changes += 1
        if runs is None:
            self._changed = self._n_changes
        else:
            self._changes.update(dict.fromkeys(runs, self._n_changes))

    # Writing

    @contextmanager
    def transaction(self, changed: Iterable[int] | None = None) -> Generator[sqlite3.Connection]:
        """A write transaction; rolled back if the body raises. The body may commit it itself.

        `changed` are the runs of which reads show something else afterwards; None if any may be.
        """
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
            finally:
                self.note_change(changed)

    def take_numbers(self, n_parts: int) -> tuple[int, int, int]:
        """Numbers for a new chunk and its parts: chunk, first part, one past the last."""
        with self.write_lock:
            chunk, part = self.next_chunk, self.next_part
            self.next_chunk += 1
            self.next_part += n_parts
        return chunk, part, part + n_parts

    def directory(self) -> FreshDirectory:
        """The fresh directory. Change it only under `switch_lock`."""
        return self._directory

    def drop_run(self, run: int) -> None:
        """Forget the rows of a deleted run. Call it under both locks."""
        listing = self._directory.listing(run)
        doomed = [entry.fresh for entries in listing.values() for entry in entries]
        if doomed:
            self.doomed[run] = doomed
        self._directory.drop_run(run)
        self._tombs.pop(run, None)

    def tombs(self, run: int) -> Tombs:
        """The deleted metrics of a run. Immutable: `put_tombs` replaces it."""
        return self._tombs.get(run, NO_TOMBS)

    def put_tombs(self, run: int, tombs: dict[int, dict[int, int]]) -> None:
        """Replace the tombstones of a run. Call it under `switch_lock`."""
        self._tombs[run] = tombs

    def note_written(self, n_bytes: int) -> None:
        """Count bytes written to the write-ahead log, and start a checkpoint when it is long.

        The checkpoint has its own thread and connection, because its fsync of the whole file would
        delay commits by a hundred milliseconds or more.
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
                # Little was committed meanwhile. The log starts over only when all of it is in the
                # file; without this second pass it would grow for as long as uploads arrive.
                with self.write_lock:
                    db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                db.close()
        except sqlite3.OperationalError:
            # The file is busy or the disk is full: the next commit tries again.
            self._unchecked_bytes += CHECKPOINT_BYTES
        finally:
            self._checkpoint_lock.release()

    def truncate_log(self) -> bool:
        """Move the write-ahead log into the file, which can only then shrink.

        False if another reader or writer prevents it.
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
        """Close all connections. The last one checkpoints and removes the log."""
        # A full disk must not prevent closing; the marks are then deleted another time.
        with suppress(sqlite3.OperationalError), self.transaction(changed=()) as db:
            self.marks.strike_out(db)
        with self._checkpoint_lock, self.write_lock, self._readers_lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            self.writing.close()

    def file_bytes(self) -> int:
        """Size on disk in bytes, including the write-ahead log."""
        paths = [self.path, self.path.with_name(self.path.name + "-wal")]
        return sum(path.stat().st_size for path in paths if path.exists())


def class_of(writer: int, system: bool, offset: int, block: Block) -> RowClass:
    """The class of a block's rows."""
    return RowClass(writer, system, offset, block.steps.dtype != "int64")
