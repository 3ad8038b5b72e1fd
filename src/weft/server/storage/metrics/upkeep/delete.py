"""Deletes runs, some of their metrics, or their console lines.

Runs and metrics are hidden at once, then removed.

Deletions leave tombstones. A run can also be hidden for as long as it is in the trash or other
runs show its rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from weft.server.storage.metrics.append import Appender
from weft.server.storage.metrics.database import DELETED, EMPTIED, HIDDEN, LIVE, Database
from weft.server.storage.metrics.encoding.chunk import ColumnHeader
from weft.server.storage.metrics.schema import listed
from weft.server.storage.metrics.upkeep.reclaim import Reclaimer
from weft.server.storage.metrics.view import RunInfo


def hide_runs(database: Database, appender: Appender, names: Iterable[str]) -> None:
    """Hide runs from reads, but keep their rows. See `MetricStore.hide_runs`."""
    with database.transaction() as db:
        hidden: dict[str, RunInfo] = {}
        for name in dict.fromkeys(names):
            info = database.run_or_tombstone(name)
            if info is None:
                hidden[name] = RunInfo(_insert_run(db, name, HIDDEN), None, True, is_hidden=True)
            elif not info.gone:
                db.execute("UPDATE run SET gone = ? WHERE run = ?", (HIDDEN, info.run))
                hidden[name] = RunInfo(info.run, info.origin, gone=True, is_hidden=True)
        with database.switch_lock:
            db.execute("COMMIT")
            for name, info in hidden.items():
                database.put_run(name, info)
        appender.forget_runs({info.run for info in hidden.values()})


def show_runs(database: Database, names: Iterable[str]) -> None:
    """Undo `hide_runs`, or remove deleted runs' tombstones. See `MetricStore.show_runs`."""
    infos = {name: database.run_or_tombstone(name) for name in dict.fromkeys(names)}
    deleted = {name: info for name, info in infos.items() if info is not None and info.gone}
    if any(not info.is_hidden for info in deleted.values()):
        # Leftover rows must not become part of a new run of that name.
        Reclaimer(database).reclaim_all()
    with database.transaction() as db:
        shown: dict[str, RunInfo] = {}
        for name, info in deleted.items():
            origin = info.origin if info.is_hidden else None
            db.execute(
                "UPDATE run SET gone = ?, origin = ? WHERE run = ?", (LIVE, origin, info.run)
            )
            shown[name] = RunInfo(info.run, origin, gone=False)
        with database.switch_lock:
            db.execute("COMMIT")
            for name, info in shown.items():
                database.put_run(name, info)


def delete_runs(database: Database, appender: Appender, names: Iterable[str]) -> None:
    """Delete runs. See `MetricStore.delete_runs`.

    If a kill interrupts it, the tombstones remain and `compact` removes the rest.
    """
    with database.transaction() as db:
        deleted: dict[str, int] = {}
        for name in dict.fromkeys(names):
            info = database.run_or_tombstone(name)
            if info is None:
                deleted[name] = _insert_run(db, name, EMPTIED)
            elif not info.gone or info.is_hidden:
                deleted[name] = info.run
                db.execute("UPDATE run SET gone = ? WHERE run = ?", (DELETED, info.run))
        with database.switch_lock:
            db.execute("COMMIT")
            for name, run in deleted.items():
                database.put_run(name, RunInfo(run, None, gone=True))
                database.drop_run(run)
        for run in deleted.values():
            database.marks.forget(run)
        appender.forget_runs(set(deleted.values()))
    Reclaimer(database).reclaim_all()


def drop_runs(database: Database, appender: Appender, names: Iterable[str]) -> None:
    """Delete runs and free their names. See `MetricStore.drop_runs`."""
    with database.transaction() as db:
        dropped: dict[str, RunInfo] = {}
        for name in dict.fromkeys(names):
            info = database.run_or_tombstone(name)
            if info is None:
                continue
            # The old number is not reused, because caches in memory are keyed by numbers.
            dropped[name] = info
            db.execute(
                "UPDATE run SET name = ?, gone = ? WHERE run = ?",
                (f"//{info.run}", DELETED, info.run),
            )
        with database.switch_lock:
            db.execute("COMMIT")
            for name, info in dropped.items():
                tombstone = RunInfo(info.run, None, gone=True)
                database.rename_run(name, f"//{info.run}", tombstone)
                database.drop_run(info.run)
        for info in dropped.values():
            database.marks.forget(info.run)
        appender.forget_runs({info.run for info in dropped.values()})


def delete_metrics(database: Database, names: Iterable[str], keys: Sequence[str]) -> None:
    """Delete some metrics of runs. See `MetricStore.delete_metrics`."""
    runs = [info.run for name in dict.fromkeys(names) if (info := database.find_run(name))]
    if not runs or not keys:
        return
    with database.transaction() as db:
        numbers: dict[str, int] = {}
        for key in keys:
            number = database.find_key(key)
            if number is None:
                # Late rows may still bring this metric: they too are below the tombstone.
                number = db.execute("INSERT INTO key (name) VALUES (?)", (key,)).lastrowid
                assert number is not None
            numbers[key] = number
        changed: dict[int, dict[int, dict[int, int]]] = {}
        for run in runs:
            highest = _highest_rows(database, db, run)
            if highest:
                changed[run] = _tombs(database, db, run, numbers.values(), highest)
                _drop_columns(db, run, numbers.values())
        # The summary has to forget the metrics too.
        database.marks.write_new(db, changed)
        with database.switch_lock:
            db.execute("COMMIT")
            database.put_keys(numbers)
            for run, tombs in changed.items():
                database.put_tombs(run, tombs)
        database.marks.add(changed)
    Reclaimer(database).reclaim_all()


def delete_console(database: Database, names: Iterable[str]) -> None:
    """Delete console lines of runs, without fresh ones. See `MetricStore.delete_console`."""
    runs = [info.run for name in dict.fromkeys(names) if (info := database.find_run(name))]
    for run in runs:
        with database.transaction(changed=()) as db:
            db.execute("DELETE FROM console WHERE run = ?", (run,))
            db.execute("UPDATE run SET console_bytes = 0 WHERE run = ?", (run,))
    if runs:
        Reclaimer(database).reclaim_all()


def _insert_run(db: sqlite3.Connection, name: str, state: int) -> int:
    run = db.execute("INSERT INTO run (name, gone) VALUES (?, ?)", (name, state)).lastrowid
    assert run is not None
    return run


def _tombs(
    database: Database,
    db: sqlite3.Connection,
    run: int,
    keys: Iterable[int],
    highest: dict[int, int],
) -> dict[int, dict[int, int]]:
    """Write the tombstones of a run's metrics, and return all tombstones of the run."""
    db.executemany(
        "REPLACE INTO tomb VALUES (?, ?, ?, ?)",
        [(run, key, writer, row_hi) for key in keys for writer, row_hi in highest.items()],
    )
    tombs = {writer: dict(rows) for writer, rows in database.tombs(run).items()}
    for writer, row_hi in highest.items():
        tombs.setdefault(writer, {}).update(dict.fromkeys(keys, row_hi))
    return tombs


def _drop_columns(db: sqlite3.Connection, run: int, keys: Iterable[int]) -> None:
    """Remove the columns of metrics from a run's chunks; their parts become garbage."""
    of_keys = f"run = {run} AND key IN {listed(keys)}"
    columns = [ColumnHeader(*row) for row in db.execute(f"SELECT * FROM col WHERE {of_keys}")]
    db.executemany(
        "INSERT INTO garbage VALUES (?, ?)",
        [(column.part, column.part_hi) for column in columns],
    )
    db.executemany(
        "UPDATE chunk SET n_points = n_points - ?, n_bytes = n_bytes - ? WHERE chunk = ?",
        [(column.n, column.n_bytes, column.chunk) for column in columns],
    )
    db.execute(f"DELETE FROM col WHERE {of_keys}")
    db.execute(f"DELETE FROM metric WHERE {of_keys}")


def _highest_rows(database: Database, db: sqlite3.Connection, run: int) -> dict[int, int]:
    """The highest row of each writer of a run."""
    highest: dict[int, int] = dict(
        db.execute("SELECT writer, max(row_hi) FROM chunk WHERE run = ? GROUP BY writer", (run,))
    )
    for row_class, entries in database.directory().listing(run).items():
        row_hi = max(entry.row_hi for entry in entries)
        highest[row_class.writer] = max(highest.get(row_class.writer, -1), row_hi)
    return highest
