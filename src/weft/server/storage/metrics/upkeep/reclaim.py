"""Reclaims space: empties deleted runs, removes unreferenced parts, returns pages to the system.

Works in slices of at most 50 ms, so that ingest continues meanwhile.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Final

from weft.server.storage.metrics.database import DELETED, EMPTIED, Database
from weft.server.storage.metrics.schema import listed

SLICE_SECS: Final = 0.05
VACUUM_PAGES: Final = 64
ROWS_PER_SLICE: Final = 2000

YIELD_SECS: Final = 0.005
"""Pause between slices, which lets a waiting upload take the lock: locks are not fair."""

WASTE: Final = 0.05
"""If free pages exceed this share of the file, they are returned to the file system unasked.
Fewer pages are left for the next chunk, which would otherwise have to grow the file again."""

_TABLES_OF_RUN: Final = ("console", "metric", "tomb", "col", "axis_rule")


class Reclaimer:
    """Frees space, a slice at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reclaim_once(self) -> bool:
        """Do one slice; False if there was nothing to do."""
        database = self._database
        n_asked = database.n_reclaims_asked
        is_owed = n_asked > database.n_reclaims_done
        if self._empty_runs() or self._sweep() or self._vacuum(everything=is_owed):
            return True
        if is_owed and database.truncate_log() and not database.pending:
            database.n_reclaims_done = n_asked
        return False

    def reclaim_all(self) -> None:
        """Free all space and make the file as small as possible.

        Space that a reader or a compaction uses at the moment is freed by a later `reclaim_once`.
        """
        with self._database.switch_lock:
            self._database.n_reclaims_asked += 1
        while self.reclaim_once():
            time.sleep(YIELD_SECS)

    def _empty_runs(self) -> bool:
        """Remove a slice of deleted runs' rows; their chunks' parts become garbage."""
        query = f"SELECT run FROM run WHERE gone = {DELETED} LIMIT 1000"
        with self._database.snapshot() as view:
            if view.db.execute(query).fetchone() is None:
                return False
        doomed = self._database.doomed
        removed: dict[int, int] = {}
        with self._database.write_lock:
            with self._database.transaction(changed=()) as db:
                deadline = time.monotonic() + SLICE_SECS
                for (run,) in db.execute(query).fetchall():
                    batch = doomed.get(run, [])[:ROWS_PER_SLICE]
                    db.execute(f"DELETE FROM fresh WHERE fresh IN {listed(batch)}")
                    removed[run] = len(batch)
                    is_empty = len(batch) < ROWS_PER_SLICE and self._empty_run(db, run)
                    if not is_empty or time.monotonic() > deadline:
                        break
            for run, n in removed.items():
                remaining = doomed.pop(run, [])[n:]
                if remaining:
                    doomed[run] = remaining
        return True

    def _empty_run(self, db: sqlite3.Connection, run: int) -> bool:
        """Remove what a deleted run has besides fresh rows; returns False if more may be left."""
        db.execute(
            "INSERT INTO garbage SELECT part_lo, part_hi FROM chunk WHERE run = ?"
            " AND part_hi > part_lo",
            (run,),
        )
        db.execute("DELETE FROM chunk WHERE run = ?", (run,))
        for table in _TABLES_OF_RUN:
            if _delete_some(db, table, run):
                return False
        streams = "(SELECT stream FROM stream WHERE run = ?)"
        db.execute(f"DELETE FROM position WHERE stream IN {streams}", (run,))
        db.execute(f"DELETE FROM decoder WHERE stream IN {streams}", (run,))
        for table in ("stream", "writer", "dirty"):
            db.execute(f"DELETE FROM {table} WHERE run = ?", (run,))
        db.execute("UPDATE run SET gone = ?, console_bytes = 0 WHERE run = ?", (EMPTIED, run))
        return True

    def _sweep(self) -> bool:
        """Remove a slice of the parts that nothing refers to."""
        database = self._database
        with database.snapshot() as view:
            if view.db.execute("SELECT 1 FROM garbage").fetchone() is None:
                return False
        with database.transaction(changed=()) as db:
            deadline = time.monotonic() + SLICE_SECS
            ranges = [
                (lo, hi)
                for lo, hi in db.execute("SELECT part_lo, part_hi FROM garbage LIMIT 1000")
                if lo not in database.pending
            ]
            for lo, hi in ranges:
                parts = db.execute("SELECT part FROM part WHERE part >= ? AND part < ?", (lo, hi))
                for (part,) in parts.fetchall():
                    db.execute("DELETE FROM part WHERE part = ?", (part,))
                    if time.monotonic() > deadline:
                        return True
                db.execute("DELETE FROM garbage WHERE part_lo = ?", (lo,))
        return bool(ranges)

    def _vacuum(self, *, everything: bool) -> bool:
        """Return a slice of free pages to the file system; if they are few, only if `everything`.

        Returns whether any was freed.
        """
        database = self._database
        with database.write_lock:
            db = database.writing
            free, total = (
                db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("freelist_count", "page_count")
            )
            if free == 0 or (not everything and (free < total * WASTE or free < 1024)):
                return False
            deadline = time.monotonic() + SLICE_SECS
            before = free
            while free > 0 and time.monotonic() < deadline:
                # The pragma frees one page per step, and only `executescript` runs all steps.
                db.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES})")
                still_free = db.execute("PRAGMA freelist_count").fetchone()[0]
                if still_free >= free:
                    break
                free = still_free
        database.note_written((before - free) * 4096)
        return free < before


def _delete_some(db: sqlite3.Connection, table: str, run: int) -> bool:
    """Delete a slice of a run's rows from a table; returns whether more may be left."""
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
    columns = ", ".join(names)
    cursor = db.execute(
        f"DELETE FROM {table} WHERE ({columns}) IN"
        f" (SELECT {columns} FROM {table} WHERE run = ? LIMIT {ROWS_PER_SLICE})",
        (run,),
    )
    return cursor.rowcount == ROWS_PER_SLICE
