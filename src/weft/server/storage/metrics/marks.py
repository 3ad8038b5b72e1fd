"""Dirty marks: which runs' summaries in the metadata are older than their points."""

from __future__ import annotations

from weft.server.storage.metrics.database import Database


def dirty_runs(database: Database) -> list[str]:
    """Runs to project. See `MetricStore.dirty_runs`."""
    with database.snapshot() as view:
        rows = view.db.execute(
            "SELECT name FROM mark JOIN run USING (run) WHERE mark > clean AND gone = 0"
        )
        return [name for (name,) in rows]


def read_mark(database: Database, run: str) -> int:
    """The mark of a run, 0 = clean. See `MetricStore.dirty_mark`."""
    info = database.find_run(run)
    if info is None:
        return 0
    with database.snapshot() as view:
        row = view.db.execute(
            "SELECT mark FROM mark WHERE run = ? AND mark > clean", (info.run,)
        ).fetchone()
    return row[0] if row else 0


def clean_mark(database: Database, run: str, mark: int) -> None:
    """Note that points up to `mark` are projected. See `MetricStore.clean`."""
    info = database.find_run(run)
    if info is None:
        return
    with database.transaction() as db:
        db.execute("UPDATE mark SET clean = max(clean, ?) WHERE run = ?", (mark, info.run))
