"""The size on disk of a project, its runs and their metrics, summed from headers without blobs."""

from __future__ import annotations

from weft.server.storage.contract import RunUsage, Usage
from weft.server.storage.metrics.database import HIDDEN, LIVE, Database
from weft.server.storage.metrics.fresh import sum_bytes
from weft.server.storage.metrics.schema import listed


def read_usage(database: Database) -> Usage:
    """Bytes of the file and of each run. See `MetricStore.usage`."""
    present = listed((LIVE, HIDDEN))
    with database.snapshot() as view:
        free = view.db.execute("PRAGMA freelist_count").fetchone()[0]
        size = view.db.execute("PRAGMA page_size").fetchone()[0]
        chunks = dict(view.db.execute("SELECT run, sum(n_bytes) FROM chunk GROUP BY run"))
        runs = view.db.execute(
            f"SELECT run, name, console_bytes FROM run WHERE gone IN {present}"
        ).fetchall()
    with database.switch_lock:
        fresh = database.directory().bytes_by_run()
    by_run = {
        name: chunks.get(run, 0) + console + fresh.get(run, 0) for run, name, console in runs
    }
    console_by_run = {name: console for _, name, console in runs if console}
    return Usage(database.file_bytes(), free * size, by_run, console_by_run)


def read_run_usage(database: Database, name: str) -> RunUsage | None:
    """Bytes of a run and of each of its metrics. See `MetricStore.run_usage`."""
    info = database.find_source(name)
    if info is None:
        return None
    with database.snapshot([info.run]) as view:
        (chunks,) = view.db.execute(
            "SELECT coalesce(sum(n_bytes), 0) FROM chunk WHERE run = ?", (info.run,)
        ).fetchone()
        (console,) = view.db.execute(
            "SELECT console_bytes FROM run WHERE run = ?", (info.run,)
        ).fetchone()
        columns = view.db.execute(
            "SELECT key, sum(n_bytes) FROM col WHERE run = ? GROUP BY key", (info.run,)
        )
        by_key = {database.key_name(key): n_bytes for key, n_bytes in columns}
        fresh = sum_bytes(view.listings[info.run])
    return RunUsage(
        n_bytes=chunks + console + fresh, fresh_bytes=fresh, console_bytes=console, by_key=by_key
    )
