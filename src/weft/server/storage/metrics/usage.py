"""What a project costs on disk."""

from __future__ import annotations

from typing import Final

from weft.server.storage.contract import Usage
from weft.server.storage.metrics.database import HIDDEN, LIVE, Database
from weft.server.storage.metrics.schema import listed

_PRESENT: Final = listed((LIVE, HIDDEN))


def read_usage(database: Database) -> Usage:
    """Bytes of the file, and of each run's blobs. See `MetricStore.usage`."""
    with database.snapshot() as view:
        free = view.db.execute("PRAGMA freelist_count").fetchone()[0]
        size = view.db.execute("PRAGMA page_size").fetchone()[0]
        chunks = view.db.execute(
            "SELECT name, sum(length(data)) FROM chunk JOIN run USING (run)"
            " JOIN part ON part >= part_lo AND part < part_hi"
            f" WHERE gone IN {_PRESENT} GROUP BY name"
        )
        by_run: dict[str, int] = dict(chunks)
        others = view.db.execute(
            "SELECT run.name, sum(length(data)) FROM fresh JOIN writer USING (writer)"
            f" JOIN run ON run.run = writer.run WHERE gone IN {_PRESENT} GROUP BY run.name"
        ).fetchall()
        others += view.db.execute(
            "SELECT name, sum(length(data)) FROM console JOIN run USING (run)"
            f" WHERE gone IN {_PRESENT} GROUP BY name"
        ).fetchall()
        for name, n_bytes in others:
            by_run[name] = by_run.get(name, 0) + n_bytes
    return Usage(database.file_bytes(), free * size, by_run)
