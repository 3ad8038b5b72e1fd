"""Copies runs from one metric file to another: rows, cells, console lines, positions, tombstones.

Blobs are copied without re-encoding their values; runs, writers, keys, chunks and parts get new
numbers in the target. The copies are hidden until `name_runs` gives them their names, so that a
kill leaves nothing visible. Written in transactions of a few MB, as in compaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from weft.server.storage.metrics.append import Appender, insert_fresh
from weft.server.storage.metrics.database import DELETED, HIDDEN, LIVE, Database
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.fresh import FreshEntry, renumber_fresh
from weft.server.storage.metrics.upkeep.delete import delete_runs
from weft.server.storage.metrics.upkeep.reclaim import Reclaimer
from weft.server.storage.metrics.upkeep.rewrite import SLICE_BYTES
from weft.server.storage.metrics.view import RunInfo

COPIED: Final = frozenset(
    {"run", "writer", "key", "stream", "position", "decoder", "fresh", "chunk", "col", "part"}
    | {"metric", "console", "tomb", "axis_rule"}
)
LEFT_OUT: Final = frozenset({"dirty", "garbage"})
"""Tables whose rows are copied, and those that the target fills itself."""

_Job = Callable[[sqlite3.Connection], object]


def copy_runs(
    source: Database, target: Database, appender: Appender, names: Mapping[str, str]
) -> None:
    """Copy runs under other names, hidden. See `MetricStore.copy_runs`."""
    delete_runs(target, appender, [new for new in names.values() if target.run_or_tombstone(new)])
    writing = _Writing(target)
    for name, new in names.items():
        info = source.find_source(name)
        if info is None:
            writing.add(lambda db, new=new: writing.make_run(db, new, None, 0), 0)
        else:
            _Copy(source, target, writing, info, new).copy()
    writing.flush()


def name_runs(
    database: Database, appender: Appender, names: Mapping[str, str], *, hidden: bool
) -> None:
    """Give hidden runs other names. See `MetricStore.name_runs`."""
    with database.transaction() as db:
        named: dict[str, RunInfo] = {}
        replaced: dict[str, RunInfo] = {}
        for old, new in names.items():
            info = database.run_or_tombstone(old)
            if info is None:
                continue
            before = database.run_or_tombstone(new)
            if before is not None:
                # The old number is not reused, because caches in memory are keyed by numbers.
                dead = f"//{before.run}"
                replaced[new] = before
                db.execute("UPDATE run SET name = ? WHERE run = ?", (dead, before.run))
                if before.is_hidden:
                    db.execute("UPDATE run SET gone = ? WHERE run = ?", (DELETED, before.run))
            state = HIDDEN if hidden else LIVE
            db.execute("UPDATE run SET name = ?, gone = ? WHERE run = ?", (new, state, info.run))
            named[old] = RunInfo(info.run, info.origin, gone=hidden, is_hidden=hidden)
        runs = [] if hidden else [info.run for info in named.values()]
        database.marks.write_new(db, runs)
        with database.switch_lock:
            db.execute("COMMIT")
            for before in replaced.values():
                database.put_run(f"//{before.run}", RunInfo(before.run, None, gone=True))
                database.drop_run(before.run)
            for old, info in named.items():
                database.rename_run(old, names[old], info)
        database.marks.add(runs)
        for before in replaced.values():
            database.marks.forget(before.run)
        appender.forget_runs({before.run for before in replaced.values()})
    if any(before.is_hidden for before in replaced.values()):
        Reclaimer(database).reclaim_all()


class _Writing:
    """Collects writes, and carries them out in transactions of bounded size."""

    def __init__(self, target: Database) -> None:
        self._target = target
        self._jobs: list[_Job] = []
        self._n_bytes = 0
        self._after: list[Callable[[], None]] = []
        self._keys: dict[str, int] = {}

    def add(self, job: _Job, n_bytes: int) -> None:
        """Queue a write behind all earlier ones."""
        self._jobs.append(job)
        self._n_bytes += n_bytes
        if self._n_bytes >= SLICE_BYTES:
            self.flush()

    def after(self, call: Callable[[], None]) -> None:
        """Run `call` under both locks once the transaction of the present job is durable."""
        self._after.append(call)

    def flush(self) -> None:
        """Carry out all queued writes."""
        if not self._jobs:
            return
        target = self._target
        # The write lock is held throughout, so that nothing comes between the commit and `after`.
        with target.write_lock:
            with target.transaction(changed=()) as db:
                for job in self._jobs:
                    job(db)
            target.put_keys(self._keys)
            with target.switch_lock:
                for call in self._after:
                    call()
            target.note_change(None)
        target.note_written(self._n_bytes)
        self._jobs.clear()
        self._after.clear()
        self._keys.clear()
        self._n_bytes = 0

    def make_run(
        self, db: sqlite3.Connection, name: str, origin: int | None, console_bytes: int
    ) -> int:
        """Make a hidden run, in place of a deleted run of the same name. Returns its number."""
        before = self._target.run_or_tombstone(name)
        row = {"origin": origin, "gone": HIDDEN, "console_bytes": console_bytes}
        if before is None:
            run = _insert(db, "run", {"name": name, **row})
        else:
            run = before.run
            db.execute(
                "UPDATE run SET origin = ?, gone = ?, console_bytes = ? WHERE run = ?",
                (*row.values(), run),
            )
        info = RunInfo(run, origin, gone=True, is_hidden=True)
        self.after(lambda: self._target.put_run(name, info))
        return run

    def key(self, db: sqlite3.Connection, name: str) -> int:
        """The target's number of a metric's name."""
        number = self._target.find_key(name) or self._keys.get(name)
        if number is None:
            number = self._keys[name] = _insert(db, "key", {"name": name})
        return number


class _Copy:
    """The copy of one run."""

    def __init__(
        self, source: Database, target: Database, writing: _Writing, info: RunInfo, new: str
    ) -> None:
        self._source = source
        self._target = target
        self._writing = writing
        self._info = info
        self._new = new
        self._run = 0
        self._writers: dict[int, int] = {}
        self._keys: dict[int, int] = {}

    def copy(self) -> None:
        with self._source.snapshot([self._info.run]) as view:
            self._copy_names(view.db)
            for row in _rows(view.db, "SELECT * FROM chunk WHERE run = ?", self._info.run):
                self._copy_chunk(view.db, row)
            for row_class, entries in view.listings[self._info.run].items():
                for entry in entries:
                    query = "SELECT crc, data FROM fresh WHERE fresh = ?"
                    _, data = view.db.execute(query, (entry.fresh,)).fetchone()
                    self._copy_fresh(row_class, entry, data)

    def _copy_names(self, db: sqlite3.Connection) -> None:
        """Copy the run itself and its small tables."""
        run = self._info.run
        ((console_bytes,),) = db.execute("SELECT console_bytes FROM run WHERE run = ?", (run,))
        tables = {
            table: list(_rows(db, f"SELECT * FROM {table} WHERE run = ?", run))
            for table in ("writer", "stream", "metric", "tomb", "console", "axis_rule")
        }
        of_streams = "stream IN (SELECT stream FROM stream WHERE run = ?)"
        ends = {
            table: list(_rows(db, f"SELECT * FROM {table} WHERE {of_streams}", run))
            for table in ("position", "decoder")
        }

        def write(db: sqlite3.Connection) -> None:
            self._run = self._writing.make_run(db, self._new, self._info.origin, console_bytes)
            for row in tables["writer"]:
                self._writers[row["writer"]] = _insert(
                    db, "writer", {"run": self._run, "name": row["name"]}
                )
            for row in tables["stream"]:
                stream = _insert(db, "stream", {"run": self._run, "name": row["name"]})
                for table, rows in ends.items():
                    for end in rows:
                        if end["stream"] == row["stream"]:
                            _insert(db, table, end | {"stream": stream})
            for table in ("metric", "tomb", "console", "axis_rule"):
                for row in tables[table]:
                    _insert(db, table, self._renumbered(db, row))
            tombs: dict[int, dict[int, int]] = {}
            for row in (self._renumbered(db, row) for row in tables["tomb"]):
                tombs.setdefault(row["writer"], {})[row["key"]] = row["row_hi"]
            if tombs:
                self._writing.after(lambda: self._target.put_tombs(self._run, tombs))

        self._writing.add(write, console_bytes + 4096)

    def _copy_chunk(self, db: sqlite3.Connection, chunk: dict[str, Any]) -> None:
        part_lo, part_hi = chunk["part_lo"], chunk["part_hi"]
        number, first, end = self._target.take_numbers(part_hi - part_lo)
        columns = list(
            _rows(
                db, "SELECT * FROM col WHERE run = ? AND chunk = ?", self._info.run, chunk["chunk"]
            )
        )
        # Until the chunk exists its parts are listed as garbage, so that a kill leaves no leak.
        self._target.pending.add(first)
        self._writing.add(lambda db: _do(db, "INSERT INTO garbage VALUES (?, ?)", (first, end)), 0)
        parts = db.execute(
            "SELECT part, crc, data FROM part WHERE part >= ? AND part < ?", (part_lo, part_hi)
        )
        for part, crc, data in parts:
            moved = (part - part_lo + first, crc, data)
            self._writing.add(
                lambda db, moved=moved: _do(db, "INSERT INTO part VALUES (?, ?, ?)", moved),
                len(data),
            )

        def write(db: sqlite3.Connection) -> None:
            ends = {"chunk": number, "part_lo": first, "part_hi": end}
            _insert(db, "chunk", self._renumbered(db, chunk) | ends)
            for column in columns:
                part = column["part"] - part_lo + first
                _insert(db, "col", self._renumbered(db, column) | {"chunk": number, "part": part})
            db.execute("DELETE FROM garbage WHERE part_lo = ?", (first,))
            self._writing.after(lambda: self._target.pending.discard(first))

        self._writing.add(write, 0)

    def _copy_fresh(self, row_class: RowClass, entry: FreshEntry, data: bytes) -> None:
        def write(db: sqlite3.Connection) -> None:
            blob = renumber_fresh(data, lambda key: self._key(db, key))
            number = self._target.next_fresh
            self._target.next_fresh += 1
            copied_class = row_class._replace(writer=self._writers[row_class.writer])
            copied = entry._replace(fresh=number, n_bytes=len(blob))
            insert_fresh(db, copied_class, copied, blob)
            self._writing.after(
                lambda: self._target.directory().add(self._run, copied_class, copied)
            )

        self._writing.add(write, len(data))

    def _renumbered(self, db: sqlite3.Connection, row: dict[str, Any]) -> dict[str, Any]:
        changed = row | {"run": self._run}
        if "writer" in row:
            changed["writer"] = self._writers[row["writer"]]
        for name in ("key", "axis"):
            if row.get(name) is not None:
                changed[name] = self._key(db, row[name])
        return changed

    def _key(self, db: sqlite3.Connection, key: int) -> int:
        number = self._keys.get(key)
        if number is None:
            number = self._keys[key] = self._writing.key(db, self._source.key_name(key))
        return number


def _rows(db: sqlite3.Connection, query: str, *values: Any) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def _insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    return cursor.lastrowid or 0


def _do(db: sqlite3.Connection, statement: str, values: Sequence[Any]) -> None:
    db.execute(statement, values)
