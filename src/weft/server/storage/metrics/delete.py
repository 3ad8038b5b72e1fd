"""Deletion of a run or of one of its metrics: hidden at once, then removed. Leaves a tombstone."""

from __future__ import annotations

import sqlite3

from weft.server.storage.metrics.append import Appender
from weft.server.storage.metrics.chunk import ColumnHeader
from weft.server.storage.metrics.database import DELETED, EMPTIED, HIDDEN, Database, RunInfo
from weft.server.storage.metrics.reclaim import Reclaimer


def hide_run(database: Database, appender: Appender, name: str) -> None:
    """Delete a run, but keep its rows for other runs. See `MetricStore.hide_run`."""
    info = database.run_or_tombstone(name)
    if info is None:
        delete_run(database, appender, name)
        return
    with database.transaction() as db:
        if info.gone:
            return
        db.execute("DELETE FROM dirty WHERE run = ?", (info.run,))
        db.execute("UPDATE run SET gone = ? WHERE run = ?", (HIDDEN, info.run))
        with database.switch_lock:
            db.execute("COMMIT")
            database.put_run(name, RunInfo(info.run, info.origin, gone=True, is_hidden=True))
        database.marks.forget(info.run)
        appender.forget_run(info.run)


def delete_run(database: Database, appender: Appender, name: str) -> None:
    """Delete a run. See `MetricStore.delete_run`.

    A kill in between leaves the tombstone, and `compact` removes the rest.
    """
    with database.transaction() as db:
        info = database.run_or_tombstone(name)
        if info is None:
            run = db.execute(
                "INSERT INTO run (name, gone) VALUES (?, ?)", (name, EMPTIED)
            ).lastrowid
            assert run is not None
        else:
            run = info.run
            if not info.gone or info.is_hidden:
                db.execute("UPDATE run SET gone = ? WHERE run = ?", (DELETED, run))
        with database.switch_lock:
            db.execute("COMMIT")
            database.put_run(name, RunInfo(run, None, gone=True))
            database.directory().drop_run(run)
        database.marks.forget(run)
        appender.forget_run(run)
    Reclaimer(database).reclaim_all()


def delete_metric(database: Database, run_name: str, key_name: str) -> None:
    """Delete one metric of a run. See `MetricStore.delete_metric`."""
    info = database.find_run(run_name)
    if info is None:
        return
    run = info.run
    with database.transaction() as db:
        key = database.find_key(key_name)
        if key is None:
            # Rows that came late may still bring it: they too are below the tombstone.
            key = db.execute("INSERT INTO key (name) VALUES (?)", (key_name,)).lastrowid
            assert key is not None
        highest = _highest_rows(database, db, run)
        db.executemany(
            "REPLACE INTO tomb VALUES (?, ?, ?, ?)",
            [(run, key, writer, row_hi) for writer, row_hi in highest.items()],
        )
        headers = db.execute("SELECT * FROM col WHERE run = ? AND key = ?", (run, key))
        columns = [ColumnHeader(*row) for row in headers]
        db.executemany(
            "INSERT INTO garbage VALUES (?, ?)",
            [(column.part, column.part_hi) for column in columns],
        )
        db.executemany(
            "UPDATE chunk SET n_points = n_points - ? WHERE chunk = ?",
            [(column.n, column.chunk) for column in columns],
        )
        db.execute("DELETE FROM col WHERE run = ? AND key = ?", (run, key))
        db.execute("DELETE FROM metric WHERE run = ? AND key = ?", (run, key))
        # The summary has to forget the metric too.
        changed = [run] if highest else []
        database.marks.write_new(db, changed)
        tombs = {writer: dict(keys) for writer, keys in database.tombs(run).items()}
        for writer, row_hi in highest.items():
            tombs.setdefault(writer, {})[key] = row_hi
        with database.switch_lock:
            db.execute("COMMIT")
            database.put_keys({key_name: key})
            database.put_tombs(run, tombs)
        database.marks.add(changed)
    Reclaimer(database).reclaim_all()


def _highest_rows(database: Database, db: sqlite3.Connection, run: int) -> dict[int, int]:
    """The highest row of each writer of a run."""
    highest: dict[int, int] = dict(
        db.execute("SELECT writer, max(row_hi) FROM chunk WHERE run = ? GROUP BY writer", (run,))
    )
    for row_class, entries in database.directory().listing(run).items():
        row_hi = max(entry.row_hi for entry in entries)
        highest[row_class.writer] = max(highest.get(row_class.writer, -1), row_hi)
    return highest
